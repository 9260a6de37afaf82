package charts_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

func TestPrometheusObject(t *testing.T) {
	found := mustRender(t, stackChart, "monitoring", stackValues)
	spec := found.at(t, prometheusObject, "spec").(map[string]any)
	claim := map[string]any{"storageClassName": "kwok-volume", "resources": map[string]any{"requests": map[string]any{"storage": "50Gi"}}}
	assert.Subset(t, spec, map[string]any{
		"retention": "15d", "retentionSize": "45GB", "scrapeInterval": "15s", "evaluationInterval": "15s", "replicas": 2.0,
		"externalLabels": map[string]any{"environment": "prod"}, "secrets": []any{"client-certificate"},
		"storage":                              map[string]any{"volumeClaimTemplate": map[string]any{"spec": claim}},
		"persistentVolumeClaimRetentionPolicy": map[string]any{"whenDeleted": "Delete", "whenScaled": "Retain"},
	})
	assert.Equal(t, "monitoring-kube-prometheus-alertmanager", found.at(t, prometheusObject, "spec", "alerting", "alertmanagers", 0, "name"))
	assert.Contains(t, found.at(t, prometheusObject, "spec", "affinity", "podAntiAffinity"), "requiredDuringSchedulingIgnoredDuringExecution")

	const operated = "StatefulSet/prometheus-monitoring-kube-prometheus-prometheus"
	claim["accessModes"] = []any{"ReadWriteOnce"}
	assert.Equal(t, claim, found.at(t, operated, "spec", "volumeClaimTemplates", 0, "spec"))
	assert.Equal(t, "prometheus-monitoring-kube-prometheus-prometheus-db", found.at(t, operated, "spec", "volumeClaimTemplates", 0, "metadata", "name"))
	assert.Equal(t, "Delete", found.at(t, operated, "spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"))
	assert.Subset(t, found.at(t, operated, "spec", "template", "metadata", "labels"), map[string]any{"app.kubernetes.io/name": "prometheus", "team": "risk"})
	assert.Contains(t, found.at(t, operated, "spec", "template", "spec", "containers", 0, "args"), "--storage.tsdb.retention.time=15d")
	assert.EqualValues(t, 2, found.at(t, operated, "spec", "replicas"))
	assert.Equal(t, map[string]any{"maxUnavailable": 1.0, "selector": map[string]any{"matchLabels": map[string]any{
		"app.kubernetes.io/name": "prometheus", "operator.prometheus.io/name": "monitoring-kube-prometheus-prometheus"}}},
		found.at(t, "PodDisruptionBudget/monitoring-kube-prometheus-prometheus", "spec"))

	bare := mustRender(t, stackChart, "monitoring", bareStackValues)
	assert.NotContains(t, bare.at(t, prometheusObject, "spec"), "alerting")
	assert.NotContains(t, bare.at(t, operated, "spec"), "volumeClaimTemplates")
	for key, object := range bare {
		assert.NotContains(t, []string{"DaemonSet", "PrometheusRule", "Alertmanager", "Secret"}, object.GetKind(), key)
	}
}

func TestAlertmanagerObject(t *testing.T) {
	found := mustRender(t, stackChart, "monitoring", stackValues)
	spec := found.at(t, alertmanagerObject, "spec").(map[string]any)
	assert.Subset(t, spec, map[string]any{"replicas": 3.0, "retention": "120h", "secrets": []any{"notify"},
		"alertmanagerConfigSelector": map[string]any{"matchLabels": map[string]any{"platform": "risk"}}})
	assert.NotContains(t, spec, "configSecret")
	assert.NotContains(t, spec, "alertmanagerConfigNamespaceSelector", "its own namespace")

	const operated = "StatefulSet/alertmanager-monitoring-kube-prometheus-alertmanager"
	pod := found.at(t, operated, "spec", "template", "spec").(map[string]any)
	assert.Contains(t, found.at(t, operated, "spec", "template", "spec", "containers", 0, "volumeMounts"),
		map[string]any{"name": "secret-notify", "mountPath": "/etc/alertmanager/secrets/notify", "readOnly": true})
	assert.Contains(t, pod["volumes"], map[string]any{"name": "secret-notify", "secret": map[string]any{"secretName": "notify"}})
	assert.Contains(t, pod["volumes"], map[string]any{"name": "config-volume", "secret": map[string]any{"secretName": "alertmanager-monitoring-kube-prometheus-alertmanager"}})
	assert.Equal(t, map[string]any{}, mustRender(t, stackChart, "monitoring", "").at(t, alertmanagerObject, "spec", "alertmanagerConfigNamespaceSelector"),
		"upstream's default: AlertmanagerConfigs of every namespace")

	given := mustRender(t, stackChart, "monitoring", "alertmanager: {alertmanagerSpec: {useExistingSecret: true, configSecret: routes}}")
	assert.NotContains(t, given.keys(), "Secret/alertmanager-monitoring-kube-prometheus-alertmanager")
	assert.Equal(t, "routes", given.at(t, alertmanagerObject, "spec", "configSecret"))
	assert.Contains(t, given.at(t, operated, "spec", "template", "spec", "volumes"), map[string]any{"name": "config-volume", "secret": map[string]any{"secretName": "routes"}})
}

// TestAlertmanagerConfiguration is merged with the defaults, as Helm merges maps: what is not set stays.
func TestAlertmanagerConfiguration(t *testing.T) {
	found := mustRender(t, stackChart, "monitoring", stackValues)
	text := found.at(t, "Secret/alertmanager-monitoring-kube-prometheus-alertmanager", "stringData", "alertmanager.yaml").(string)
	var config struct {
		Global       map[string]any   `json:"global"`
		Route        map[string]any   `json:"route"`
		Receivers    []map[string]any `json:"receivers"`
		InhibitRules []any            `json:"inhibit_rules"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(text), &config))
	assert.Equal(t, "slack", config.Route["receiver"])
	assert.Equal(t, "12h", config.Route["repeat_interval"], "a default that stays")
	require.Len(t, config.Receivers, 2, "a list is replaced")
	assert.Len(t, config.InhibitRules, 4)
	assert.Equal(t, "5m", config.Global["resolve_timeout"])
}
