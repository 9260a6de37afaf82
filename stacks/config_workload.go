package stacks

// Images says how the images of all services are pulled.
type Images struct {
	// PullSecrets names Secrets of type kubernetes.io/dockerconfigjson in the stack's namespace, for registries that ask
	// for a login; empty means none. Somebody else makes them, and keeps them up to date. Before the first update make the
	// namespace and the Secrets in it: the stack takes the namespace over.
	PullSecrets []string `json:"pullSecrets"`
}

// Standby is a warm standby, <service>-backup: the service's stable version once more, without traffic until an outage.
// Only a service whose catalogue entry has one can have it.
type Standby struct {
	// Enabled is true in the production profile, for the services that can have a standby.
	Enabled bool `json:"enabled"`
	// Replicas of the standby, 1 to 100: as many as are warm before anybody scales them.
	Replicas int `json:"replicas"`
	// Serving sends the service's requests to the standby, in place of its own pods: what the incident mode service-outage
	// does.
	Serving bool `json:"serving"`
	// Image is a full reference, in the production profile with a digest or a tag other than latest; empty means the
	// stable version's. Another one, known to be good, also covers an outage that a new version has caused.
	Image string `json:"image"`
}

// Reencryption is the Job that encrypts stored data with the newest key. Only consent-service has it.
type Reencryption struct {
	// Image is a full reference, in the production profile with a digest or a tag other than latest; empty means the
	// stable version's.
	Image string `json:"image"`
	// TimeoutSeconds after which a run has failed, 60 to 604800 (a week).
	TimeoutSeconds int `json:"timeoutSeconds"`
}

// Scratch bounds what each pod of a service may write to the disk of its node: a pod that writes more is evicted, and
// another takes its place. The two and 64Mi for its standard output are the pod's request and limit of ephemeral storage.
type Scratch struct {
	// Tmp is the size of /tmp, a Kubernetes quantity.
	Tmp string `json:"tmp"`
	// Logs is the size of the directory that the service writes log files to, a Kubernetes quantity; empty, and not to be
	// set, for a service that writes none.
	Logs string `json:"logs"`
}
