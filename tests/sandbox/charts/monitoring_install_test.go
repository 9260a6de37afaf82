package charts_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kinds "k8s.io/apimachinery/pkg/runtime/schema"
)

// monitoringResource returns a resource of the Prometheus operator's.
func monitoringResource(plural string) kinds.GroupVersionResource {
	return kinds.GroupVersionResource{Group: "monitoring.coreos.com", Version: "v1", Resource: plural}
}

func TestStackGetsReadyAndIsReached(t *testing.T) {
	s := newSite(t)
	s.install(t, crdsChart, "risk-crds", "")
	s.install(t, stackChart, "monitoring", stackValues)
	for service, want := range map[string]int{
		"prometheus-operated": 2, "monitoring-kube-prometheus-prometheus": 2, "alertmanager-operated": 3, "monitoring-kube-prometheus-alertmanager": 3,
		"monitoring-grafana": 1, "monitoring-kube-state-metrics": 1, "monitoring-kube-prometheus-operator": 1,
	} {
		require.NoError(t, s.waitForEndpoints(t, service, want), "Service %s must reach %d pods", service, want)
	}
	// The simulated nodes share one address, so that endpoints of the host's network count for nothing.
	exporter, err := s.clients.AppsV1().DaemonSets(namespace).Get(t.Context(), "monitoring-prometheus-node-exporter", metav1.GetOptions{})
	require.NoError(t, err)
	assert.EqualValues(t, 3, exporter.Status.NumberReady, "one a node")
	for _, name := range []string{
		"prometheus-monitoring-kube-prometheus-prometheus-db-prometheus-monitoring-kube-prometheus-prometheus-1",
		"alertmanager-monitoring-kube-prometheus-alertmanager-db-alertmanager-monitoring-kube-prometheus-alertmanager-2",
		"monitoring-grafana",
	} {
		claim, err := s.clients.CoreV1().PersistentVolumeClaims(namespace).Get(t.Context(), name, metav1.GetOptions{})
		if assert.NoError(t, err) {
			assert.Equal(t, corev1.ClaimBound, claim.Status.Phase, name)
		}
	}
	for plural, name := range map[string]string{
		"prometheuses": "monitoring-kube-prometheus-prometheus", "alertmanagers": "monitoring-kube-prometheus-alertmanager",
		"servicemonitors": "monitoring-kube-state-metrics", "prometheusrules": "monitoring-kube-prometheus-general.rules",
	} {
		_, err := s.dynamic.Resource(monitoringResource(plural)).Namespace(namespace).Get(t.Context(), name, metav1.GetOptions{})
		assert.NoError(t, err, plural)
	}
}

// TestMonitorsAreMadeInTheSandbox: the other charts leave them out where the kind is unknown, and there it is not.
func TestMonitorsAreMadeInTheSandbox(t *testing.T) {
	s := newSite(t)
	s.install(t, "redis", "seen-redis", "{metrics: {enabled: true, serviceMonitor: {enabled: true, selector: {platform: risk}}}}")
	s.install(t, "cluster", "seen-cluster", "{cluster: {instances: 1, monitoring: {enabled: true, podMonitor: {labels: {platform: risk}}}}}")
	s.install(t, "cloudnative-pg", "seen-cloudnative-pg", "{monitoring: {podMonitorEnabled: true, podMonitorAdditionalLabels: {platform: risk}}}")
	for name, plural := range map[string]string{
		"seen-redis-metrics": "servicemonitors", "seen-cluster-cluster-podmonitor": "podmonitors", "seen-cloudnative-pg": "podmonitors",
	} {
		monitor, err := s.dynamic.Resource(monitoringResource(plural)).Namespace(namespace).Get(t.Context(), name, metav1.GetOptions{})
		if assert.NoError(t, err, name) {
			assert.Equal(t, "risk", monitor.GetLabels()["platform"], name)
		}
	}
	_, err := s.dynamic.Resource(monitoringResource("prometheusrules")).Namespace(namespace).Get(t.Context(), "seen-cluster-alert-rules", metav1.GetOptions{})
	assert.NoError(t, err)
}
