package charts_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGrafana(t *testing.T) {
	found := mustRender(t, stackChart, "monitoring", stackValues)
	const deployment = "Deployment/monitoring-grafana"
	assert.NotContains(t, found.keys(), "Secret/monitoring-grafana")
	containers := found.at(t, deployment, "spec", "template", "spec", "containers").([]any)
	require.Len(t, containers, 3)
	for i := range containers {
		user, password := map[string]any{"name": "grafana-admin", "key": "user"}, map[string]any{"name": "grafana-admin", "key": "password"}
		environment := containers[i].(map[string]any)["env"].([]any)
		assert.Equal(t, user, environment[len(environment)-2].(map[string]any)["valueFrom"].(map[string]any)["secretKeyRef"])
		assert.Equal(t, password, environment[len(environment)-1].(map[string]any)["valueFrom"].(map[string]any)["secretKeyRef"])
	}
	dashboards := containers[0].(map[string]any)["env"].([]any)
	for name, value := range map[string]string{"LABEL": "dashboards", "LABEL_VALUE": "1", "RESOURCE": "configmap", "NAMESPACE": "federated-risk,other"} {
		assert.Contains(t, dashboards, map[string]any{"name": name, "value": value})
	}
	assert.Equal(t, "[auth.anonymous]\nenabled = false\n\n[users]\ndefault_theme = light\n",
		strings.TrimLeft(found.at(t, "ConfigMap/monitoring-grafana", "data", "grafana.ini").(string), "\n"))
	assert.Contains(t, found.at(t, "ConfigMap/monitoring-kube-prometheus-grafana-datasource", "data", "datasource.yaml"),
		"url: http://monitoring-kube-prometheus-prometheus."+namespace+":9090/")
	assert.Equal(t, "5Gi", found.at(t, "PersistentVolumeClaim/monitoring-grafana", "spec", "resources", "requests", "storage"))
	assert.Equal(t, "Recreate", found.at(t, deployment, "spec", "strategy", "type"))

	found = mustRender(t, stackChart, "monitoring", "grafana: {rbac: {namespaced: true}}")
	require.Len(t, found.at(t, "Secret/monitoring-grafana", "stringData", "admin-password"), 40)
	assert.Contains(t, found.keys(), "Role/monitoring-grafana")
	assert.NotContains(t, found.keys(), "ClusterRole/monitoring-grafana-clusterrole")
	assert.NotContains(t, found.keys(), "PersistentVolumeClaim/monitoring-grafana")
}

func TestExporters(t *testing.T) {
	found := mustRender(t, stackChart, "monitoring", stackValues)
	const node = "DaemonSet/monitoring-prometheus-node-exporter"
	assert.Equal(t, true, found.at(t, node, "spec", "template", "spec", "hostNetwork"))
	assert.EqualValues(t, 9110, found.at(t, node, "spec", "template", "spec", "containers", 0, "ports", 0, "containerPort"), "a port of the node")
	assert.Equal(t, "node-exporter", found.at(t, "Service/monitoring-prometheus-node-exporter", "metadata", "labels", "jobLabel"))
	assert.Equal(t, "jobLabel", found.at(t, "ServiceMonitor/monitoring-prometheus-node-exporter", "spec", "jobLabel"))
	assert.Contains(t, found.at(t, "Deployment/monitoring-kube-state-metrics", "spec", "template", "spec", "containers", 0, "args"), "--metric-labels-allowlist=pods=[app]")
	assert.Equal(t, true, found.at(t, "ServiceMonitor/monitoring-kube-state-metrics", "spec", "endpoints", 0, "honorLabels"))
}

func TestDefaultRules(t *testing.T) {
	found := mustRender(t, stackChart, "monitoring", stackValues)
	const rules = "PrometheusRule/monitoring-kube-prometheus-general.rules"
	var alerts []any
	for _, rule := range found.at(t, rules, "spec", "groups", 0, "rules").([]any) {
		alerts = append(alerts, rule.(map[string]any)["alert"])
		assert.Equal(t, "stack", rule.(map[string]any)["labels"].(map[string]any)["source"])
	}
	assert.ElementsMatch(t, []any{"TargetDown", "Watchdog"}, alerts)
	assert.Equal(t, "risk", found.at(t, rules, "metadata", "labels", "team"))
	assert.NotContains(t, mustRender(t, stackChart, "monitoring", "defaultRules: {rules: {general: false}}").keys(), rules)
}
