package charts_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

const (
	stackChart = "kube-prometheus-stack"
	crdsChart  = "prometheus-operator-crds"

	// stackValues turn on what the platform may want of the stack.
	stackValues = `
crds: {enabled: false}
defaultRules: {disabled: {InfoInhibitor: true}, labels: {team: risk}, additionalRuleLabels: {source: stack}}
prometheusOperator: {resources: {limits: {memory: 256Mi}}, namespaces: {releaseNamespace: true, additional: [federated-risk]}}
prometheus:
  podDisruptionBudget: {enabled: true, minAvailable: null, maxUnavailable: 1}
  prometheusSpec:
    replicas: 2
    retention: 15d
    retentionSize: 45GB
    scrapeInterval: 15s
    evaluationInterval: 15s
    externalLabels: {environment: prod}
    secrets: [client-certificate]
    ruleSelectorNilUsesHelmValues: false
    ruleSelector: {matchLabels: {platform: risk}}
    ruleNamespaceSelector: {matchLabels: {platform: risk}}
    serviceMonitorSelectorNilUsesHelmValues: false
    podMonitorSelectorNilUsesHelmValues: false
    probeSelectorNilUsesHelmValues: false
    scrapeConfigSelectorNilUsesHelmValues: false
    resources: {requests: {cpu: 500m, memory: 2Gi}}
    storageSpec: {volumeClaimTemplate: {spec: {storageClassName: standard, resources: {requests: {storage: 50Gi}}}}}
    persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Retain}
    podMetadata: {labels: {team: risk}, annotations: {sidecar.istio.io/inject: "false"}}
    podAntiAffinity: hard
alertmanager:
  podDisruptionBudget: {enabled: true}
  config:
    route: {receiver: slack, routes: [{receiver: pager, matchers: ['severity = critical']}]}
    receivers:
      - {name: slack, slack_configs: [{channel: '#risk', api_url_file: /etc/alertmanager/secrets/notify/slack}]}
      - {name: pager, webhook_configs: [{url_file: /etc/alertmanager/secrets/notify/webhook}]}
  alertmanagerSpec:
    replicas: 3
    secrets: [notify]
    alertmanagerConfigSelector: {matchLabels: {platform: risk}}
    alertmanagerConfigNamespaceSelector: null
    alertmanagerConfigMatcherStrategy: {type: None}
    storage: {volumeClaimTemplate: {spec: {resources: {requests: {storage: 2Gi}}}}}
grafana:
  admin: {existingSecret: grafana-admin, userKey: user, passwordKey: password}
  sidecar: {dashboards: {label: dashboards, searchNamespace: [federated-risk, other], resource: configmap}}
  grafana.ini: {users: {default_theme: light}, auth.anonymous: {enabled: false}}
  persistence: {enabled: true, size: 5Gi}
  deploymentStrategy: {type: Recreate}
kubeEtcd: {enabled: false}
kube-state-metrics: {metricLabelsAllowlist: ["pods=[app]"]}
prometheus-node-exporter: {service: {port: 9110, targetPort: 9110}}
`
	// bareStackValues leave Prometheus and its operator.
	bareStackValues = `
prometheusOperator: {tls: {enabled: false}, admissionWebhooks: {enabled: false}}
alertmanager: {enabled: false}
grafana: {enabled: false}
defaultRules: {create: false}
nodeExporter: {enabled: false}
kubeStateMetrics: {enabled: false}
kubernetesServiceMonitors: {enabled: false}
`
	// onlyGrafana lacks its closing braces.
	onlyGrafana = `{prometheusOperator: {enabled: false}, prometheus: {enabled: false}, alertmanager: {enabled: false}, nodeExporter: {enabled: false},
  kubeStateMetrics: {enabled: false}, kubernetesServiceMonitors: {enabled: false}, defaultRules: {create: false}, grafana: {serviceMonitor: {enabled: false}`

	prometheusObject   = "Prometheus/monitoring-kube-prometheus-prometheus"
	alertmanagerObject = "Alertmanager/monitoring-kube-prometheus-alertmanager"
)

func TestTheCRDChartHasNoObjects(t *testing.T) {
	assert.Empty(t, mustRender(t, crdsChart, "risk-crds", "crds: {annotations: {helm.sh/resource-policy: keep}, probes: {enabled: false}}"))
	_, err := render(t, crdsChart, "risk-crds", "crds: {servicemonitor: {enabled: true}}")
	assert.ErrorContains(t, err, "'servicemonitor' not allowed")
}

// TestStackServices are the addresses that the platform's other parts are given.
func TestStackServices(t *testing.T) {
	found := mustRender(t, stackChart, "monitoring", "")
	for service, want := range map[string]map[string]float64{
		"prometheus-operated":                       {"http-web": 9090},
		"alertmanager-operated":                     {"http-web": 9093, "tcp-mesh": 9094, "udp-mesh": 9094},
		"monitoring-kube-prometheus-prometheus":     {"http-web": 9090, "reloader-web": 8080},
		"monitoring-kube-prometheus-alertmanager":   {"http-web": 9093, "reloader-web": 8080},
		"monitoring-kube-prometheus-operator":       {"https": 443},
		"monitoring-grafana":                        {"http-web": 80},
		"monitoring-kube-state-metrics":             {"http": 8080},
		"monitoring-prometheus-node-exporter":       {"http-metrics": 9100},
		"monitoring-kube-prometheus-coredns":        {"http-metrics": 9153},
		"monitoring-kube-prometheus-kube-etcd":      {"http-metrics": 2381},
		"monitoring-kube-prometheus-kube-proxy":     {"http-metrics": 10249},
		"monitoring-kube-prometheus-kube-scheduler": {"http-metrics": 10259},
	} {
		assert.Equal(t, want, found.ports(t, "Service/"+service), service)
	}
	found = mustRender(t, stackChart, "monitoring", "{fullnameOverride: watch, prometheus: {service: {port: 80}}}")
	assert.EqualValues(t, 80, found.at(t, "Service/watch-prometheus", "spec", "ports", 0, "port"))
	assert.Subset(t, found.keys(), []string{"Service/watch-alertmanager", "StatefulSet/prometheus-watch-prometheus", "Service/monitoring-grafana"},
		"the subcharts are named after the release")
}

// TestStackServicesFindTheirPods, by labels and by names of ports.
func TestStackServicesFindTheirPods(t *testing.T) {
	for _, values := range []string{"", stackValues, bareStackValues, "{nameOverride: watch, grafana: {nameOverride: boards}}"} {
		found := mustRender(t, stackChart, "monitoring", values)
		for key, object := range found {
			if object.GetKind() == "Service" && object.GetNamespace() != "kube-system" {
				reachesAWorkload(t, found, key)
			}
		}
	}
}

// reachesAWorkload checks that a Service selects the pods of one workload, which has the ports that it leads to.
func reachesAWorkload(t *testing.T, found objects, service string) {
	t.Helper()
	selector := found.at(t, service, "spec", "selector").(map[string]any)
	reached := 0
	for key, object := range found {
		if kind := object.GetKind(); kind != "StatefulSet" && kind != "Deployment" && kind != "DaemonSet" {
			continue
		}
		podLabels := found.at(t, key, "spec", "template", "metadata", "labels").(map[string]any)
		assert.Subset(t, podLabels, found.at(t, key, "spec", "selector", "matchLabels"), "%s selects its own pods", key)
		if !contains(podLabels, selector) {
			continue
		}
		reached++
		ports := map[any]bool{}
		for _, container := range found.at(t, key, "spec", "template", "spec", "containers").([]any) {
			declared, _ := container.(map[string]any)["ports"].([]any)
			for _, port := range declared {
				ports[port.(map[string]any)["name"]], ports[port.(map[string]any)["containerPort"]] = true, true
			}
		}
		for _, port := range found.at(t, service, "spec", "ports").([]any) {
			assert.True(t, ports[port.(map[string]any)["targetPort"]], "%s: %s has no port %v", service, key, port)
		}
	}
	assert.Equal(t, 1, reached, "workloads that %s reaches", service)
}

func contains(labels, selector map[string]any) bool {
	for name, value := range selector {
		if labels[name] != value {
			return false
		}
	}
	return true
}

// TestWhatPrometheusSelects is what the five NilUsesHelmValues decide: whether rules and monitors that are not the
// release's own count.
func TestWhatPrometheusSelects(t *testing.T) {
	own := map[string]any{"matchLabels": map[string]any{"release": "monitoring"}}
	everything, labelled := map[string]any{}, map[string]any{"matchLabels": map[string]any{"platform": "risk"}}
	for _, what := range []string{"rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig"} {
		for _, test := range []struct {
			values string
			want   any
		}{
			{"", own},
			{what + "Selector: null", own},
			{what + "SelectorNilUsesHelmValues: false", everything},
			{what + "Selector: {matchLabels: {platform: risk}}", labelled},
			{what + "SelectorNilUsesHelmValues: false, " + what + "Selector: {matchLabels: {platform: risk}}", labelled},
		} {
			found := mustRender(t, stackChart, "monitoring", "prometheus: {prometheusSpec: {"+test.values+"}}")
			assert.Equal(t, test.want, found.at(t, prometheusObject, "spec", what+"Selector"), test.values)
			assert.Equal(t, everything, found.at(t, prometheusObject, "spec", what+"NamespaceSelector"), "every namespace, unless told otherwise")
		}
		nothing := mustRender(t, stackChart, "monitoring", "prometheus: {prometheusSpec: {"+what+"SelectorNilUsesHelmValues: false, "+what+"Selector: null}}")
		spec := nothing.at(t, prometheusObject, "spec").(map[string]any)
		if what == "rule" || what == "scrapeConfig" {
			assert.NotContains(t, spec, what+"Selector", "which the operator takes for none")
		} else {
			assert.Equal(t, everything, spec[what+"Selector"])
		}
	}
}

// TestTheStackSelectsItsOwn monitors and rules with the default selectors.
func TestTheStackSelectsItsOwn(t *testing.T) {
	found := mustRender(t, stackChart, "monitoring", "")
	var monitors []string
	for key, object := range found {
		if object.GetKind() == "ServiceMonitor" || object.GetKind() == "PrometheusRule" {
			monitors = append(monitors, strings.TrimPrefix(object.GetName(), "monitoring-"))
			assert.Equal(t, "monitoring", object.GetLabels()["release"], key)
		}
	}
	assert.ElementsMatch(t, []string{"grafana", "kube-state-metrics", "prometheus-node-exporter", "kube-prometheus-prometheus", "kube-prometheus-alertmanager",
		"kube-prometheus-operator", "kube-prometheus-apiserver", "kube-prometheus-kubelet", "kube-prometheus-coredns", "kube-prometheus-kube-controller-manager",
		"kube-prometheus-kube-etcd", "kube-prometheus-kube-proxy", "kube-prometheus-kube-scheduler", "kube-prometheus-general.rules"}, monitors)
	assert.NotContains(t, mustRender(t, stackChart, "monitoring", stackValues).keys(), "ServiceMonitor/monitoring-kube-prometheus-kube-etcd")
}

func TestPrometheusObject(t *testing.T) {
	found := mustRender(t, stackChart, "monitoring", stackValues)
	spec := found.at(t, prometheusObject, "spec").(map[string]any)
	claim := map[string]any{"storageClassName": "standard", "resources": map[string]any{"requests": map[string]any{"storage": "50Gi"}}}
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

func TestStackRefuses(t *testing.T) {
	for values, want := range map[string]string{
		"grafana: {adminPassword: hunter2}":                                                             "'adminPassword' not allowed",
		"grafana: {grafana.ini: {security: {admin_password: hunter2}}}":                                 "admin_password",
		"alertmanager: {config: {receivers: [{name: 'null', slack_configs: [{api_url: x}]}]}}":          "api_url",
		"alertmanager: {config: {global: {slack_api_url: x}}}":                                          "slack_api_url",
		"alertmanager: {config: {receivers: [{name: slack}]}}":                                          `alertmanager.config.route.receiver: "null"`,
		"alertmanager: {config: {receivers: [{name: slack}], route: {receiver: slack}}}":                `alertmanager.config.route.routes[0].receiver: "null"`,
		"alertmanager: {config: {rout: {receiver: 'null'}}}":                                            "'rout' not allowed",
		"prometheusOperator: {admissionWebhooks: {enabled: false}}":                                     "tls.enabled: false",
		"prometheusOperator: {admissionWebhooks: {patch: {enabled: false}}}":                            "tls.enabled: false",
		"prometheus: {prometheusSpec: {retention: 15 days}}":                                            "retention",
		"prometheus: {prometheusSpec: {retentionSize: 45Gi}}":                                           "retentionSize",
		"prometheus: {prometheusSpec: {serviceMonitorSelectorNilUseHelmValues: false}}":                 "'serviceMonitorSelectorNilUseHelmValues' not allowed",
		"prometheus: {prometheusSpec: {ruleSelector: {platform: risk}}}":                                "'platform' not allowed",
		"prometheus: {prometheusSpec: {storageSpec: {volumeClaimTemplate: {spec: {resources: 50Gi}}}}}": "resources",
		"prometheus: {prometheusSpec: {podAntiAffinity: required}}":                                     "podAntiAffinity",
		"defaultRules: {rules: {kubeApiServer: false}}":                                                 "'kubeApiServer' not allowed",
		"nodeExporter: {resources: {}}":                                                                 "'resources' not allowed",
	} {
		_, err := render(t, stackChart, "monitoring", values)
		assert.ErrorContains(t, err, want, values)
	}
	for _, values := range []string{
		"prometheusOperator: {admissionWebhooks: {enabled: false, certManager: {enabled: true}}}",
		"alertmanager: {config: {receivers: [{name: slack}], route: {receiver: slack, routes: []}}}",
		"alertmanager: {config: {receivers: [{name: slack}]}, alertmanagerSpec: {useExistingSecret: true}}",
	} {
		_, err := render(t, stackChart, "monitoring", values)
		assert.NoError(t, err, values)
	}
}
