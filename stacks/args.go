package stacks

import (
	"github.com/federated-risk/federated-risk/components/postgres"
	"github.com/federated-risk/federated-risk/components/secrets"
	"github.com/federated-risk/federated-risk/internal/catalogue"
	"github.com/federated-risk/federated-risk/internal/dns"
	"github.com/federated-risk/federated-risk/internal/quantities"
	"github.com/federated-risk/federated-risk/internal/release"
)

// loginRoles are the two roles that take turns: services use one while the other gets a new password.
func (postgres Postgres) loginRoles() []string {
	return []string{postgres.Owner + "_a", postgres.Owner + "_b"}
}

// certificate is valid for the public hosts and for every name by which one service calls another.
func (config *Config) certificate() *secrets.CertificateArgs {
	args := &secrets.CertificateArgs{
		CommonName:       "*." + config.Domain,
		Organization:     config.TLS.Organization,
		ValidityHours:    config.TLS.ValidityHours,
		RenewBeforeHours: config.TLS.RenewBeforeHours,
	}
	for _, name := range catalogue.Names() {
		args.DNSNames = append(args.DNSNames, dns.Aliases(name, config.Namespace)...)
	}
	return args
}

// retainsData says whether a destroy leaves anything behind, and with it the namespace that it is in.
func (config *Config) retainsData() bool {
	for _, service := range config.Services {
		if service.Volume != nil && service.Volume.Retain {
			return true
		}
	}
	return config.Postgres.Storage.Retain || config.Redis.Storage.Retain
}

func (store ObjectStore) args() postgres.ObjectStore { return postgres.ObjectStore(store) }

func (backup PostgresBackup) args() *postgres.Backup {
	if !backup.Enabled {
		return nil
	}
	return &postgres.Backup{ObjectStore: backup.ObjectStore.args(), Schedule: backup.Schedule, RetentionDays: backup.RetentionDays}
}

func (recovery PostgresRecovery) args() *postgres.Recovery {
	if !recovery.Enabled {
		return nil
	}
	return &postgres.Recovery{
		ObjectStore: recovery.ObjectStore.args(), ClusterName: recovery.ClusterName, TargetTime: recovery.TargetTime,
	}
}

func (r Release) chart() release.Chart {
	return release.Chart{
		Name:           r.Chart,
		Repository:     r.Repository,
		Version:        r.Version,
		TimeoutSeconds: r.TimeoutSeconds,
	}
}

func (resources Resources) quantities() quantities.Resources {
	return quantities.Resources{
		Requests: quantities.List(resources.Requests),
		Limits:   quantities.List(resources.Limits),
	}
}
