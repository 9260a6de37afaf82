package stacks

// PodSecurityLevel is a level of the Pod Security Standards.
type PodSecurityLevel string

// Pod Security levels, the strictest first.
const (
	PodSecurityRestricted PodSecurityLevel = "restricted"
	PodSecurityBaseline   PodSecurityLevel = "baseline"
	PodSecurityPrivileged PodSecurityLevel = "privileged"
)

// Policy guards the stack's namespace. Who may connect to whom is not config: it follows from the service catalogue. What
// config says is where the others are whom the platform connects to, and how much of the cluster it may take.
type Policy struct {
	// IstioNamespace is where istiod runs: the sidecars get their configuration and certificates from it.
	IstioNamespace string `json:"istioNamespace"`
	// MonitoringNamespace is where Prometheus runs: it may scrape the metrics. It must not be the stack's own, where
	// everything that the catalogue does not know is cut off.
	MonitoringNamespace string `json:"monitoringNamespace"`
	// DNSNamespace is where the cluster's DNS runs; it must answer on port 53 of its pods.
	DNSNamespace string `json:"dnsNamespace"`
	// DNSCIDRs are the addresses of a DNS cache on the nodes, which has no pods that a policy could name; empty where there
	// is none.
	DNSCIDRs []string `json:"dnsCIDRs"`
	// APIServerCIDRs are the addresses of the Kubernetes API server, which no policy can name otherwise: the database's
	// instance manager and Redis's master discovery need it, on the ports 443 and 6443. The default, 0.0.0.0/0, lets these
	// two reach any address on these ports: narrow it in production (kubectl get endpointslices kubernetes, and the cluster
	// IP of the Service kubernetes).
	APIServerCIDRs []string `json:"apiServerCIDRs"`
	// BackupCIDRs are the addresses of the object store for the database's backups; empty where there are no backups, or
	// where APIServerCIDRs covers them.
	BackupCIDRs []string `json:"backupCIDRs"`
	// BackupPort of the object store, 1 to 65535.
	BackupPort int `json:"backupPort"`
	// Isolated cuts every connection of every pod in the namespace, but for the kubelet's: the answer to a data breach. Logs
	// and volumes stay as evidence. The database's primary restarts while it cannot reach the API server.
	Isolated bool `json:"isolated"`
	// PodSecurity is the level that the namespace enforces. The services and both data stores meet restricted; sidecars do
	// where Istio's CNI node agent sets up their network. Without it, istio-init needs privileged.
	PodSecurity PodSecurityLevel `json:"podSecurity"`
	Quota       Quota            `json:"quota"`
}

// Quota bounds what the namespace may ask the cluster for. It counts requests, not limits.
type Quota struct {
	// Enabled declares a ResourceQuota, and a LimitRange that gives a request to containers without one.
	Enabled bool `json:"enabled"`
	// CPU and Memory that all pods together may request, as quantities. No container may have a memory limit above Memory.
	CPU    string `json:"cpu"`
	Memory string `json:"memory"`
	// Storage of all claims together, as a quantity.
	Storage string `json:"storage"`
	// Pods at a time, 1 to 5000.
	Pods int `json:"pods"`
	// PersistentVolumeClaims, 1 to 1000.
	PersistentVolumeClaims int `json:"persistentVolumeClaims"`
}
