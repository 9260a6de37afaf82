package stacks

// ObjectStore is a folder in an S3 bucket, or in a store with the same API.
type ObjectStore struct {
	// Destination is s3://<bucket>, and a path in it if wanted. The database's name in it is added by the operator.
	Destination string `json:"destination"`
	// EndpointURL of the store; empty means AWS's own in Region.
	EndpointURL string `json:"endpointURL"`
	// Region of AWS, such as eu-west-1; set exactly when EndpointURL is empty.
	Region string `json:"region"`
	// CredentialsSecret names a Secret in the stack's namespace with the keys ACCESS_KEY_ID and ACCESS_SECRET_KEY; empty
	// means that the database's pods have a role that may use the bucket (postgres.serviceAccountAnnotations). Before the
	// first update make the namespace and the Secret in it: the stack takes the namespace over.
	CredentialsSecret string `json:"credentialsSecret"`
}

// PostgresBackup archives the database: base backups by a schedule, and the write-ahead log between them all the time,
// so that any moment within the retention can be recovered.
type PostgresBackup struct {
	// Enabled is true as soon as Destination is set, unless config says otherwise. The production profile warns without it.
	Enabled bool `json:"enabled"`
	ObjectStore
	// Schedule of the base backups: cron with six fields, seconds first, in the operator's time zone, which is UTC. The
	// first one is made at once.
	Schedule string `json:"schedule"`
	// RetentionDays is how far back a recovery can go, 1 to 3650.
	RetentionDays int `json:"retentionDays"`
}

// PostgresRecovery makes a new database from a backup. It has no effect on a database that there is already, a retained
// one included: delete that one first.
type PostgresRecovery struct {
	// Enabled starts a database that is new with the contents of the backups; one that exists stays as it is.
	Enabled bool `json:"enabled"`
	ObjectStore
	// ClusterName under which the lost database wrote its backups; this program's databases are all called postgres.
	ClusterName string `json:"clusterName"`
	// TargetTime to recover to, as in 2026-01-31T18:30:00Z (RFC 3339); empty means the newest that there is.
	TargetTime string `json:"targetTime"`
}
