package stacks

import (
	"cmp"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/federated-risk/federated-risk/internal/catalogue"
)

// Defaults of the keys that do not depend on the profile. Pulumi.yaml repeats those of the top-level scalars,
// which a test compares.
const (
	defaultNamespace = Project
	// Domain, organization and database are the runbook's.
	defaultDomain       = "federated-risk.local"
	defaultProfile      = ProfileRecommended
	defaultOrganization = "FederatedRisk"
	defaultDatabase     = "federated_risk"
	// A year, as the runbook's `-days 365`.
	defaultValidityHours = 365 * 24
	// A month is enough for an update to come by, and leaves eleven of use.
	defaultRenewBeforeHours = 30 * 24
	// The runbook's `kubectl wait --timeout=300s`.
	defaultTimeoutSeconds = 300
	// The newest major version that both the operator and the runbook's client libraries have met; a major upgrade
	// is a decision of its own, so this does not follow the chart.
	defaultPostgresVersion = "17"
	// Every entry is a copy of something, and Redis's documentation names this policy where in doubt.
	defaultMaxmemoryPolicy = "allkeys-lru"
	// The images that the two charts run: a node that has a server has the client.
	defaultPostgresClientImage = "ghcr.io/cloudnative-pg/postgresql:" + defaultPostgresVersion
	defaultRedisClientImage    = "docker.io/library/redis:8.10.0"
	// One pod, as the runbook's canary Deployment.
	defaultCanaryReplicas = 1
)

// operatorNamespaceSuffix makes the operator's namespace the stack's own. The usual name, cnpg-system, may be there
// already, with another operator: the stack would take it over, and delete it with everything in it when it leaves.
const operatorNamespaceSuffix = "-postgres-operator"

// The runbook's header match, `canary: "true"`.
var defaultCanaryHeader = Header{Name: "canary", Value: "true"}

// defaults returns a complete config but for what has no sensible default: charts and images. What is given
// decides on profile and architecture, from which other defaults follow.
func defaults(given Config) Config {
	profile := cmp.Or(given.Profile, defaultProfile)
	size := sizingOf(profile)
	release := Release{TimeoutSeconds: defaultTimeoutSeconds}
	namespace := defaultNamespace
	if len(validation.IsDNS1123Label(given.Namespace)) == 0 {
		namespace = given.Namespace
	}
	cfg := Config{
		Namespace: namespace,
		Domain:    defaultDomain,
		Profile:   profile,
		TLS: TLS{
			Mode:             TLSSelfSigned,
			Organization:     defaultOrganization,
			ValidityHours:    defaultValidityHours,
			RenewBeforeHours: defaultRenewBeforeHours,
			Issuer:           Issuer{Kind: IssuerOfCluster},
		},
		Ingress: defaultIngress(given.Ingress),
		Releases: Releases{
			PostgresOperator: OperatorRelease{Release: release, Install: true, Namespace: namespace + operatorNamespaceSuffix},
			Postgres:         release,
			Redis:            release,
			SharedReleases:   defaultSharedReleases(release, given.Policy.MonitoringNamespace, namespace),
		},
		Prometheus: defaultPrometheus(given.Policy.MonitoringNamespace, namespace),
		Postgres: Postgres{
			Instances: size.postgres.replicas,
			Version:   defaultPostgresVersion,
			Database:  defaultDatabase,
			// The runbook's services share one database and one role; both carry the project's name.
			Owner:       defaultDatabase,
			ClientImage: defaultPostgresClientImage,
			Storage:     Storage{Size: size.postgres.storage, Retain: true},
			Resources:   size.postgres.resources,
			Protect:     size.protect,
			Backup:      defaultBackup(given.Postgres.Backup),
			Recovery:    defaultRecovery(),
		},
		Redis:      defaultRedis(given.Redis.Architecture, size),
		Services:   map[string]Service{},
		App:        defaultApp(),
		Images:     Images{PullSecrets: []string{}},
		Policy:     defaultPolicy(namespace, size),
		Monitoring: defaultMonitoring(),
		Rotation:   defaultRotation(),
		Incident:   defaultIncident(),
	}
	for _, service := range catalogue.Services() {
		cfg.Services[service.Name] = defaultService(service, size)
	}
	return cfg
}

func defaultRedis(architecture RedisArchitecture, size sizing) Redis {
	if architecture == "" {
		architecture = RedisStandalone
		if size.redis.replicas > 1 {
			architecture = RedisReplication
		}
	}
	replicas := 1
	if architecture == RedisReplication {
		replicas = max(size.redis.replicas, fewestSentinels)
	}
	return Redis{
		Architecture:    architecture,
		Replicas:        replicas,
		MaxmemoryPolicy: defaultMaxmemoryPolicy,
		ClientImage:     defaultRedisClientImage,
		Storage:         Storage{Size: size.redis.storage, Retain: true},
		Resources:       size.redis.resources,
		Protect:         size.protect,
	}
}

func defaultService(service catalogue.Service, size sizing) Service {
	config := Service{
		Replicas:    size.serviceReplicas,
		Resources:   size.service,
		Canary:      Canary{Replicas: defaultCanaryReplicas, Header: defaultCanaryHeader},
		Traffic:     defaultTraffic(),
		Autoscaling: defaultAutoscaling(service, size),
	}
	if service.Volume != nil {
		config.Volume = &Volume{Storage: Storage{Size: size.volumeSize, Retain: true}, AccessMode: ReadWriteMany, Protect: size.protect}
	}
	return withWorkload(config, service, size)
}

// inheritCanaryResources gives each canary the stable version's resources where it has none of its own.
func inheritCanaryResources(cfg *Config) {
	for name, service := range cfg.Services {
		canary := &service.Canary.Resources
		canary.Requests = canary.Requests.or(service.Resources.Requests)
		canary.Limits = canary.Limits.or(service.Resources.Limits)
		cfg.Services[name] = service
	}
}

func (list ResourceList) or(fallback ResourceList) ResourceList {
	return ResourceList{CPU: cmp.Or(list.CPU, fallback.CPU), Memory: cmp.Or(list.Memory, fallback.Memory)}
}
