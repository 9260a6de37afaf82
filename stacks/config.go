package stacks

// Config is the whole stack config of one environment, one field per top-level key of the `federated-risk`
// namespace in Pulumi.<stack>.yaml. Load fills, completes and validates it; nothing else reads stack config.
type Config struct {
	Cluster Cluster `json:"cluster"`
	// Namespace that the stack makes for itself, and deletes when it leaves. It cannot be changed later without loss: every
	// object in it, the data included, would be made anew in the other one.
	Namespace string `json:"namespace"`
	// Domain of the public hosts, api.<domain> and app.<domain>: two or more DNS labels, at most 62 characters.
	Domain   string   `json:"domain"`
	Profile  Profile  `json:"profile"`
	TLS      TLS      `json:"tls"`
	Ingress  Ingress  `json:"ingress"`
	Releases Releases `json:"releases"`
	Postgres Postgres `json:"postgres"`
	Redis    Redis    `json:"redis"`
	// Prometheus is asked by prometheus-adapter alone.
	Prometheus Prometheus         `json:"prometheus"`
	Services   map[string]Service `json:"services"`
	App        App                `json:"app"`
	Images     Images             `json:"images"`
	Policy     Policy             `json:"policy"`
	Monitoring Monitoring         `json:"monitoring"`
	Rotation   Rotation           `json:"rotation"`
	// Incident is an emergency that the stack is in; without a mode there is none.
	Incident Incident `json:"incident"`
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
	// TLSCertManager has cert-manager get the certificate for the public hosts; the services' own is as with selfSigned,
	// since no public issuer signs names that exist in the cluster only.
	TLSCertManager TLSMode = "certManager"
	// TLSExisting uses Secrets that somebody else keeps up to date.
	TLSExisting TLSMode = "existing"
)

// TLS is the certificate that the services mount, and the one for the public hosts.
type TLS struct {
	Mode TLSMode `json:"mode"`
	// SecretName of a kubernetes.io/tls Secret in the stack's namespace, which the services mount; only with mode existing.
	// Before the first update make the namespace and the Secret in it: the stack takes the namespace over.
	SecretName string `json:"secretName"`
	// PublicSecretName of a kubernetes.io/tls Secret for the public hosts; only with mode existing, where empty means
	// SecretName. With ingress.mode istio it is in the gateway's namespace, else in the stack's.
	PublicSecretName string `json:"publicSecretName"`
	// Issuer signs the certificate for the public hosts; only with mode certManager.
	Issuer Issuer `json:"issuer"`
	// Organization in the subject of a self-signed certificate.
	Organization string `json:"organization"`
	// ValidityHours of the server certificate, 24 to 19800 (825 days, the longest that clients accept).
	ValidityHours int `json:"validityHours"`
	// RenewBeforeHours: within this time of its expiry the next `pulumi up` renews the certificate.
	RenewBeforeHours int `json:"renewBeforeHours"`
}

// IssuerKind is a kind of cert-manager's that signs certificates.
type IssuerKind string

// Issuer kinds.
const (
	// IssuerOfCluster is one for every namespace.
	IssuerOfCluster IssuerKind = "ClusterIssuer"
	// IssuerOfNamespace is one in the namespace of the certificate: the gateway's with ingress.mode istio, else the stack's.
	IssuerOfNamespace IssuerKind = "Issuer"
)

// Issuer is one of cert-manager's.
type Issuer struct {
	Kind IssuerKind `json:"kind"`
	// Name of the issuer, which must exist.
	Name string `json:"name"`
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
	// default is true for the Postgres operator and the monitoring, and false for what else SharedReleases lists. Where it is
	// false for the Postgres operator, Namespace must be the one that it runs in, which the policies let through to the database.
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
	Owner string `json:"owner"`
	// ClientImage has psql, as a full reference, in the production profile with a digest or a tag other than latest. Each
	// generation of the login is tried with it before the services use it.
	ClientImage string `json:"clientImage"`

	Storage   Storage   `json:"storage"`
	Resources Resources `json:"resources"`
	// Protect refuses to delete or replace the release until it is unprotected.
	Protect bool `json:"protect"`
	// ServiceAccountAnnotations of the database's pods give them the cloud's role that may use the bucket, where
	// credentialsSecret is empty: eks.amazonaws.com/role-arn, for example.
	ServiceAccountAnnotations map[string]string `json:"serviceAccountAnnotations,omitempty"`

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
	// ClientImage has redis-cli, as a full reference, in the production profile with a digest or a tag other than latest. It
	// brings each generation of the login to the servers that run.
	ClientImage string `json:"clientImage"`
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
	// CPU in cores, such as 500m for half of one, and Memory in bytes, such as 512Mi; an empty one is not set.
	CPU    string `json:"cpu"`
	Memory string `json:"memory"`
}

// Service is one service of the catalogue in this environment.
type Service struct {
	// Image is a full reference; in the production profile with a digest or a tag other than latest.
	Image string `json:"image"`
	// Replicas of the stable version, 1 to 100; 0, and not to be set, where it scales itself (autoscaling.horizontal).
	Replicas  int       `json:"replicas"`
	Resources Resources `json:"resources"`
	// Env adds variables to the container's environment; it cannot override those that the program derives.
	Env map[string]string `json:"env,omitempty"`
	// Volume sizes the service's own volume, where the catalogue gives it one.
	Volume *Volume `json:"volume,omitempty"`
	Canary Canary  `json:"canary"`
	// Standby is the service's warm standby, where the catalogue gives it one.
	Standby Standby `json:"standby"`
	// Reencryption is the Job that encrypts stored data anew, where the catalogue gives the service one.
	Reencryption Reencryption `json:"reencryption"`
	// Scratch bounds what a pod writes to its node's disk.
	Scratch Scratch `json:"scratch"`
	// Traffic says how callers treat the service.
	Traffic Traffic `json:"traffic"`
	// Autoscaling is how the service follows its load.
	Autoscaling Autoscaling `json:"autoscaling"`
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
	// Mirror is the percentage of the requests shared out by weight that the canary gets a copy of, 0 to 100. Its answers
	// are thrown away, but not what it does: a copy that writes, writes again.
	Mirror int `json:"mirror"`
	// Replicas of the canary, 1 to 100.
	Replicas int `json:"replicas"`
	// Resources of the canary's container; empty fields are the stable version's.
	Resources Resources `json:"resources"`
	// Header sends a request to the canary whatever the weight.
	Header Header `json:"header"`
}

// Header is an exact match on a request header.
type Header struct {
	// Name in lower case, and the Value that it must have, exactly.
	Name  string `json:"name"`
	Value string `json:"value"`
}
