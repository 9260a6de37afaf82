package alerting_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/federated-risk/federated-risk/tests/sandbox/companion"
	"github.com/federated-risk/federated-risk/tests/sandbox/rendertest"
	"github.com/federated-risk/federated-risk/tests/sandbox/toolchain"
)

// ruleFiles are the files with the rules that Prometheus is to evaluate: exactly those that the program declares.
func ruleFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, object := range rendertest.Objects(t, "dev") {
		if object.GetKind() != "PrometheusRule" {
			continue
		}
		content, err := yaml.Marshal(object.Object["spec"])
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), object.GetName()+".yaml")
		require.NoError(t, os.WriteFile(file, content, 0o600))
		files = append(files, file)
	}
	require.Len(t, files, 2, "the rules, and those about the certificates")
	return files
}

const service = "consent-service"

// exporter plays the metrics endpoint of the service's one pod, at the sidecar's path.
type exporter struct {
	address string
	broken  atomic.Bool
}

func newExporter(t *testing.T) *exporter {
	t.Helper()
	e := &exporter{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e.broken.Load() || r.URL.Path != "/stats/prometheus" {
			http.Error(w, "no healthy upstream", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = io.WriteString(w, "http_requests_total{status=\"200\"} 1000\n")
	}))
	t.Cleanup(server.Close)
	e.address = strings.TrimPrefix(server.URL, "http://")
	return e
}

// startPrometheus starts a Prometheus that evaluates the rules every second, scrapes the exporter with the labels that the
// Prometheus operator's monitors give a service's series, and tells the Alertmanager.
func (p *platform) startPrometheus(t *testing.T, e *exporter) {
	t.Helper()
	config, err := yaml.Marshal(map[string]any{
		"global":     map[string]any{"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
		"rule_files": ruleFiles(t),
		"alerting": map[string]any{"alertmanagers": []any{
			map[string]any{"static_configs": []any{map[string]any{"targets": []string{p.address}}}},
		}},
		"scrape_configs": []any{map[string]any{
			"job_name": service, "metrics_path": "/stats/prometheus",
			"static_configs": []any{map[string]any{
				"targets": []string{e.address},
				"labels":  map[string]string{"namespace": ours, "service": service, "pod": service + "-0", "version": "stable"},
			}},
		}},
	})
	require.NoError(t, err)
	companion.Prometheus(t, p.workspace, config)
}

// TestAServiceThatFallsIsHeardOf goes from a scrape that fails to a text message, and back.
func TestAServiceThatFallsIsHeardOf(t *testing.T) {
	p := start(t, tools(t, toolchain.Alerting()...), complete)
	e := newExporter(t)
	p.startPrometheus(t, e)

	wait(t, "the Watchdog fires: rules are evaluated and Alertmanager is told", func(c *assert.CollectT) {
		var names []string
		for _, alert := range p.alerts(c) {
			names = append(names, alert.Labels["alertname"])
		}
		assert.Contains(c, names, "Watchdog")
		assert.NotContains(c, names, "ServiceDown")
	})
	assert.Empty(t, p.heard("firing"))

	e.broken.Store(true)
	wait(t, "the service is down, and a text message says so", func(c *assert.CollectT) {
		messages := p.heard("firing")
		require.NotEmpty(c, messages)
		require.Len(c, messages[0].Alerts, 1)
		alert := messages[0].Alerts[0]
		assert.Equal(c, "critical", alert.Labels["severity"])
		assert.Equal(c, ours, alert.Labels["namespace"])
		assert.Equal(c, service, alert.Labels["job"])
		assert.Equal(c, "服务 consent-service 不可用", alert.Annotations["summary"])
		assert.Equal(c, "服务 consent-service 已经下线超过1分钟", alert.Annotations["description"])
		assert.NotEmpty(c, alert.Annotations["summary_en"])
		assert.Regexp(c, "#servicedown$", alert.Annotations["runbook_url"])
	})
	title := fmt.Sprintf("ServiceDown %s (%s)", service, ours)
	wait(t, "as do Slack and a mail", func(c *assert.CollectT) {
		assert.NotEmpty(c, p.slack.find(func(m slackMessage) bool {
			return m.Attachments[0].Title == title && m.Attachments[0].Color == "danger"
		}))
		assert.NotEmpty(c, p.mail.find(func(l letter) bool { return l.subject == "[紧急] "+title }))
	})
	assert.Empty(t, p.heard("resolved"))

	e.broken.Store(false)
	wait(t, "the service is back, and a text message says so", func(c *assert.CollectT) { assert.NotEmpty(c, p.heard("resolved")) })
	wait(t, "as do Slack and a mail", func(c *assert.CollectT) {
		assert.NotEmpty(c, p.slack.find(func(m slackMessage) bool { return m.Attachments[0].Title == title && m.Attachments[0].Color == "good" }))
		assert.NotEmpty(c, p.mail.find(func(l letter) bool { return l.subject == "[恢复] "+title }))
	})
}

// heard are the text messages that the service is down, or no longer.
func (p *platform) heard(status string) []webhookMessage {
	return p.sms.find(func(m webhookMessage) bool { return m.alert() == "ServiceDown" && m.Status == status })
}
