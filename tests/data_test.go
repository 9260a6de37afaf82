package tests

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// releases by resource name: the key of config, and the name that Helm knows it by.
var releases = map[string]struct{ key, helmName string }{
	"postgres-operator": {"postgresOperator", "cloudnative-pg"},
	"postgres-cluster":  {"postgres", "postgres"},
	"redis":             {"redis", "redis"},

	"monitoring-stack-crds": {"prometheusOperatorCRDs", "prometheus-operator-crds"},
	"monitoring-stack":      {"kubePrometheusStack", "kube-prometheus-stack"},
}

func TestReleasesInstallTheChartsOfTheStackFile(t *testing.T) {
	everywhere(t, func(t *testing.T, stack string, run *stacktest.Run) {
		config := stacktest.Load(t, stack)
		assert.Len(t, run.OfKind("Release"), len(releases))
		for name, want := range releases {
			release := run.Find(t, "Release", name)
			for path, input := range map[string]string{"chart": "chart", "version": "version", "repository": "repositoryOpts.repo"} {
				var set any
				if text := config.Value(t, "releases."+want.key+"."+path); text != "" {
					set = text
				}
				assert.Equal(t, set, release.Get(t, input), "%s: %s", name, path)
			}
			assert.Equal(t, want.helmName, release.Get(t, "name"), name)
			assert.EqualValues(t, 300, release.Get(t, "timeout"), name)
			assert.Equal(t, true, release.Get(t, "atomic"), "%s: a failed one would be left behind", name)
			// A namespace that Helm creates is left behind by a destroy.
			for _, forbidden := range []string{"createNamespace", "skipAwait", "skipCrds", "disableWebhooks", "forceUpdate"} {
				assert.Nil(t, release.Get(t, forbidden), "%s: %s", name, forbidden)
			}
		}
	})
}

func TestPinnedChartsAreThoseThatWereChecked(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		config := stacktest.Load(t, stack)
		for key, want := range map[string][2]string{
			"postgresOperator": {"cloudnative-pg", "0.29.0"},
			"postgres":         {"cluster", "0.8.1"},
			"redis":            {"oci://registry-1.docker.io/cloudpirates/redis", "0.34.18"},

			"prometheusOperatorCRDs": {"oci://ghcr.io/prometheus-community/charts/prometheus-operator-crds", "31.0.1"},
			"kubePrometheusStack":    {"oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack", "88.5.3"},
		} {
			assert.Equal(t, want[0], config.Value(t, "releases."+key+".chart"), "%s: %s", stack, key)
			assert.Equal(t, want[1], config.Value(t, "releases."+key+".version"),
				"%s: %s: before another version goes out, check the values that components set against the chart's own", stack, key)
		}
	}
}

func TestReleaseTimeoutsAndChartsCanBeChanged(t *testing.T) {
	before := deployFile(t, "dev", false)
	after := deploy(t, stacktest.Load(t, "dev").Set(t, "releases.redis.timeoutSeconds", "900").
		Set(t, "releases.redis.version", "1.2.3"), false)
	assert.Equal(t, []string{"redis"}, changed(t, before, after))
	assert.EqualValues(t, 900, after.Find(t, "Release", "redis").Get(t, "timeout"))
	assert.Equal(t, "1.2.3", after.Find(t, "Release", "redis").Get(t, "version"))
}

func TestOperatorOfAnotherStackIsLeftAlone(t *testing.T) {
	for _, mode := range modes {
		run := deploy(t, stacktest.Load(t, "dev").Set(t, "releases.postgresOperator.install", "false"), mode.preview)
		assert.Nil(t, run.Lookup("Release", "postgres-operator"))
		assert.Empty(t, releasesOf(run, run.Find(t, "Release", "postgres-cluster")))
	}
}

func TestPostgresRolesTakeTurns(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		values := "values.cluster."
		cluster := run.Find(t, "Release", "postgres-cluster")
		login := func(role, secret string) any {
			return map[string]any{
				"name": role, "ensure": "present", "login": true, "inRoles": []any{"federated_risk"},
				"passwordSecret": map[string]any{"name": secret},
			}
		}
		assert.Equal(t, []any{
			map[string]any{"name": "federated_risk", "ensure": "present", "login": false},
			login("federated_risk_a", "postgres-role-federated-risk-a"),
			login("federated_risk_b", "postgres-role-federated-risk-b"),
		}, cluster.Get(t, values+"roles"))
		assert.Equal(t, map[string]any{"database": "federated_risk", "owner": "federated_risk"}, cluster.Get(t, values+"initdb"))
		assert.Equal(t, false, cluster.Get(t, values+"enableSuperuserAccess"))
	})
}

func TestPostgresIsSizedByTheProfile(t *testing.T) {
	sizes := map[string]map[string]any{
		"local": {"instances": 1.0, "storage": "10Gi", "cpu": "500m", "memory": "1Gi"},
		"dev":   {"instances": 1.0, "storage": "50Gi", "cpu": "500m", "memory": "1Gi"},
		"prod":  {"instances": 3.0, "storage": "100Gi", "cpu": "1", "memory": "2Gi"},
	}
	everywhere(t, func(t *testing.T, stack string, run *stacktest.Run) {
		cluster := run.Find(t, "Release", "postgres-cluster")
		assert.Equal(t, "postgres", cluster.Get(t, "values.fullnameOverride"), "the name of the Services")
		assert.Equal(t, "17", cluster.Get(t, "values.version.postgresql"))
		want := sizes[stack]
		assert.Equal(t, want["instances"], cluster.Get(t, "values.cluster.instances"))
		assert.Equal(t, map[string]any{"size": want["storage"]}, cluster.Get(t, "values.cluster.storage"))
		assert.Nil(t, cluster.Get(t, "values.backups"), "no stack file says where to")
		assert.Nil(t, cluster.Get(t, "values.mode"), "nothing to recover from")
		assert.Equal(t, map[string]any{
			"requests": map[string]any{"cpu": want["cpu"], "memory": want["memory"]},
			"limits":   map[string]any{"memory": want["memory"]},
		}, cluster.Get(t, "values.cluster.resources"))
	})
}

func TestRedisValues(t *testing.T) {
	const gibibyte = "1Gi"
	for stack, want := range map[string]struct{ storage, cpu, memory, extraConfig string }{
		"local": {"5Gi", "100m", "256Mi", "maxmemory 201326550\nmaxmemory-policy allkeys-lru\n"},
		"dev":   {"20Gi", "250m", "512Mi", "maxmemory 402653175\nmaxmemory-policy allkeys-lru\n"},
		"prod":  {"50Gi", "500m", gibibyte, "maxmemory 805306350\nmaxmemory-policy allkeys-lru\n"},
	} {
		for _, mode := range modes {
			t.Run(stack+"/"+mode.name, func(t *testing.T) {
				values := map[string]any{
					"fullnameOverride": "redis",
					"architecture":     "standalone",
					"auth": map[string]any{"enabled": true, "existingSecret": "redis-auth", "existingSecretPasswordKey": "redis-password", "acl": map[string]any{
						"enabled": true, "existingSecret": "redis-auth", "existingSecretACLKey": "users.acl",
					}},
					"extraConfig": want.extraConfig,
					"metrics":     map[string]any{"enabled": true},
					"persistence": map[string]any{"enabled": true, "size": want.storage},
					"resources": map[string]any{
						"requests": map[string]any{"cpu": want.cpu, "memory": want.memory},
						"limits":   map[string]any{"memory": want.memory},
					},
				}
				if stack == "local" {
					values["persistentVolumeClaimRetentionPolicy"] = map[string]any{"enabled": true, "whenDeleted": "Delete", "whenScaled": "Retain"}
				}
				if stack == "prod" {
					values["architecture"] = "replication"
					values["replicaCount"] = 3.0
					values["pdb"] = map[string]any{"enabled": true, "minAvailable": "", "maxUnavailable": 1.0}
					values["topologySpreadConstraints"] = []any{map[string]any{
						"maxSkew": 1.0, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway",
						"labelSelector": map[string]any{"matchLabels": map[string]any{
							"app.kubernetes.io/name": "redis", "app.kubernetes.io/instance": "redis",
						}},
					}}
					values["sentinel"] = map[string]any{"enabled": true, "quorum": 2.0, "masterService": map[string]any{"enabled": true, "checkInterval": 5.0}}
				}
				run := deployFile(t, stack, mode.preview)
				assert.Equal(t, values, run.Find(t, "Release", "redis").Get(t, "values"))
			})
		}
	}
}

func TestStorageClassesReachTheCharts(t *testing.T) {
	run := deploy(t, stacktest.Load(t, "prod").Set(t, "postgres.storage.storageClass", "nvme").Set(t, "redis.storage.storageClass", "ssd"), false)
	assert.Equal(t, "nvme", run.Find(t, "Release", "postgres-cluster").Get(t, "values.cluster.storage.storageClass"))
	assert.Equal(t, "ssd", run.Find(t, "Release", "redis").Get(t, "values.persistence.storageClass"))
}
