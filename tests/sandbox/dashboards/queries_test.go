package dashboards

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

// namespace of the golden files' stack.
const namespace = "federated-risk"

// resultTimeout: rates are there after the second scrape.
const resultTimeout = 60 * time.Second

// query is one of a dashboard's.
type query struct {
	where, expr, legend string
}

// queries are those of the golden files, which a test of internal/dashboards keeps true.
func queries(t *testing.T) []query {
	t.Helper()
	root, err := workspace.FindRoot(".")
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(root, "internal", "dashboards", "testdata", "*.json"))
	require.NoError(t, err)
	require.Len(t, files, 7, "overview, three services, Postgres, Redis, privacy budget")
	var all []query
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		var dashboard struct {
			Panels []struct {
				Title   string
				Targets []struct{ Expr, LegendFormat string }
			}
		}
		require.NoError(t, json.Unmarshal(content, &dashboard), file)
		before := len(all)
		for _, panel := range dashboard.Panels {
			for _, target := range panel.Targets {
				all = append(all, query{filepath.Base(file) + ", " + panel.Title, target.Expr, target.LegendFormat})
			}
		}
		require.Greater(t, len(all), before+4, "%s has no queries", file)
	}
	return all
}

// TestQueriesSelectWhatExists has Prometheus's own parser read every query: each selector names a series that an exporter
// exposes, and labels that it has, in the stack's namespace alone.
func TestQueriesSelectWhatExists(t *testing.T) {
	known := readSeries(t)
	server := startPrometheus(t, expose(t, known, false))
	used := map[string]bool{}
	for _, q := range queries(t) {
		var tree node
		if err := server.ask(t.Context(), "/api/v1/parse_query", q.expr, &tree); !assert.NoError(t, err, "%s: %s", q.where, q.expr) {
			continue
		}
		selectors := tree.selectors("")
		assert.NotEmpty(t, selectors, "%s: %s", q.where, q.expr)
		for _, s := range selectors {
			used[s.Name] = true
			s.check(t, known, q)
		}
		for _, aggregation := range tree.aggregations() {
			for _, s := range aggregation.selectors("") {
				if series := known[s.Name]; series != nil {
					assert.Subset(t, series.labels, aggregation.Grouping, "%s: %s does not have them all: %s", q.where, s.Name, q.expr)
				}
			}
		}
	}
	for name, series := range known {
		assert.True(t, used[name], "%s: no query selects %s", series.file, name)
	}
}

func (s selector) check(t *testing.T, known map[string]*series, q query) {
	t.Helper()
	series := known[s.Name]
	if !assert.NotNil(t, series, "%s: no exporter exposes %s: %s", q.where, s.Name, q.expr) {
		return
	}
	assert.Contains(t, s.Matchers, matcher{"namespace", "=", namespace}, "%s: %s is not of the stack alone: %s", q.where, s.Name, q.expr)
	for _, m := range s.Matchers {
		if m.Name != "__name__" {
			assert.Contains(t, series.labels, m.Name, "%s: %s has no such label: %s", q.where, s.Name, q.expr)
		}
	}
	if series.grows {
		assert.Contains(t, []string{"rate", "increase"}, s.function, "%s: %s only ever grows: %s", q.where, s.Name, q.expr)
	} else {
		assert.NotContains(t, []string{"rate", "increase", "irate"}, s.function, "%s: %s also falls: %s", q.where, s.Name, q.expr)
	}
}

var legendLabel = regexp.MustCompile(`\{\{(\w+)\}\}`)

// TestQueriesHaveResults has a Prometheus that has scraped the exporters' series answer every query, with the labels that
// the legend names and with numbers.
func TestQueriesHaveResults(t *testing.T) {
	server := startPrometheus(t, expose(t, readSeries(t), false))
	all := queries(t)
	missing := slices.Clone(all)
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		missing = slices.DeleteFunc(missing, func(q query) bool {
			results, err := server.query(t.Context(), q.expr)
			assert.NoError(c, err, "%s: %s", q.where, q.expr)
			return len(results) > 0
		})
		for _, q := range missing {
			assert.Fail(c, "no result", "%s: %s", q.where, q.expr)
		}
	}, resultTimeout, pollInterval)
	for _, q := range all {
		results, err := server.query(t.Context(), q.expr)
		require.NoError(t, err, "%s: %s", q.where, q.expr)
		legends := map[string]bool{}
		for _, r := range results {
			assertNumber(t, q, r)
			legend := q.legend
			for _, label := range legendLabel.FindAllStringSubmatch(q.legend, -1) {
				assert.Contains(t, r.Metric, label[1], "%s: the legend names a label that the result has not: %s", q.where, q.expr)
				legend = strings.ReplaceAll(legend, label[0], r.Metric[label[1]])
			}
			if q.where == "federated-risk-consent-service.json, Pods that answer" {
				assert.Equal(t, "0.5", r.Value[1], "one of two services does not answer its sidecar")
			}
			assert.False(t, legends[legend], "%s: two lines are called %q: %s", q.where, legend, q.expr)
			legends[legend] = true
		}
	}
}

func assertNumber(t *testing.T, q query, r result) {
	t.Helper()
	assert.NotContains(t, []any{"NaN", "+Inf", "-Inf"}, r.Value[1], "%s: %s", q.where, q.expr)
}

// TestIdlePlatform has the queries answered while nothing happens and nothing is limited: a quotient has no result then.
func TestIdlePlatform(t *testing.T) {
	server := startPrometheus(t, expose(t, readSeries(t), true))
	rates := `rate(http_requests_total{namespace="` + namespace + `"}[5m])`
	require.Eventually(t, func() bool {
		results, err := server.query(t.Context(), rates)
		return err == nil && len(results) > 0
	}, resultTimeout, pollInterval, "no rates: Prometheus has not scraped twice")
	for _, q := range queries(t) {
		results, err := server.query(t.Context(), q.expr)
		require.NoError(t, err, "%s: %s", q.where, q.expr)
		for _, r := range results {
			assertNumber(t, q, r)
		}
	}
}
