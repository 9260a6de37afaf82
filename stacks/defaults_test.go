package stacks_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/federated-risk/federated-risk/internal/catalogue"
	"github.com/federated-risk/federated-risk/stacks"
)

func parse(t *testing.T, edits tree) *stacks.Config {
	t.Helper()
	cfg, err := stacks.Parse(leastSource(t, edits))
	require.NoError(t, err)
	return cfg
}

func TestDefaultsThatEveryProfileShares(t *testing.T) {
	cfg := parse(t, nil)
	assert.Equal(t, stacks.Cluster{}, cfg.Cluster)
	assert.Equal(t, "federated-risk", cfg.Namespace)
	assert.Equal(t, "federated-risk.local", cfg.Domain)
	assert.Equal(t, stacks.ProfileRecommended, cfg.Profile)
	assert.Equal(t, stacks.TLS{
		Mode: stacks.TLSSelfSigned, Organization: "FederatedRisk", ValidityHours: 8760, RenewBeforeHours: 720,
		Issuer: stacks.Issuer{Kind: "ClusterIssuer"},
	}, cfg.TLS)
	assert.Equal(t, stacks.Releases{
		PostgresOperator: stacks.OperatorRelease{
			Release: stacks.Release{Chart: "./charts/cloudnative-pg", TimeoutSeconds: 300},
			Install: true, Namespace: "federated-risk-postgres-operator",
		},
		Postgres: stacks.Release{Chart: "./charts/cluster", TimeoutSeconds: 300},
		Redis:    stacks.Release{Chart: "./charts/redis", TimeoutSeconds: 300},
		SharedReleases: stacks.SharedReleases{
			IstioBase:         inPlace("istio-system"),
			Istiod:            inPlace("istio-system"),
			IstioGateway:      inPlace("istio-ingress"),
			VPA:               inPlace("federated-risk-vpa"),
			PrometheusAdapter: inPlace("federated-risk-prometheus-adapter"),
			PrometheusOperatorCRDs: stacks.OperatorRelease{
				Release: stacks.Release{Chart: "./charts/prometheus-operator-crds", TimeoutSeconds: 300},
				Install: true, Namespace: "federated-risk-monitoring",
			},
			KubePrometheusStack: stacks.OperatorRelease{
				Release: stacks.Release{Chart: "./charts/kube-prometheus-stack", TimeoutSeconds: 300},
				Install: true, Namespace: "federated-risk-monitoring",
			},
		},
	}, cfg.Releases)
	assert.Equal(t, stacks.Prometheus{URL: "http://prometheus-operated.federated-risk-monitoring.svc", Port: 9090}, cfg.Prometheus)
	assert.Equal(t, "17", cfg.Postgres.Version)
	assert.Equal(t, "federated_risk", cfg.Postgres.Database)
	assert.Equal(t, "federated_risk", cfg.Postgres.Owner)
	assert.Equal(t, "allkeys-lru", cfg.Redis.MaxmemoryPolicy)
	assert.Len(t, cfg.Services, len(catalogue.Services()))
	assert.Equal(t, stacks.Header{Name: "canary", Value: "true"}, cfg.Services["model-serving"].Canary.Header)
	assert.Equal(t, 1, cfg.Services["model-serving"].Canary.Replicas)
	assert.Equal(t, 0, cfg.Services["model-serving"].Canary.Weight)
	assert.Equal(t, stacks.ReadWriteMany, cfg.Services["model-serving"].Volume.AccessMode)
	for _, name := range []string{"consent-service", "psi-service", "frontend"} {
		assert.Nil(t, cfg.Services[name].Volume, name)
	}
}

func TestDefaultsOfTheProfiles(t *testing.T) {
	resources := func(cpu, memory, limitCPU, limitMemory string) stacks.Resources {
		return stacks.Resources{
			Requests: stacks.ResourceList{CPU: cpu, Memory: memory},
			Limits:   stacks.ResourceList{CPU: limitCPU, Memory: limitMemory},
		}
	}
	type sizes struct {
		replicas, instances, redisReplicas    int
		architecture                          stacks.RedisArchitecture
		postgresDisk, redisDisk, registryDisk string
		service, postgres, redis              stacks.Resources
		protect                               bool
	}
	for profile, want := range map[string]sizes{
		"minimum": {
			1, 1, 1, "standalone", "10Gi", "5Gi", "1Gi", resources("100m", "256Mi", "500m", "1Gi"),
			resources("500m", "1Gi", "", "1Gi"), resources("100m", "256Mi", "", "256Mi"), false,
		},
		"recommended": {
			2, 1, 1, "standalone", "50Gi", "20Gi", "2Gi", resources("250m", "512Mi", "500m", "1Gi"),
			resources("500m", "1Gi", "", "1Gi"), resources("250m", "512Mi", "", "512Mi"), false,
		},
		"production": {
			3, 3, 3, "replication", "100Gi", "50Gi", "5Gi", resources("250m", "512Mi", "500m", "1Gi"),
			resources("1", "2Gi", "", "2Gi"), resources("500m", "1Gi", "", "1Gi"), true,
		},
	} {
		t.Run(profile, func(t *testing.T) {
			cfg := parse(t, tree{"profile": profile})
			model := cfg.Services["model-serving"]
			assert.Equal(t, want, sizes{
				cfg.Services["psi-service"].Replicas, cfg.Postgres.Instances, cfg.Redis.Replicas, cfg.Redis.Architecture,
				cfg.Postgres.Storage.Size, cfg.Redis.Storage.Size, model.Volume.Size,
				model.Resources, cfg.Postgres.Resources, cfg.Redis.Resources, cfg.Postgres.Protect,
			})
			assert.Equal(t, want.protect, cfg.Redis.Protect)
			assert.Equal(t, want.protect, model.Volume.Protect)
			for name, service := range cfg.Services {
				assert.Equal(t, service.Autoscaling.Horizontal.Enabled, service.Replicas == 0, name)
				if service.Replicas != 0 {
					assert.Equal(t, want.replicas, service.Replicas, name)
				}
				assert.Equal(t, want.service, service.Resources, name)
				assert.Equal(t, want.service, service.Canary.Resources, name)
			}
		})
	}
}

func TestConfigOverridesSingleDefaults(t *testing.T) {
	cfg := parse(t, tree{
		"profile":                                        "production",
		"postgres.protect":                               false,
		"postgres.resources.requests.cpu":                "2",
		"redis.architecture":                             "standalone",
		"services.model-serving.volume.size":             "7Gi",
		"services.model-serving.resources.limits.cpu":    "3",
		"services.model-serving.canary.resources.limits": tree{"memory": "4Gi"},
		"services.model-serving.canary.header.name":      "x-canary",
	})
	assert.False(t, cfg.Postgres.Protect)
	assert.True(t, cfg.Redis.Protect)
	assert.Equal(t, stacks.ResourceList{CPU: "2", Memory: "2Gi"}, cfg.Postgres.Resources.Requests)
	assert.Equal(t, 1, cfg.Redis.Replicas, "follows the architecture")
	model := cfg.Services["model-serving"]
	assert.Equal(t, stacks.Volume{
		Storage: stacks.Storage{Size: "7Gi", Retain: true}, AccessMode: stacks.ReadWriteMany, Protect: true,
	}, *model.Volume)
	assert.Equal(t, stacks.ResourceList{CPU: "3", Memory: "4Gi"}, model.Canary.Resources.Limits)
	assert.Equal(t, stacks.Header{Name: "x-canary", Value: "true"}, model.Canary.Header)

	assert.Equal(t, 3, parse(t, tree{"redis.architecture": "replication"}).Redis.Replicas)
	assert.False(t, parse(t, tree{"releases.postgresOperator.install": false}).Releases.PostgresOperator.Install)
	assert.Equal(t, stacks.RedisStandalone, parse(t, nil).Redis.Architecture)
}

// inPlace is a shared release that the stack does not install.
func inPlace(namespace string) stacks.OperatorRelease {
	return stacks.OperatorRelease{Release: stacks.Release{TimeoutSeconds: 300}, Namespace: namespace}
}

// The rows of the runbook's table of environment requirements; its GB are taken as decimal, the smaller reading.
var environments = map[string]struct{ cpu, memory, storage string }{
	"minimum":     {"4", "8G", "100G"},
	"recommended": {"8", "16G", "500G"},
	"production":  {"16", "32G", "1000G"},
}

func TestProfilesFitTheRunbooksEnvironmentsWithAFifthToSpare(t *testing.T) {
	for profile, environment := range environments {
		t.Run(profile, func(t *testing.T) {
			// The canary of model-serving runs as well.
			cfg := parse(t, tree{"profile": profile, "services.model-serving.canary.image": "example.com/model-serving:2"})
			var cpu, memory, storage resource.Quantity
			add := func(total *resource.Quantity, quantity string, times int) {
				for range times {
					total.Add(resource.MustParse(quantity))
				}
			}
			pods := func(resources stacks.Resources, times int) {
				add(&cpu, resources.Requests.CPU, times)
				add(&memory, resources.Requests.Memory, times)
			}
			for _, service := range cfg.Services {
				pods(service.Resources, service.Replicas)
				if service.Autoscaling.Horizontal.Enabled {
					// The rest of its pods run where the cluster has room, or wait for it.
					pods(service.Resources, service.Autoscaling.Horizontal.MinReplicas)
				}
				if service.Canary.Image != "" {
					pods(service.Canary.Resources, service.Canary.Replicas)
				}
				if service.Standby.Enabled {
					pods(service.Resources, service.Standby.Replicas)
				}
				if service.Volume != nil {
					add(&storage, service.Volume.Size, 1)
				}
			}
			pods(cfg.Postgres.Resources, cfg.Postgres.Instances)
			add(&storage, cfg.Postgres.Storage.Size, cfg.Postgres.Instances)
			pods(cfg.Redis.Resources, cfg.Redis.Replicas)
			add(&storage, cfg.Redis.Storage.Size, cfg.Redis.Replicas)

			fits := func(what string, sum resource.Quantity, row string) {
				whole := resource.MustParse(row)
				assert.LessOrEqual(t, sum.MilliValue()*5, whole.MilliValue()*4, "%s: %s of %s", what, sum.String(), row)
				assert.Positive(t, sum.MilliValue(), what)
			}
			fits("cpu", cpu, environment.cpu)
			fits("memory", memory, environment.memory)
			fits("storage", storage, environment.storage)
		})
	}
}
