package charts_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// ports returns a Service's ports: names to numbers.
func (o objects) ports(t *testing.T, service string) map[string]float64 {
	t.Helper()
	found := map[string]float64{}
	for _, port := range o.at(t, service, "spec", "ports").([]any) {
		name, _ := port.(map[string]any)["name"].(string)
		found[name] = port.(map[string]any)["port"].(float64)
	}
	return found
}

func TestIstiod(t *testing.T) {
	found := mustRender(t, "istiod", "risk-istiod", "global: {istioNamespace: "+namespace+"}")
	assert.Equal(t, map[string]float64{"grpc-xds": 15010, "https-dns": 15012, "https-webhook": 443, "http-monitoring": 15014},
		found.ports(t, "Service/istiod"))
	assert.Equal(t, map[string]any{"istio": "pilot"}, found.at(t, "Deployment/istiod", "spec", "selector", "matchLabels"))
	assert.Subset(t, found.keys(), []string{"ConfigMap/istio", "ServiceAccount/istiod", "HorizontalPodAutoscaler/istiod", "PodDisruptionBudget/istiod"})
	assert.Equal(t, []string{"ServiceAccount/istio-reader-service-account"}, mustRender(t, "base", "risk-istio-base", "").keys())
}

// TestGatewayIsSelected by the labels that Gateways of the platform name, whatever the release is called.
func TestGatewayIsSelected(t *testing.T) {
	found := mustRender(t, "gateway", "risk-istio-gateway", "{name: istio-ingress, labels: {istio: ingress, team: risk}}")
	selector := map[string]any{"app": "istio-ingress", "istio": "ingress"}
	assert.Equal(t, selector, found.at(t, "Service/istio-ingress", "spec", "selector"))
	assert.Equal(t, selector, found.at(t, "Deployment/istio-ingress", "spec", "selector", "matchLabels"))
	pods := found.at(t, "Deployment/istio-ingress", "spec", "template")
	assert.Subset(t, found.at(t, "Deployment/istio-ingress", "spec", "template", "metadata", "labels"),
		map[string]any{"app": "istio-ingress", "istio": "ingress", "team": "risk", "sidecar.istio.io/inject": "true"}, pods)
	assert.Equal(t, "istio-ingress", found.at(t, "Deployment/istio-ingress", "spec", "template", "spec", "serviceAccountName"))
	assert.Equal(t, map[string]float64{"status-port": 15021, "http2": 80, "https": 443}, found.ports(t, "Service/istio-ingress"))
	assert.NotContains(t, found.keys(), "PodDisruptionBudget/istio-ingress")
	assert.Contains(t, mustRender(t, "gateway", "gw", "{autoscaling: {minReplicas: 2}, podDisruptionBudget: {minAvailable: 1}}").keys(), "PodDisruptionBudget/gw")
}

func TestVPA(t *testing.T) {
	all := mustRender(t, "vpa", "vpa", "").keys()
	assert.Subset(t, all, []string{"Deployment/vpa-recommender", "Deployment/vpa-updater", "Deployment/vpa-admission-controller",
		"ServiceAccount/vpa-recommender", "Service/vpa-webhook", "ClusterRole/vpa-metrics-reader"})
	assert.ElementsMatch(t, []string{"Deployment/vpa-recommender", "ServiceAccount/vpa-recommender", "ClusterRole/vpa-metrics-reader"},
		mustRender(t, "vpa", "vpa", "{updater: {enabled: false}, admissionController: {enabled: false}}").keys())
}

func TestPrometheusAdapter(t *testing.T) {
	found := mustRender(t, "prometheus-adapter", "prometheus-adapter", `
prometheus: {url: "http://prometheus.monitoring.svc", port: 9090}
rules: {default: false, custom: [{seriesQuery: http_requests_total, resources: {template: <<.Resource>>}, name: {as: rps}, metricsQuery: sum(x)}]}
`)
	const deployment = "Deployment/prometheus-adapter"
	assert.Contains(t, found.at(t, deployment, "spec", "template", "spec", "containers", 0, "args"),
		"--prometheus-url=http://prometheus.monitoring.svc:9090")
	assert.Contains(t, found.at(t, "ConfigMap/prometheus-adapter", "data", "config.yaml"), "seriesQuery: http_requests_total")
	assert.Equal(t, map[string]float64{"https": 443}, found.ports(t, "Service/prometheus-adapter"))
	assert.Contains(t, found.keys(), "ClusterRole/prometheus-adapter-resource-reader")
}
