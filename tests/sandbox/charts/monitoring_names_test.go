package charts_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

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
