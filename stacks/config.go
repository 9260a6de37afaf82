package stacks

// Config is the whole stack config of one environment, one field per top-level key of the `federated-risk`
// namespace in Pulumi.<stack>.yaml. Load fills, completes and validates it; nothing else reads stack config.
type Config struct {
	Cluster   Cluster  `json:"cluster"`
	Namespace string   `json:"namespace"`
	Domain    string   `json:"domain"`
	Profile   Profile  `json:"profile"`
	TLS       TLS      `json:"tls"`
	Releases  Releases `json:"releases"`
	Postgres  Postgres `json:"postgres"`
	Redis     Redis    `json:"redis"`
	// Prometheus is asked by prometheus-adapter alone.
	Prometheus Prometheus         `json:"prometheus"`
	Services   map[string]Service `json:"services"`
}

// Cluster says which Kubernetes cluster the stack is for.
type Cluster struct {
	// Context of the kubeconfig; empty means the current one. Naming it keeps a stack off the wrong cluster. Another name
	// means another cluster: everything is made anew there.
	Context string `json:"context"`
	// Kubeconfig is a path; empty means $KUBECONFIG, then the user's default.
	Kubeconfig string `json:"kubeconfig"`
}

// Profile names a set of sizing defaults (runbook, "environment requirements").
type Profile string

// The columns of the runbook's table of environment requirements.
const (
	ProfileMinimum     Profile = "minimum"
	ProfileRecommended Profile = "recommended"
	ProfileProduction  Profile = "production"
)

// TLSMode says where the server certificate comes from.
type TLSMode string

// TLS modes.
const (
	// TLSSelfSigned makes a CA of the stack's own and a server certificate under it.
	TLSSelfSigned TLSMode = "selfSigned"
	// TLSExisting mounts a Secret that somebody else keeps up to date.
	TLSExisting TLSMode = "existing"
)

// TLS is the certificate that the services serve with.
type TLS struct {
	Mode TLSMode `json:"mode"`
	// SecretName of a kubernetes.io/tls Secret in the stack's namespace; only with mode existing. Before the first update
	// make the namespace and the Secret in it: the stack takes the namespace over.
	SecretName string `json:"secretName"`
	// Organization in the subject of a self-signed certificate.
	Organization string `json:"organization"`
	// ValidityHours of the server certificate, 24 to 19800 (825 days, the longest that clients accept).
	ValidityHours int `json:"validityHours"`
	// RenewBeforeHours: within this time of its expiry the next `pulumi up` renews the certificate.
	RenewBeforeHours int `json:"renewBeforeHours"`
}

// Releases are the Helm releases that the platform stands on.
type Releases struct {
	PostgresOperator OperatorRelease `json:"postgresOperator"`
	Postgres         Release         `json:"postgres"`
	Redis            Release         `json:"redis"`
	SharedReleases
}

// Release says which chart a Helm release installs.
type Release struct {
	// Chart is a chart name in Repository, an oci:// address, or a path relative to the project.
	Chart string `json:"chart"`
	// Repository is the address of a chart repository; empty for oci:// addresses and paths.
	Repository string `json:"repository"`
	// Version of the chart; empty only for a path.
	Version string `json:"version"`
	// TimeoutSeconds until the release must be ready, 1 to 3600.
	TimeoutSeconds int `json:"timeoutSeconds"`
}

// OperatorRelease is a Release that a cluster must have only once.
type OperatorRelease struct {
	Release
	// Install it with this stack; false where another stack, or somebody else, has installed it in this cluster. The
	// default is true for the Postgres operator, and false for what SharedReleases lists.
	Install bool `json:"install"`
	// Namespace of the operator itself: one that nobody else uses, since the stack deletes it when it leaves; Istio's alone
	// stay. It cannot be changed later, because CRDs stay behind and belong to the release in the first one.
	Namespace string `json:"namespace"`
}

// Postgres is the CloudNativePG cluster.
type Postgres struct {
	// Instances, 1 to 9: one primary, the others replicas.
	Instances int `json:"instances"`
	// Version is the PostgreSQL major version.
	Version string `json:"version"`
	// Database that the services share. It and the owner are made at the first start: an existing database is not renamed.
	Database string `json:"database"`
	// Owner is the NOLOGIN role that owns the database; the login roles <owner>_a and <owner>_b are members of it.
	Owner     string    `json:"owner"`
	Storage   Storage   `json:"storage"`
	Resources Resources `json:"resources"`
	// Protect refuses to delete or replace the release until it is unprotected.
	Protect  bool             `json:"protect"`
	Backup   PostgresBackup   `json:"backup"`
	Recovery PostgresRecovery `json:"recovery"`
}

// RedisArchitecture is the shape of the Redis release.
type RedisArchitecture string

// Redis architectures.
const (
	RedisStandalone  RedisArchitecture = "standalone"
	RedisReplication RedisArchitecture = "replication"
)

// Redis is the cache.
type Redis struct {
	Architecture RedisArchitecture `json:"architecture"`
	// Replicas is the number of Redis pods: 1 when standalone, 3 to 9 with replication, where Sentinel elects the master.
	Replicas int `json:"replicas"`
	// MaxmemoryPolicy is Redis's eviction policy.
	MaxmemoryPolicy string `json:"maxmemoryPolicy"`
	// Storage cannot be changed later: the StatefulSet's claims are fixed, and Helm rolls such an upgrade back.
	Storage   Storage   `json:"storage"`
	Resources Resources `json:"resources"`
	// Protect refuses to delete or replace the release until it is unprotected.
	Protect bool `json:"protect"`
}

// Storage is a persistent volume claim.
type Storage struct {
	// Size is a Kubernetes quantity, for example 100Gi. A claim can grow, where its class allows it, but not shrink.
	Size string `json:"size"`
	// StorageClass; empty means the cluster's default class.
	StorageClass string `json:"storageClass"`
	// Retain keeps the claim, what is in it and the namespace when a destroy takes everything else away; the next update
	// finds them again. True unless config says otherwise. A change counts from the next update, not from the next destroy.
	Retain bool `json:"retain"`
}

// Resources are a container's requests and limits.
type Resources struct {
	Requests ResourceList `json:"requests"`
	Limits   ResourceList `json:"limits"`
}

// ResourceList holds Kubernetes quantities; an empty one is not set.
type ResourceList struct {
	CPU    string `json:"cpu"`
	Memory string `json:"memory"`
}

// Service is one service of the catalogue in this environment.
type Service struct {
	// Image is a full reference; in the production profile with a digest or a tag other than latest.
	Image string `json:"image"`
	// Replicas of the stable version, 1 to 100.
	Replicas  int       `json:"replicas"`
	Resources Resources `json:"resources"`
	// Env adds variables to the container's environment; it cannot override those that the program derives.
	Env map[string]string `json:"env,omitempty"`
	// Volume sizes the service's own volume, where the catalogue gives it one.
	Volume *Volume `json:"volume,omitempty"`
	Canary Canary  `json:"canary"`
}

// AccessMode of a volume claim.
type AccessMode string

// Access modes that a service's volume can have.
const (
	ReadWriteOnce AccessMode = "ReadWriteOnce"
	ReadWriteMany AccessMode = "ReadWriteMany"
)

// Volume is the claim behind a service's own volume.
type Volume struct {
	Storage
	// AccessMode must be ReadWriteMany as soon as more than one pod of the service can run.
	AccessMode AccessMode `json:"accessMode"`
	// Protect refuses to delete or replace the claim until it is unprotected.
	Protect bool `json:"protect"`
}

// Canary is a second version of a service that gets a share of its traffic.
type Canary struct {
	// Image of the canary; the canary exists while it is set.
	Image string `json:"image"`
	// Weight is the percentage of requests that the canary gets, 0 to 100.
	Weight int `json:"weight"`
	// Replicas of the canary, 1 to 100.
	Replicas int `json:"replicas"`
	// Resources of the canary's container; empty fields are the stable version's.
	Resources Resources `json:"resources"`
	// Header sends a request to the canary whatever the weight.
	Header Header `json:"header"`
}

// Header is an exact match on a request header.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}
