package charts_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const clusterValues = `
version: {postgresql: "17"}
cluster:
  instances: 3
  storage: {size: 20Gi, storageClass: fast}
  walStorage: {enabled: true, size: 5Gi}
  resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {memory: 1Gi}}
  enableSuperuserAccess: false
  postgresql: {parameters: {max_connections: "200"}}
  initdb: {database: federated_risk, owner: federated_risk, secret: {name: postgres-owner}}
  roles:
    - {name: app_a, login: true, inRoles: [federated_risk], passwordSecret: {name: postgres-app-a}}
    - {name: app_b, login: true, inRoles: [federated_risk], passwordSecret: {name: postgres-app-b}}
  monitoring: {enabled: true, podMonitor: {labels: {release: monitoring}}}
  serviceAccountTemplate: {metadata: {annotations: {eks.amazonaws.com/role-arn: backups}}}
`

// What a release is called decides the addresses that the services connect to.
func TestFullName(t *testing.T) {
	for _, test := range []struct{ chart, release, values, kind, want string }{
		{"cluster", "postgres", "", "Cluster", "postgres-cluster"},
		{"cluster", "postgres-cluster", "", "Cluster", "postgres-cluster"},
		{"cluster", "postgres", "fullnameOverride: postgres", "Cluster", "postgres"},
		{"cluster", "postgres", "nameOverride: db", "Cluster", "postgres-db"},
		{"redis", "cache", "", "StatefulSet", "cache-redis"},
		{"redis", "redis", "", "StatefulSet", "redis"},
		{"redis", "cache", "fullnameOverride: sessions", "StatefulSet", "sessions"},
		{"redis", "a-release-name-of-fifty-characters-and-that-is-all-x", "nameOverride: sessions-cache", "StatefulSet", "a-release-name-of-fifty-characters-and-that-is-all-x-sessions-ca"[:63]},
		{"cloudnative-pg", "operator", "", "Deployment", "operator-cloudnative-pg"},
		{"cloudnative-pg", "cloudnative-pg", "", "Deployment", "cloudnative-pg"},
		{"istiod", "risk-istiod", "", "Deployment", "istiod"},
		{"gateway", "risk-istio-gateway", "", "Deployment", "risk-istio-gateway"},
		{"gateway", "risk-istio-gateway", "name: istio-ingress", "ServiceAccount", "istio-ingress"},
		{"vpa", "vpa", "", "Deployment", "vpa-recommender"},
		{"prometheus-adapter", "prometheus-adapter", "", "Deployment", "prometheus-adapter"},
		{"kube-prometheus-stack", "monitoring", "", "Prometheus", "monitoring-kube-prometheus-prometheus"},
		{"kube-prometheus-stack", "kube-prometheus-stack", "", "Alertmanager", "kube-prometheus-stack-alertmanager"},
		{"kube-prometheus-stack", "risk-watch", "fullnameOverride: risk", "Deployment", "risk-operator"},
		{"kube-prometheus-stack", "risk-watch", "cleanPrometheusOperatorObjectNames: true", "Prometheus", "risk-watch-kube-prometheus"},
		{"kube-prometheus-stack", "grafana-site", "fullnameOverride: risk", "Deployment", "grafana-site"},
		{"kube-prometheus-stack", "risk-watch", "grafana: {fullnameOverride: boards}", "Deployment", "boards"},
	} {
		found := mustRender(t, test.chart, test.release, test.values)
		assert.Contains(t, found.keys(), test.kind+"/"+test.want, "%s released as %s with %q", test.chart, test.release, test.values)
	}
}

func TestClusterServices(t *testing.T) {
	found := mustRender(t, "cluster", "postgres", clusterValues)
	for suffix, role := range map[string][2]string{
		"rw": {"cnpg.io/instanceRole", "primary"},
		"ro": {"cnpg.io/instanceRole", "replica"},
		"r":  {"cnpg.io/podRole", "instance"},
	} {
		service := "Service/postgres-cluster-" + suffix
		assert.EqualValues(t, 5432, found.at(t, service, "spec", "ports", 0, "port"))
		assert.Equal(t, map[string]any{"cnpg.io/cluster": "postgres-cluster", role[0]: role[1]}, found.at(t, service, "spec", "selector"))
	}
}

func TestClusterSpec(t *testing.T) {
	found := mustRender(t, "cluster", "postgres", clusterValues)
	spec := found.at(t, "Cluster/postgres-cluster", "spec").(map[string]any)
	assert.EqualValues(t, 3, spec["instances"])
	assert.Equal(t, "ghcr.io/cloudnative-pg/postgresql:17", spec["imageName"])
	assert.Equal(t, map[string]any{"size": "20Gi", "storageClass": "fast"}, spec["storage"])
	assert.Equal(t, map[string]any{"size": "5Gi"}, spec["walStorage"])
	assert.Equal(t, false, spec["enableSuperuserAccess"])
	assert.Equal(t, map[string]any{"parameters": map[string]any{"max_connections": "200"}}, spec["postgresql"])
	assert.Equal(t, map[string]any{"topologyKey": "topology.kubernetes.io/zone"}, spec["affinity"])
	assert.Equal(t, map[string]any{"metadata": map[string]any{
		"annotations": map[string]any{"eks.amazonaws.com/role-arn": "backups"},
	}}, spec["serviceAccountTemplate"])
	assert.Equal(t, map[string]any{"initdb": map[string]any{
		"database": "federated_risk", "owner": "federated_risk", "secret": map[string]any{"name": "postgres-owner"},
	}}, spec["bootstrap"])
	assert.Equal(t, map[string]any{"roles": []any{
		map[string]any{"name": "app_a", "login": true, "inRoles": []any{"federated_risk"}, "passwordSecret": map[string]any{"name": "postgres-app-a"}},
		map[string]any{"name": "app_b", "login": true, "inRoles": []any{"federated_risk"}, "passwordSecret": map[string]any{"name": "postgres-app-b"}},
	}}, spec["managed"])
}

func TestClusterSecrets(t *testing.T) {
	assert.NotContains(t, mustRender(t, "cluster", "postgres", clusterValues).keys(), "Secret/postgres-cluster-app", "the owner's Secret exists already")

	found := mustRender(t, "cluster", "postgres", "cluster: {enableSuperuserAccess: false, initdb: {database: risk}}")
	const secret = "Secret/postgres-cluster-app"
	assert.Equal(t, "kubernetes.io/basic-auth", found.at(t, secret, "type"))
	data := found.at(t, secret, "stringData").(map[string]any)
	assert.Equal(t, "risk", data["username"])
	assert.Equal(t, "risk", data["dbname"])
	assert.Equal(t, "postgres-cluster-rw", data["host"])
	require.Len(t, data["password"], 64)
	assert.Equal(t, "postgresql://risk:"+data["password"].(string)+"@postgres-cluster-rw."+namespace+":5432/risk", data["uri"])
	assert.NotContains(t, found.keys(), "Secret/postgres-cluster-superuser")
	assert.Contains(t, mustRender(t, "cluster", "postgres", "").keys(), "Secret/postgres-cluster-superuser", "upstream's default")
}

func TestClusterBackupsAndRecovery(t *testing.T) {
	found := mustRender(t, "cluster", "postgres", `
backups: {enabled: true, s3: {region: eu-west-1, bucket: risk, path: /pg}, secret: {create: false, name: backup-keys}}
`)
	store := found.at(t, "Cluster/postgres-cluster", "spec", "backup", "barmanObjectStore").(map[string]any)
	assert.Equal(t, "https://s3.eu-west-1.amazonaws.com", store["endpointURL"])
	assert.Equal(t, "s3://risk/pg", store["destinationPath"])
	assert.Equal(t, map[string]any{
		"accessKeyId":     map[string]any{"name": "backup-keys", "key": "ACCESS_KEY_ID"},
		"secretAccessKey": map[string]any{"name": "backup-keys", "key": "ACCESS_SECRET_KEY"},
	}, store["s3Credentials"])
	assert.Equal(t, "0 0 0 * * *", found.at(t, "ScheduledBackup/postgres-cluster-daily-backup", "spec", "schedule"))

	found = mustRender(t, "cluster", "postgres", `
mode: recovery
recovery: {method: object_store, clusterName: postgres-old, s3: {region: eu-west-1, bucket: risk, inheritFromIAMRole: true}}
`)
	assert.Equal(t, "objectStoreRecoveryCluster", found.at(t, "Cluster/postgres-cluster", "spec", "bootstrap", "recovery", "source"))
	assert.Equal(t, "postgres-old", found.at(t, "Cluster/postgres-cluster", "spec", "externalClusters", 0, "barmanObjectStore", "serverName"))
	assert.NotContains(t, found.keys(), "Secret/postgres-cluster-app", "a recovered cluster brings its roles")
}

func TestClusterRefuses(t *testing.T) {
	for values, want := range map[string]string{
		"backups: {enabled: true, s3: {region: r, bucket: b}}":                "backups.secret.create",
		"backups: {enabled: true, s3: {bucket: b, inheritFromIAMRole: true}}": "backups.s3.region",
		"backups: {enabled: true, s3: {region: r, inheritFromIAMRole: true}}": "backups.s3.bucket",
		"backups: {s3: {accessKey: abc}}":                                     "'accessKey' not allowed",
		"mode: recovery":                                                      "recovery.backupName",
		"mode: replica":                                                       "mode",
		"cluster: {postgresql: {parameters: {max_connections: 200}}}":         "max_connections",
		"cluster: {roles: [{login: true}]}":                                   "name",
		"cluster: {roles: [{name: app, password: secret}]}":                   "'password' not allowed",
		"cluster: {instances: 0}":                                             "instances",
		"cluster: {storage: {size: 20 gigabytes}}":                            "size",
		"backups: {scheduledBackups: [{name: daily, schedule: '0 0 * * *'}]}": "schedule",
		"cluster: {affinity: {nodeAffinity: {}}}":                             "'nodeAffinity' not allowed",
		"cluster: {initdb: {owner: 'Robert''); DROP TABLE'}}":                 "owner",
	} {
		_, err := render(t, "cluster", "postgres", values)
		assert.ErrorContains(t, err, want, values)
	}
}

func TestRedisServices(t *testing.T) {
	for _, test := range []struct {
		name, values string
		want, absent []string
	}{
		{"standalone", "", []string{"Service/redis", "Service/redis-headless"}, []string{"Service/redis-sentinel", "Service/redis-master", "Service/redis-metrics"}},
		{"replication", "architecture: replication", []string{"Service/redis", "Service/redis-headless", "Service/redis-master"}, []string{"Service/redis-sentinel"}},
		{"sentinel", "{architecture: replication, sentinel: {enabled: true}}", []string{"Service/redis-sentinel"}, []string{"Service/redis-master"}},
		{"sentinel with master", "{architecture: replication, sentinel: {enabled: true, masterService: {enabled: true}}}", []string{"Service/redis-sentinel", "Service/redis-master"}, nil},
		{"sentinel needs replication", "{sentinel: {enabled: true, masterService: {enabled: true}}}", []string{"Service/redis"}, []string{"Service/redis-sentinel", "Service/redis-master"}},
		{"metrics", "metrics: {enabled: true}", []string{"Service/redis-metrics"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := mustRender(t, "redis", "redis", test.values)
			assert.Subset(t, found.keys(), test.want)
			for _, key := range test.absent {
				assert.NotContains(t, found.keys(), key)
			}
			selectsItsPods(t, found)
		})
	}
}

// selectsItsPods checks that every Service finds the StatefulSet's pods and names a port that they have.
func selectsItsPods(t *testing.T, found objects) {
	t.Helper()
	podLabels := found.at(t, "StatefulSet/redis", "spec", "template", "metadata", "labels").(map[string]any)
	ports := map[any]bool{}
	for _, container := range found.at(t, "StatefulSet/redis", "spec", "template", "spec", "containers").([]any) {
		for _, port := range container.(map[string]any)["ports"].([]any) {
			ports[port.(map[string]any)["name"]] = true
		}
	}
	for key, object := range found {
		if object.GetKind() != "Service" {
			continue
		}
		for label, value := range found.at(t, key, "spec", "selector").(map[string]any) {
			if label != "statefulset.kubernetes.io/pod-name" {
				assert.Equal(t, value, podLabels[label], "%s selects %s", key, label)
			}
		}
		for _, port := range found.at(t, key, "spec", "ports").([]any) {
			assert.True(t, ports[port.(map[string]any)["targetPort"]], "%s: port %v", key, port)
		}
	}
}

func TestRedisPasswordComesFromASecret(t *testing.T) {
	found := mustRender(t, "redis", "redis", `
{architecture: replication, sentinel: {enabled: true}, metrics: {enabled: true}, auth: {existingSecret: redis-auth, existingSecretPasswordKey: password}}
`)
	assert.NotContains(t, found.keys(), "Secret/redis")
	for i := range 3 {
		reference := found.at(t, "StatefulSet/redis", "spec", "template", "spec", "containers", i, "env", 0, "valueFrom", "secretKeyRef")
		assert.Equal(t, map[string]any{"name": "redis-auth", "key": "password"}, reference)
	}

	found = mustRender(t, "redis", "redis", "")
	require.Len(t, found.at(t, "Secret/redis", "stringData", "redis-password"), 16)
	assert.Equal(t, map[string]any{"name": "redis", "key": "redis-password"},
		found.at(t, "StatefulSet/redis", "spec", "template", "spec", "containers", 0, "env", 0, "valueFrom", "secretKeyRef"))
	_, err := render(t, "redis", "redis", "auth: {password: hunter2}")
	assert.ErrorContains(t, err, "'password' not allowed")
}

func TestRedisUsersComeFromASecret(t *testing.T) {
	found := mustRender(t, "redis", "redis", `
{architecture: replication, sentinel: {enabled: true}, metrics: {enabled: true}, auth: {existingSecret: redis-auth, acl: {enabled: true, existingSecret: redis-users, existingSecretACLKey: risk.acl}}}
`)
	assert.Contains(t, found.at(t, "ConfigMap/redis-config", "data", "redis.conf"), "aclfile /etc/redis/risk.acl\n")
	assert.Contains(t, found.at(t, "StatefulSet/redis", "spec", "template", "spec", "volumes"),
		map[string]any{"name": "acl-file", "secret": map[string]any{"secretName": "redis-users"}})
	for i := range 3 {
		container := found.at(t, "StatefulSet/redis", "spec", "template", "spec", "containers", i).(map[string]any)
		assert.NotContains(t, container, "env", "the password is in the file")
		assert.Contains(t, container["volumeMounts"], map[string]any{
			"name": "acl-file", "mountPath": "/etc/redis/risk.acl", "subPath": "risk.acl", "readOnly": true,
		})
	}
	_, err := render(t, "redis", "redis", "auth: {acl: {enabled: true}}")
	assert.ErrorContains(t, err, "auth.acl.existingSecret is empty")
}

func TestRedisConfiguration(t *testing.T) {
	const values = "{architecture: replication, replicaCount: 5, extraConfig: \"maxmemory 256mb\\nmaxmemory-policy allkeys-lru\", sentinel: {enabled: true, masterName: risk, quorum: 3}, pdb: {enabled: true, minAvailable: '', maxUnavailable: 1}, persistence: {size: 5Gi}}"
	found := mustRender(t, "redis", "redis", values)
	assert.EqualValues(t, 5, found.at(t, "StatefulSet/redis", "spec", "replicas"))
	assert.Contains(t, found.at(t, "ConfigMap/redis-config", "data", "redis.conf"), "maxmemory 256mb\nmaxmemory-policy allkeys-lru\n")
	assert.Contains(t, found.at(t, "ConfigMap/redis-config", "data", "sentinel.conf"), "sentinel monitor risk redis-0.redis-headless."+namespace+".svc.cluster.local 6379 3\n")
	assert.Equal(t, map[string]any{"accessModes": []any{"ReadWriteOnce"}, "resources": map[string]any{"requests": map[string]any{"storage": "5Gi"}}},
		found.at(t, "StatefulSet/redis", "spec", "volumeClaimTemplates", 0, "spec"), "the default StorageClass")
	budget := found.at(t, "PodDisruptionBudget/redis", "spec").(map[string]any)
	assert.EqualValues(t, 1, budget["maxUnavailable"])
	assert.NotContains(t, budget, "minAvailable")

	before := found.at(t, "StatefulSet/redis", "spec", "template", "metadata", "annotations", "checksum/config")
	after := mustRender(t, "redis", "redis", "{extraConfig: maxmemory 512mb}").at(t, "StatefulSet/redis", "spec", "template", "metadata", "annotations", "checksum/config")
	assert.NotEqual(t, before, after, "a changed configuration rolls the pods")

	_, err := render(t, "redis", "redis", "architecture: cluster")
	assert.ErrorContains(t, err, "architecture")
}

func TestRedisVolumesGoWithTheStatefulSetWhenAsked(t *testing.T) {
	assert.NotContains(t, mustRender(t, "redis", "redis", "").at(t, "StatefulSet/redis", "spec"), "persistentVolumeClaimRetentionPolicy")
	found := mustRender(t, "redis", "redis", "persistentVolumeClaimRetentionPolicy: {enabled: true, whenDeleted: Delete}")
	assert.Equal(t, map[string]any{"whenDeleted": "Delete", "whenScaled": "Retain"},
		found.at(t, "StatefulSet/redis", "spec", "persistentVolumeClaimRetentionPolicy"))
}

func TestMonitorsOnlyWhereTheKindExists(t *testing.T) {
	for _, test := range []struct {
		chart, values string
		monitors      []string
	}{
		{"cluster", clusterValues, []string{"PodMonitor/release-cluster-cluster-podmonitor", "PrometheusRule/release-cluster-alert-rules"}},
		{"redis", "metrics: {enabled: true, serviceMonitor: {enabled: true, selector: {release: monitoring}}}", []string{"ServiceMonitor/release-redis-metrics"}},
		{"cloudnative-pg", "monitoring: {podMonitorEnabled: true}", []string{"PodMonitor/release-cloudnative-pg"}},
	} {
		without := mustRender(t, test.chart, "release", test.values).keys()
		with := mustRender(t, test.chart, "release", test.values, monitoringKinds...).keys()
		assert.Subset(t, with, test.monitors)
		assert.Len(t, with, len(without)+len(test.monitors), "%s", test.chart)
	}
	found := mustRender(t, "cluster", "release", clusterValues, monitoringKinds...)
	assert.Equal(t, "monitoring", found.at(t, "PodMonitor/release-cluster-cluster-podmonitor", "metadata", "labels", "release"))
}

func TestOperator(t *testing.T) {
	found := mustRender(t, "cloudnative-pg", "operator", "{replicaCount: 2, config: {data: {INHERITED_LABELS: team}}}")
	assert.ElementsMatch(t, []string{
		"ServiceAccount/operator-cloudnative-pg", "ClusterRole/operator-cloudnative-pg", "ClusterRoleBinding/operator-cloudnative-pg",
		"Deployment/operator-cloudnative-pg", "Service/cnpg-webhook-service", "ConfigMap/cnpg-controller-manager-config",
	}, found.keys())
	assert.EqualValues(t, 2, found.at(t, "Deployment/operator-cloudnative-pg", "spec", "replicas"))
	assert.Equal(t, map[string]any{"INHERITED_LABELS": "team"}, found.at(t, "ConfigMap/cnpg-controller-manager-config", "data"))

	scoped := mustRender(t, "cloudnative-pg", "operator", "config: {clusterWide: false}")
	assert.Subset(t, scoped.keys(), []string{"Role/operator-cloudnative-pg", "RoleBinding/operator-cloudnative-pg"})
	clusterRules := scoped.at(t, "ClusterRole/operator-cloudnative-pg", "rules").([]any)
	assert.Len(t, clusterRules, 2, "what is not namespaced, and nothing else")
}
