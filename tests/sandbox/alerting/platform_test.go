package alerting_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/companion"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

const (
	// waitTimeout is long: the program's alerts fire when what they are about has lasted a minute or more.
	waitTimeout  = 3 * time.Minute
	pollInterval = 100 * time.Millisecond

	// What must never be seen where the configuration is shown.
	slackPath    = "/services/T0/B0/slack-secret"
	gatewayPath  = "/send?key=gateway-secret&to=%2B10000000000"
	gatewayToken = "token-secret"
	mailPassword = "mail-secret"

	mailUser = "alertmanager@example.com"
)

// platform is an Alertmanager with everything that it notifies.
type platform struct {
	workspace workspace.Workspace
	// address of Alertmanager, host:port.
	address string
	// config is the file that it was started with.
	config string
	slack  *inbox[slackMessage]
	sms    *inbox[webhookMessage]
	mail   *inbox[letter]
}

// start starts an Alertmanager with the program's configuration for the combination. Three things are not as in a cluster:
// the Secrets are below a folder of the test's, the mail server is the test's, and groups wait 1 s instead of 10 s to
// 5 minutes.
func start(t *testing.T, w workspace.Workspace, combination string) *platform {
	t.Helper()
	p := &platform{workspace: w}
	var slackURL, gatewayURL string
	slackURL, p.slack = newSlack(t)
	gatewayURL, p.sms = newGateway(t)
	mailServer, authority, letters := newMailServer(t, companion.Dir(t, w))
	p.mail = letters

	secrets := companion.Dir(t, w)
	for file, content := range map[string]string{
		// With a line break at the end, as `kubectl create secret --from-file` has it.
		"alert-slack/url": slackURL + "\n", "alert-sms/url": gatewayURL + "\n",
		"alert-sms/token": gatewayToken + "\n", "alert-smtp/password": mailPassword + "\n",
	} {
		path := filepath.Join(secrets, file)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	config := read(t, goldenFiles(t)[combination])
	replace(config, func(key, text string) string {
		switch key {
		case "group_wait", "group_interval":
			return "1s"
		case "smarthost":
			return mailServer
		}
		return strings.ReplaceAll(text, secretsDir, secrets)
	})
	p.config = config.write(t, companion.Dir(t, w))
	data := companion.Dir(t, w)
	p.address = companion.Address(companion.Start(t, w, companion.Program{
		Name: "alertmanager", Scheme: "http", Ready: "/-/ready",
		Arguments: func(port string) []string {
			return []string{
				"--config.file=" + p.config, "--storage.path=" + data,
				"--web.listen-address=" + companion.Address(port), "--cluster.listen-address=",
			}
		},
		Environment: []string{"SSL_CERT_FILE=" + authority},
	}))
	return p
}

// alert is one as Prometheus sends it.
type alert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations,omitempty"`
	StartsAt    time.Time         `json:"startsAt,omitzero"`
	EndsAt      time.Time         `json:"endsAt,omitzero"`
}

// named returns an alert with further labels, each a name and a value, and with a description that names them all.
func named(name, severity string, labels ...string) alert {
	all := map[string]string{"alertname": name, "severity": severity}
	for i := 0; i < len(labels); i += 2 {
		all[labels[i]] = labels[i+1]
	}
	return alert{Labels: all, Annotations: map[string]string{"description": fmt.Sprint(all)}}
}

// post tells Alertmanager of alerts.
func (p *platform) post(t *testing.T, alerts ...alert) {
	t.Helper()
	body, err := json.Marshal(alerts)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+p.address+"/api/v2/alerts", bytes.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, string(content))
}

// get returns what Alertmanager answers.
func (p *platform) get(t require.TestingT, path string) string {
	response, err := http.Get("http://" + p.address + path) //nolint:noctx // polled: the test's own context may be over
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, string(content))
	return string(content)
}

// known is an alert as Alertmanager shows it.
type known struct {
	Labels map[string]string
	Status struct {
		State       string
		InhibitedBy []string
	}
	Receivers []struct{ Name string }
}

func (p *platform) alerts(t require.TestingT) []known {
	var alerts []known
	require.NoError(t, json.Unmarshal([]byte(p.get(t, "/api/v2/alerts")), &alerts))
	return alerts
}

func wait(t *testing.T, what string, condition func(c *assert.CollectT)) {
	t.Helper()
	started := time.Now()
	require.EventuallyWithT(t, condition, waitTimeout, pollInterval, what)
	t.Logf("%5.1f s: %s", time.Since(started).Seconds(), what)
}
