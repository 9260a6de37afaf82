package stacks

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// warn says what is legal, and still not what a stack of its profile should live with.
func (config *Config) warn(log pulumi.Log) error {
	if config.Releases.Istiod.Install && config.Policy.PodSecurity != PodSecurityPrivileged {
		if err := log.Warn("The Istio that this stack installs gives each pod an init container that "+
			keyPath{"policy", "podSecurity"}.String()+" refuses, unless the cluster has Istio's CNI node agent and its istiod "+
			"knows of it: set it to "+string(PodSecurityPrivileged)+", or install Istio with the agent (docs/security.md).", nil); err != nil {
			return err
		}
	}
	if config.Profile != ProfileProduction || config.Postgres.Backup.Enabled {
		return nil
	}
	return log.Warn("The database of this production stack is not backed up: set "+
		keyPath{"postgres", "backup", "destination"}.String()+" and the keys beside it (stacks/config_backup.go).", nil)
}
