package charts_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
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
    storageSpec: {volumeClaimTemplate: {spec: {storageClassName: kwok-volume, resources: {requests: {storage: 50Gi}}}}}
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
}

// TestStackAccepts what the refusals above name as ways out.
func TestStackAccepts(t *testing.T) {
	for _, values := range []string{
		"prometheusOperator: {admissionWebhooks: {enabled: false, certManager: {enabled: true}}}",
		"alertmanager: {config: {receivers: [{name: slack}], route: {receiver: slack, routes: []}}}",
		"alertmanager: {config: {receivers: [{name: slack}]}, alertmanagerSpec: {useExistingSecret: true}}",
	} {
		_, err := render(t, stackChart, "monitoring", values)
		assert.NoError(t, err, values)
	}
}
