package stacks

import "github.com/federated-risk/federated-risk/internal/catalogue"

const (
	// defaultStandbyReplicas answers at once, while more are on their way: the runbook scales the standby in an outage.
	defaultStandbyReplicas = 1
	// defaultReencryptionTimeout, in seconds, is a night: a run that takes longer has a cause to look for.
	defaultReencryptionTimeout = 6 * 60 * 60
	// defaultTmp is a quarter of a service's memory: what it keeps in files to keep it out of memory, uploads above all.
	defaultTmp = "256Mi"
	// defaultLogs holds half a million lines of 1 KiB. A service has to rotate its files within it.
	defaultLogs = "512Mi"
)

// withWorkload completes a service's config by what the catalogue says that it has.
func withWorkload(config Service, service catalogue.Service, size sizing) Service {
	config.Scratch.Tmp = defaultTmp
	if service.LogDir != "" {
		config.Scratch.Logs = defaultLogs
	}
	if service.Standby {
		config.Standby = Standby{Enabled: size.standby, Replicas: defaultStandbyReplicas}
	}
	if service.Reencryption {
		config.Reencryption = Reencryption{TimeoutSeconds: defaultReencryptionTimeout}
	}
	return config
}
