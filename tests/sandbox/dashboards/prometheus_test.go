package dashboards

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster/clustertest"
	"github.com/federated-risk/federated-risk/tests/sandbox/companion"
	"github.com/federated-risk/federated-risk/tests/sandbox/toolchain"
)

const (
	askTimeout   = 10 * time.Second
	pollInterval = 100 * time.Millisecond
)

// prometheusConfig keeps the labels of the series as they are in testdata.
const prometheusConfig = `
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
- {job_name: exporters, honor_labels: true, static_configs: [{targets: [%q]}]}
`

// prometheus is the address of a running one.
type prometheus string

// startPrometheus starts one that scrapes the exporter. It ends with the test; if the test is killed, the guard of the
// workspace ends it.
func startPrometheus(t *testing.T, exporter string) prometheus {
	t.Helper()
	w := clustertest.Workspace(t)
	clustertest.Tools(t, w, toolchain.Prometheus)
	return prometheus(companion.Prometheus(t, w, fmt.Appendf(nil, prometheusConfig, exporter)))
}

func (p prometheus) get(ctx context.Context, path string, form url.Values) (int, []byte) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+string(p)+path+"?"+form.Encode(), nil)
	if err != nil {
		return 0, []byte(err.Error())
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, []byte(err.Error())
	}
	return response.StatusCode, content
}

// ask returns the data of an answer of Prometheus's HTTP API, or what it says of its refusal.
func (p prometheus) ask(ctx context.Context, path, query string, data any) error {
	status, content := p.get(ctx, path, url.Values{"query": {query}})
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.Unmarshal(content, &answer); err != nil {
		return fmt.Errorf("status %d: %s", status, content)
	}
	if answer.Status != "success" {
		return fmt.Errorf("%s", answer.Error)
	}
	return json.Unmarshal(answer.Data, data)
}

// result is one series of the answer to a query.
type result struct {
	Metric map[string]string
	// Value is a time and a number, as text.
	Value [2]any
}

// query asks for the present value. Every query of a dashboard has a vector for its result.
func (p prometheus) query(ctx context.Context, expr string) ([]result, error) {
	var data struct {
		ResultType string
		Result     []result
	}
	err := p.ask(ctx, "/api/v1/query", expr, &data)
	return data.Result, err
}
