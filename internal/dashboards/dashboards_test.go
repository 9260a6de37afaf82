package dashboards_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/dashboards"
)

var update = flag.Bool("update", false, "write the golden files of testdata anew instead of comparing with them")

// full is a stack with all that it can have. The golden files are its dashboards; tests/sandbox/dashboards asks a real
// Prometheus their queries.
func full() dashboards.Platform {
	return dashboards.Platform{
		Namespace: "federated-risk", RunbookURL: "https://docs.example.com/monitoring", Postgres: "postgres", Redis: "redis",
		Services: []dashboards.Service{
			{Name: "consent-service", Autoscaler: "consent-service-hpa"},
			{Name: "psi-service", Measures: dashboards.Intersection},
			{
				Name: "model-serving", Measures: dashboards.Inference, Standby: "model-serving-backup",
				Autoscaler: "model-serving-hpa",
			},
		},
	}
}

func TestGolden(t *testing.T) {
	listed := map[string]bool{}
	for _, d := range full().All() {
		file := filepath.Join("testdata", d.Name+".json")
		listed[file] = true
		if *update {
			require.NoError(t, os.WriteFile(file, []byte(d.JSON), 0o600))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, string(want), d.JSON, "%s has changed. If that is what you want, run\n"+
			"  go test ./internal/dashboards -run TestGolden -update\nand have the difference reviewed.", file)
	}
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	for _, file := range files {
		assert.True(t, listed[file], "%s is of no dashboard any more", file)
	}
}

func TestEachPartHasItsDashboard(t *testing.T) {
	assert.Equal(t, []string{
		"federated-risk-overview", "federated-risk-consent-service", "federated-risk-psi-service", "federated-risk-model-serving",
		"federated-risk-postgres", "federated-risk-redis", "federated-risk-privacy-budget",
	}, names(full()))

	bare := full()
	bare.Postgres, bare.Redis, bare.RunbookURL = "", "", ""
	bare.Services = []dashboards.Service{{Name: "consent-service"}}
	want := []string{"federated-risk-overview", "federated-risk-consent-service", "federated-risk-privacy-budget"}
	assert.Equal(t, want, names(bare))
	for _, d := range bare.All() {
		for _, absent := range []string{"cnpg_", "redis_", "docs.example.com", "psi_", "model_", "-backup"} {
			assert.NotContains(t, d.JSON, absent, d.Name)
		}
		if d.Name != "federated-risk-overview" {
			assert.NotContains(t, d.JSON, "horizontalpodautoscaler", d.Name)
		}
	}
}

func names(p dashboards.Platform) []string {
	var all []string
	for _, d := range p.All() {
		all = append(all, d.Name)
	}
	return all
}

// TestStacksShareAGrafana has names, UIDs and titles apart, within a stack and between stacks, whatever their length.
func TestStacksShareAGrafana(t *testing.T) {
	seen := map[string]string{}
	first := full()
	second, third := first, first
	second.Namespace = "federated-risk-b"
	third.Namespace = strings.Repeat("n", 63)
	third.Services = []dashboards.Service{{Name: strings.Repeat("s", 60) + "-a"}, {Name: strings.Repeat("s", 60) + "-b"}}
	for _, p := range []dashboards.Platform{first, second, third} {
		for _, d := range p.All() {
			for _, identity := range []string{"name " + d.Name, "uid " + d.UID, "title " + d.Title} {
				assert.Empty(t, seen[identity], "%s is of two dashboards", identity)
				seen[identity] = d.Name
			}
			assert.LessOrEqual(t, len(d.UID), 40, d.UID)
			assert.Regexp(t, `^[a-z0-9-]{8,}$`, d.UID)
			assert.Regexp(t, `^[-._a-zA-Z0-9]{1,247}$`, d.Name, "a key of a ConfigMap, with .json")
		}
	}
}

// TestUIDsStay: links and bookmarks lead to them.
func TestUIDsStay(t *testing.T) {
	uids := map[string]string{}
	for _, d := range full().All() {
		uids[d.Name] = d.UID
	}
	assert.Equal(t, "overview-c0b8cfccf7c6", uids["federated-risk-overview"])
	assert.Equal(t, "model-serving-ce4d6d364b46", uids["federated-risk-model-serving"])
}

func TestDashboardsAreReadWholeAndLinked(t *testing.T) {
	for _, d := range full().All() {
		read := parse(t, d)
		assert.Equal(t, d.UID, read.UID)
		assert.Equal(t, d.Title, read.Title)
		assert.Equal(t, 42, read.SchemaVersion)
		assert.NotEmpty(t, read.Description, d.Name)
		assert.Regexp(t, `^now-\d+[hd]$`, read.Time.From, d.Name)
		assert.Equal(t, "now", read.Time.To, d.Name)
		assert.Regexp(t, `^\d+[sm]$`, read.Refresh, d.Name)
		assert.Equal(t, []string{"federated-risk", "federated-risk"}, read.Tags, d.Name)
		require.Len(t, read.Links, 2, d.Name)
		assert.Equal(t, "dashboards", read.Links[0].Type)
		assert.Equal(t, read.Tags, read.Links[0].Tags, "a link to every dashboard with this one's tags")
		assert.Equal(t, "https://docs.example.com/monitoring", read.Links[1].URL)

		require.Len(t, read.Templating.List, 1, d.Name)
		variable := read.Templating.List[0]
		assert.Equal(t, "datasource", variable.Type)
		assert.Equal(t, "prometheus", variable.Query)
		for _, panel := range read.panels() {
			assert.Equal(t, dataSource{Type: "prometheus", UID: "${" + variable.Name + "}"}, panel.DataSource, "%s: %s", d.Name, panel.Title)
			for _, target := range panel.Targets {
				assert.Equal(t, panel.DataSource, target.DataSource, "%s: %s", d.Name, panel.Title)
			}
		}
	}
}

// document is what the tests read of a dashboard: their own reading of Grafana's format, not the package's.
type document struct {
	UID, Title, Description, Refresh string
	SchemaVersion                    int
	Tags                             []string
	Time                             struct{ From, To string }
	Links                            []struct {
		Type, URL string
		Tags      []string
	}
	Templating struct {
		List []struct{ Type, Name, Query string }
	}
	Panels []panel
}

type dataSource struct{ Type, UID string }

type panel struct {
	ID                       int
	Type, Title, Description string
	GridPos                  struct{ X, Y, W, H int }
	DataSource               dataSource
	FieldConfig              struct {
		Defaults struct {
			Unit       string
			Thresholds struct {
				Mode  string
				Steps []struct {
					Value *float64
					Color string
				}
			}
			Custom struct{ ThresholdsStyle struct{ Mode string } }
		}
	}
	Targets []struct {
		RefID, Expr string
		DataSource  dataSource
	}
	Links []struct{ Title, URL string }
}

func parse(t *testing.T, d dashboards.Dashboard) document {
	t.Helper()
	var read document
	require.NoError(t, json.Unmarshal([]byte(d.JSON), &read), d.Name)
	return read
}

// panels are those that show something, without the heads of rows.
func (d document) panels() []panel {
	var shown []panel
	for _, panel := range d.Panels {
		if panel.Type != "row" {
			shown = append(shown, panel)
		}
	}
	return shown
}

// TestRecordedSeriesAreTheRules has the list of tests/sandbox/dashboards name no recorded series that the rules do not.
func TestRecordedSeriesAreTheRules(t *testing.T) {
	constants, err := os.ReadFile("../rules/series.go")
	require.NoError(t, err)
	listed, err := os.ReadFile("../../tests/sandbox/dashboards/testdata/recorded.prom")
	require.NoError(t, err)
	recorded := regexp.MustCompile(`(?m)^# TYPE (\w+:\S+) `).FindAllStringSubmatch(string(listed), -1)
	require.NotEmpty(t, recorded)
	for _, match := range recorded {
		assert.Contains(t, string(constants), `"`+match[1]+`"`, "internal/rules records no such series")
	}
}
