package tests

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

func TestMonitoringReleases(t *testing.T) {
	everywhere(t, func(t *testing.T, stack string, run *stacktest.Run) {
		for _, name := range []string{"monitoring-stack-crds", "monitoring-stack"} {
			release := run.Find(t, "Release", name)
			assert.Equal(t, "federated-risk-monitoring", release.Get(t, "namespace"))
			assert.Nil(t, release.Get(t, "takeOwnership"), "%s: a second installation must fail", name)
		}
		assert.Equal(t, map[string]any{"crds": map[string]any{"annotations": map[string]any{"helm.sh/resource-policy": "keep"}}},
			run.Find(t, "Release", "monitoring-stack-crds").Get(t, "values"), "a destroy would take every stack's monitors and rules along")
		values := run.Find(t, "Release", "monitoring-stack").Get(t, "values").(map[string]any)
		prometheus := values["prometheus"].(map[string]any)["prometheusSpec"].(map[string]any)
		for _, kind := range []string{"rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig"} {
			assert.Equal(t, false, prometheus[kind+"SelectorNilUsesHelmValues"], "%s: those of the program would be ignored", kind)
		}
		assert.Equal(t, map[string]any{"enabled": false}, values["crds"], "Helm would never upgrade them")
		if stack == "prod" {
			assert.Equal(t, "30d", prometheus["retention"])
			assert.Equal(t, "87040MB", prometheus["retentionSize"], "85 %% of the disk, in units of 2^20 bytes")
			assert.Equal(t, "15s", prometheus["scrapeInterval"])
			assert.Equal(t, "15s", prometheus["evaluationInterval"])
			assert.Equal(t, "100Gi", run.Find(t, "Release", "monitoring-stack").
				Get(t, "values.prometheus.prometheusSpec.storageSpec.volumeClaimTemplate.spec.resources.requests.storage"))
		}
	})
}

// TestMonitoringDelaysNothing but what is of the kinds that it brings, which waits for the kinds alone.
func TestMonitoringDelaysNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		for _, r := range run.Resources {
			waits := releasesOf(run, r)
			assert.NotContains(t, waits, "monitoring-stack", r.Name)
			if slices.Contains(waits, "monitoring-stack-crds") {
				assert.True(t, strings.HasPrefix(r.Name, "monitoring-"), "%s %s", r.Type, r.Name)
			} else {
				assert.NotContains(t, r.Type, "monitoring.coreos.com", r.Name)
			}
		}
	})
}

// TestServicesAreScraped follows each ServiceMonitor to a Service, to the pods behind it and through the policies.
func TestServicesAreScraped(t *testing.T) {
	everywhere(t, func(t *testing.T, stack string, run *stacktest.Run) {
		judge := networkOf(t, run)
		prometheus := endpoint{namespace: "federated-risk-monitoring", labels: map[string]string{"app.kubernetes.io/name": "prometheus"}}
		var jobs []string
		for _, monitor := range run.OfKind("ServiceMonitor") {
			selected := monitor.Get(t, "spec.selector.matchLabels").(map[string]any)
			var services []*stacktest.Resource
			for _, service := range run.OfKind("v1:Service") {
				if includes(service.Get(t, "metadata.labels"), selected) {
					services = append(services, service)
				}
			}
			require.Len(t, services, 1, "%s selects %v", monitor.Name, selected)
			service := services[0]
			jobs = append(jobs, service.Get(t, "metadata.labels."+monitor.Get(t, "spec.jobLabel").(string)).(string))

			assert.Equal(t, service.Get(t, "spec.ports[0].name"), monitor.Get(t, "spec.endpoints[0].port"))
			assert.Equal(t, "10s", monitor.Get(t, "spec.endpoints[0].interval"), "the runbook's")
			assert.Equal(t, "$1:15020", monitor.Get(t, "spec.endpoints[0].relabelings[0].replacement"))
			assert.True(t, judge.passes(prometheus, podsOf(t, service), "TCP", 15020), monitor.Name)
			assert.Equal(t, []any{"version"}, monitor.Get(t, "spec.podTargetLabels"))
		}
		want := []string{"consent-service", "psi-service", "model-serving"}
		if stack == "prod" {
			want = append(want, "model-serving-backup")
		}
		assert.ElementsMatch(t, want, jobs, "a standby that is not there must not be missed")
		for _, deployment := range run.OfKind("Deployment") {
			assert.Contains(t, []any{"stable", "canary"}, deployment.Get(t, "spec.template.metadata.labels.version"), deployment.Name)
		}
	})
}

func podsOf(t *testing.T, service *stacktest.Resource) endpoint {
	t.Helper()
	pods := endpoint{namespace: "federated-risk", labels: map[string]string{}}
	for key, value := range service.Get(t, "spec.selector").(map[string]any) {
		pods.labels[key] = value.(string)
	}
	return pods
}

func includes(set any, subset map[string]any) bool {
	all, _ := set.(map[string]any)
	for key, value := range subset {
		if all[key] != value {
			return false
		}
	}
	return true
}

func TestDataStoresAreScraped(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		judge := networkOf(t, run)
		prometheus := endpoint{namespace: "federated-risk-monitoring", labels: map[string]string{"app.kubernetes.io/name": "prometheus"}}
		ports := map[string]int{"postgres": 9187, "redis": 9121}
		for _, monitor := range run.OfKind("PodMonitor") {
			selected := monitor.Get(t, "spec.selector.matchLabels").(map[string]any)
			job := selected[monitor.Get(t, "spec.jobLabel").(string)]
			require.Contains(t, ports, job)
			pods := endpoint{namespace: "federated-risk", labels: map[string]string{}}
			for key, value := range selected {
				pods.labels[key] = value.(string)
			}
			assert.True(t, judge.passes(prometheus, pods, "TCP", ports[job.(string)]), job)
			assert.Equal(t, "metrics", monitor.Get(t, "spec.podMetricsEndpoints[0].port"))
			delete(ports, job.(string))
		}
		assert.Empty(t, ports)
		assert.Equal(t, true, run.Find(t, "Release", "redis").Get(t, "values.metrics.enabled"))
	})
}

func TestMonitoringInPlace(t *testing.T) {
	config := stacktest.Load(t, "dev").Set(t, "releases.prometheusOperatorCRDs.install", "false").
		Set(t, "releases.kubePrometheusStack.install", "false").Set(t, "policy.monitoringNamespace", "watch").
		Set(t, "monitoring.labels.release", "prometheus")
	run := deploy(t, config, false)
	for _, name := range []string{"monitoring-stack-crds", "monitoring-stack"} {
		assert.Nil(t, run.Lookup("Release", name))
	}
	assert.Empty(t, run.OfKind("monitoring:Stack"))
	assert.NotContains(t, run.StackOutputs(t), "grafanaPassword")
	for _, kind := range []string{"ServiceMonitor", "PodMonitor", "PrometheusRule"} {
		require.NotEmpty(t, run.OfKind(kind))
		for _, r := range run.OfKind(kind) {
			assert.Equal(t, "prometheus", r.Get(t, "metadata.labels.release"), r.Name)
		}
	}
	run = deploy(t, config.Set(t, "monitoring.enabled", "false"), false)
	for _, kind := range []string{"ServiceMonitor", "PodMonitor", "PrometheusRule"} {
		assert.Empty(t, run.OfKind(kind))
	}
}

func TestGrafanaPasswordIsASecretOutputAndNoValue(t *testing.T) {
	run := deploy(t, stacktest.Load(t, "prod"), false)
	output := run.StackOutputs(t)["grafanaPassword"]
	assert.True(t, stacktest.IsSecret(output))
	assert.Equal(t, generated(t, run, "monitoring-stack-grafana-password", "result"), stacktest.Reveal(output).StringValue())
	admin := run.Find(t, "Release", "monitoring-stack").Get(t, "values.grafana.admin").(map[string]any)
	secret := run.Find(t, "v1:Secret", "monitoring-stack-grafana")
	assert.Equal(t, stacktest.GeneratedName(secret), admin["existingSecret"])
	for _, key := range []string{"userKey", "passwordKey"} {
		assert.NotNil(t, secret.Get(t, `data["`+admin[key].(string)+`"]`), key)
	}
}

func TestReceiversHaveTheirCredentialsFromSecrets(t *testing.T) {
	config := stacktest.Load(t, "prod").Set(t, "monitoring.alerting.slack.secretName", "slack").
		Set(t, "monitoring.alerting.sms.secretName", "sms").Set(t, "monitoring.alerting.sms.token", "true").
		Set(t, "monitoring.alerting.email.secretName", "mail").Set(t, "monitoring.alerting.email.username", "risk").
		Set(t, "monitoring.alerting.email.server", "smtp.example.com:587").Set(t, "monitoring.alerting.email.from", "risk@example.com").
		Set(t, "monitoring.alerting.email.to[0]", "oncall@example.com")
	alertmanager := deploy(t, config, false).Find(t, "Release", "monitoring-stack").Get(t, "values.alertmanager").(map[string]any)
	assert.Equal(t, map[string]any{"secrets": []any{"mail", "slack", "sms"}}, alertmanager["alertmanagerSpec"])
	assert.Len(t, alertmanager["config"].(map[string]any)["receivers"], 3, "critical, warning, none")

	none := deploy(t, stacktest.Load(t, "prod"), false).Find(t, "Release", "monitoring-stack").Get(t, "values.alertmanager.config.receivers")
	assert.Len(t, none, 1)
}

// ruleGroups are the groups of the recording rules and alerts.
func ruleGroups(t *testing.T, run *stacktest.Run) []map[string]any {
	t.Helper()
	var groups []map[string]any
	for _, group := range run.Find(t, "PrometheusRule", "monitoring-rules").Get(t, "spec.groups").([]any) {
		groups = append(groups, group.(map[string]any))
	}
	require.NotEmpty(t, groups)
	return groups
}

func TestRulesKnowTheEndsOfTheCertificates(t *testing.T) {
	run := deploy(t, stacktest.Load(t, "dev"), false)
	record := func(i int) map[string]any {
		all := run.Find(t, "PrometheusRule", "monitoring-certificate-rules").Get(t, "spec.groups[0].rules").([]any)
		require.Len(t, all, 2)
		return all[i].(map[string]any)
	}
	for i, certificate := range []string{"ca", "server"} {
		assert.Equal(t, "vector(4102444799)", record(i)["expr"], "the end that the provider reports, in seconds")
		assert.Equal(t, certificate, record(i)["labels"].(map[string]any)["certificate"])
	}
	existing := deploy(t, stacktest.Load(t, "dev").Set(t, "tls.mode", "existing").Set(t, "tls.secretName", "theirs"), false)
	assert.Nil(t, existing.Lookup("PrometheusRule", "monitoring-certificate-rules"))
	managed := deploy(t, stacktest.Load(t, "dev").Set(t, "tls.mode", "certManager").Set(t, "tls.issuer.name", "acme"), false)
	var found bool
	for _, group := range ruleGroups(t, managed) {
		for _, rule := range group["rules"].([]any) {
			expr := rule.(map[string]any)["expr"].(string)
			found = found || strings.Contains(expr, `exported_namespace="istio-ingress",name="federated-risk-tls"`)
		}
	}
	assert.True(t, found, "cert-manager's certificate is the gateway's")
	certificate := managed.Find(t, "Certificate", "secrets-public-certificate")
	assert.Equal(t, "federated-risk-tls", certificate.Get(t, "metadata.name"))
	assert.Equal(t, "istio-ingress", certificate.Get(t, "metadata.namespace"))
}

func TestDashboardsAreWhereGrafanaLooks(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		var found int
		for _, r := range run.OfKind("ConfigMap") {
			if r.Get(t, "metadata.labels.grafana_dashboard") != "1" {
				continue
			}
			found++
			data := r.Get(t, "data").(map[string]any)
			require.Len(t, data, 1, r.Name)
			for file, content := range data {
				assert.True(t, strings.HasPrefix(file, "federated-risk-") && strings.HasSuffix(file, ".json"), file)
				assert.Contains(t, content, `namespace=\"federated-risk\"`)
			}
		}
		assert.Equal(t, 7, found, "overview, three services, two data stores, privacy budget")
		dashboards := run.Find(t, "Release", "monitoring-stack").Get(t, "values.grafana.sidecar.dashboards")
		assert.Equal(t, map[string]any{"enabled": true, "searchNamespace": "ALL"}, dashboards)
	})
}
