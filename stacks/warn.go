package stacks

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// warn says what is legal, and still not what a stack of its profile should live with.
func (config *Config) warn(log pulumi.Log) error {
	if config.Profile != ProfileProduction || config.Postgres.Backup.Enabled {
		return nil
	}
	return log.Warn("The database of this production stack is not backed up: set "+
		keyPath{"postgres", "backup", "destination"}.String()+" and the keys beside it (stacks/config_backup.go).", nil)
}
