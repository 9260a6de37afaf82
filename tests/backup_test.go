package tests

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

func TestBackupValues(t *testing.T) {
	for _, mode := range modes {
		cluster := deploy(t, stacktest.Load(t, "prod").
			Set(t, "postgres.backup.destination", "s3://backups/risk").
			Set(t, "postgres.backup.region", "eu-west-1").
			Set(t, "postgres.backup.credentialsSecret", "backup-keys").
			Set(t, "postgres.backup.schedule", "0 30 2 * * *").
			Set(t, "postgres.backup.retentionDays", "90"), mode.preview).Find(t, "Release", "postgres-cluster")
		assert.Equal(t, map[string]any{
			"enabled": true, "provider": "s3", "destinationPath": "s3://backups/risk",
			"s3":     map[string]any{"region": "eu-west-1", "inheritFromIAMRole": false},
			"secret": map[string]any{"create": false, "name": "backup-keys"},
			"wal":    map[string]any{"encryption": ""}, "data": map[string]any{"encryption": ""},
			"retentionPolicy": "90d",
			"scheduledBackups": []any{map[string]any{
				"name": "base", "schedule": "0 30 2 * * *", "method": "barmanObjectStore", "backupOwnerReference": "self",
			}},
		}, cluster.Get(t, "values.backups"))
		assert.Nil(t, cluster.Get(t, "values.mode"))
		assert.Nil(t, cluster.Get(t, "values.recovery"))
	}
}

func TestBackupToAnotherStoreByTheRoleOfThePods(t *testing.T) {
	release := deploy(t, stacktest.Load(t, "dev").
		Set(t, "postgres.backup.destination", "s3://backups").
		Set(t, "postgres.backup.endpointURL", "https://minio.example.com").
		Set(t, `postgres.serviceAccountAnnotations["eks.amazonaws.com/role-arn"]`, "arn:aws:iam::1:role/backups"), false).
		Find(t, "Release", "postgres-cluster")
	assert.Equal(t, map[string]any{"metadata": map[string]any{
		"annotations": map[string]any{"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/backups"},
	}}, release.Get(t, "values.cluster.serviceAccountTemplate"))
	backups := release.Get(t, "values.backups").(map[string]any)
	assert.Equal(t, "https://minio.example.com", backups["endpointURL"])
	assert.Equal(t, map[string]any{"inheritFromIAMRole": true}, backups["s3"])
	assert.Equal(t, map[string]any{"create": false, "name": ""}, backups["secret"])
}

func TestRecoveryValues(t *testing.T) {
	config := stacktest.Load(t, "prod").
		Set(t, "postgres.recovery.enabled", "true").
		Set(t, "postgres.recovery.destination", "s3://backups/risk").
		Set(t, "postgres.recovery.region", "eu-west-1").
		Set(t, "postgres.recovery.credentialsSecret", "backup-keys")
	newest := map[string]any{
		"method": "object_store", "clusterName": "postgres", "database": "federated_risk", "owner": "federated_risk",
		"provider": "s3", "destinationPath": "s3://backups/risk",
		"s3":     map[string]any{"region": "eu-west-1", "inheritFromIAMRole": false},
		"secret": map[string]any{"create": false, "name": "backup-keys"},
	}
	cluster := deploy(t, config, false).Find(t, "Release", "postgres-cluster")
	assert.Equal(t, "recovery", cluster.Get(t, "values.mode"))
	assert.Equal(t, newest, cluster.Get(t, "values.recovery"))
	assert.NotNil(t, cluster.Get(t, "values.cluster.roles"), "the login roles get this stack's passwords")

	newest["pitrTarget"] = map[string]any{"time": "2026-01-31T18:30:00Z"}
	cluster = deploy(t, config.Set(t, "postgres.recovery.targetTime", "2026-01-31T18:30:00Z"), false).Find(t, "Release", "postgres-cluster")
	assert.Equal(t, newest, cluster.Get(t, "values.recovery"))
}

func TestProductionWithoutBackupSaysSo(t *testing.T) {
	const path = "federated-risk:postgres.backup.destination"
	warned := func(run *stacktest.Run) bool {
		return slices.ContainsFunc(run.Logs, func(log string) bool { return strings.Contains(log, path) })
	}
	everywhere(t, func(t *testing.T, stack string, run *stacktest.Run) {
		assert.Equal(t, stack == "prod", warned(run), run.Logs)
	})
	config := stacktest.Load(t, "prod").
		Set(t, "postgres.backup.destination", "s3://backups/risk").Set(t, "postgres.backup.region", "eu-west-1")
	assert.False(t, warned(deploy(t, config, false)))
	assert.True(t, warned(deploy(t, config.Set(t, "postgres.backup.enabled", "false"), false)))
}

// retained are the names of the resources that the engine forgets instead of deleting them.
func retained(run *stacktest.Run) []string {
	var names []string
	for _, r := range run.Resources {
		if r.Request.GetRetainOnDelete() {
			names = append(names, r.Name)
		}
	}
	slices.Sort(names)
	return names
}

// TestDataOutlivesADestroyUnlessTheStackSaysOtherwise looks at what each of the three volumes hangs on.
func TestDataOutlivesADestroyUnlessTheStackSaysOtherwise(t *testing.T) {
	const policy = `values.cluster.annotations["helm.sh/resource-policy"]`
	everywhere(t, func(t *testing.T, stack string, run *stacktest.Run) {
		cluster, redis := run.Find(t, "Release", "postgres-cluster"), run.Find(t, "Release", "redis")
		if stack == "local" {
			assert.Empty(t, retained(run))
			assert.Nil(t, cluster.Get(t, "values.cluster.annotations"))
			assert.Nil(t, cluster.Get(t, "takeOwnership"))
			assert.Equal(t, "Delete", redis.Get(t, "values.persistentVolumeClaimRetentionPolicy.whenDeleted"))
			return
		}
		assert.Equal(t, []string{"model-serving-feast", "namespace"}, retained(run))
		assert.Equal(t, "keep", cluster.Get(t, policy))
		assert.Equal(t, true, cluster.Get(t, "takeOwnership"), "Helm would not update the Cluster that it kept")
		assert.Nil(t, redis.Get(t, "values.persistentVolumeClaimRetentionPolicy"), "claims of a StatefulSet stay by default")
		assert.Nil(t, redis.Get(t, "takeOwnership"))
	})
}

// TestNamespaceIsRetainedForAnyVolume: it would take all others with it.
func TestNamespaceIsRetainedForAnyVolume(t *testing.T) {
	none := func() *stacktest.Config { return stacktest.Load(t, "local") }
	for path, want := range map[string][]string{
		"postgres.storage.retain":              {"namespace"},
		"redis.storage.retain":                 {"namespace"},
		"services.model-serving.volume.retain": {"model-serving-feast", "namespace"},
	} {
		run := deploy(t, none().Set(t, path, "true"), false)
		assert.Equal(t, want, retained(run), path)
	}
	require.Empty(t, retained(deploy(t, none(), false)))
}
