package dashboards

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// exporter is where the source of an exporter says what it exposes.
type exporter struct {
	// pins is the folder below the sandbox module whose go.mod pins the exporter's version.
	pins, module string
	// files are below the module's folder; prefix is what the names of its series begin with there or not.
	files  []string
	prefix string
	// read finds the names, without the prefix, in the text of a file, and the labels of each; nil ones are not known.
	read func(t *testing.T, text string) map[string][]string
}

// exporters by the file of testdata that has their series. What is missing has no source to read: the services' images are
// nobody's here, and what Prometheus records is the rules' (see the test of internal/dashboards).
var exporters = map[string]exporter{
	"kube-state-metrics.prom": {
		pins: "dashboards/exporters", module: "k8s.io/kube-state-metrics/v2", files: []string{"docs/metrics/workload/*.md"},
		read: documentedSeries,
	},
	"cloudnative-pg.prom": {
		pins: "dashboards/exporters", module: "github.com/cloudnative-pg/cloudnative-pg", prefix: "cnpg_",
		files: []string{"config/manager/default-monitoring.yaml", "pkg/management/postgres/webserver/metricserver/pg_collector.go"},
		read:  instanceSeries,
	},
	"redis-exporter.prom": {
		pins: "dashboards/exporters", module: "github.com/oliver006/redis_exporter", prefix: "redis_",
		files: []string{"exporter/exporter.go"}, read: redisSeries,
	},
	"cadvisor.prom": {
		pins: "tools/kubernetes", module: "github.com/google/cadvisor", files: []string{"metrics/prometheus.go"}, read: literals,
	},
	"kubelet.prom": {
		pins: "tools/kubernetes", module: "k8s.io/kubernetes", files: []string{"pkg/kubelet/metrics/metrics.go"},
		prefix: "kubelet_", read: literals,
	},
	"istio.prom": {
		pins: "tools/istio", module: "istio.io/istio", files: []string{"pilot/cmd/pilot-agent/metrics/metrics.go"},
		prefix: "istio_agent_", read: literals,
	},
}

// targetLabels are not the exporter's: monitors make Prometheus add them.
var targetLabels = []string{"namespace", "pod", "container", "service", "job", "endpoint", "version", "scrape_target"}

// TestSeriesAreTheExporters looks every series of testdata up in the code, or in the tested documentation, of its exporter.
func TestSeriesAreTheExporters(t *testing.T) {
	declared := map[string]map[string][]string{}
	for file, exporter := range exporters {
		declared[file] = exporter.declared(t)
	}
	for name, series := range readSeries(t) {
		exporter, exists := exporters[series.file]
		if !exists {
			assert.Contains(t, []string{"services.prom", "recorded.prom"}, series.file, "%s: no exporter", series.file)
			continue
		}
		bare, found := strings.CutPrefix(name, exporter.prefix)
		assert.True(t, found, "%s: %s", series.file, name)
		labels, found := declared[series.file][bare]
		if !assert.True(t, found, "%s: %s exposes no %s", series.file, exporter.module, name) || labels == nil {
			continue
		}
		for _, label := range series.labels {
			if !slices.Contains(targetLabels, label) {
				assert.Contains(t, labels, label, "%s: %s gives %s no such label", series.file, exporter.module, name)
			}
		}
	}
}

func (e exporter) declared(t *testing.T) map[string][]string {
	t.Helper()
	directory := moduleDirectory(t, e.pins, e.module)
	all := map[string][]string{}
	for _, pattern := range e.files {
		files, err := filepath.Glob(filepath.Join(directory, filepath.FromSlash(pattern)))
		require.NoError(t, err)
		require.NotEmpty(t, files, "%s has no %s: its layout has changed with its version", e.module, pattern)
		for _, file := range files {
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			for name, labels := range e.read(t, string(content)) {
				all[name] = labels
			}
		}
	}
	return all
}

// moduleDirectory is where the Go command keeps a module's source, which it downloads where needed.
func moduleDirectory(t *testing.T, pins, module string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", module)
	command.Dir = filepath.Join("..", filepath.FromSlash(pins))
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly")
	output, err := command.Output()
	require.NoError(t, err, "%s", output)
	var downloaded struct{ Dir string }
	require.NoError(t, json.Unmarshal(output, &downloaded), "%s", output)
	require.DirExists(t, downloaded.Dir, "%s: %s", module, output)
	return downloaded.Dir
}

var (
	documentedRow   = regexp.MustCompile(`(?m)^\| (kube_\w+) .*$`)
	documentedLabel = regexp.MustCompile("`(\\w+)`=")
	collectorSeries = regexp.MustCompile(`(?s)Subsystem: subsystem,\s+Name:\s+"(\w+)",.*?\n\t+\}(\)|, \[\]string\{([^}]*)\})`)
	infoSeries      = regexp.MustCompile(`(?m)^\s+"\w+":\s+"(\w+)",`)
	describedSeries = regexp.MustCompile(`(?m)^\s+"(\w+)":\s+\{txt: .*?(?:lbls: \[\]string\{([^}]*)\})?\},`)
	literal         = regexp.MustCompile(`"(\w+)"`)
)

// documentedSeries reads kube-state-metrics' tables, which a test of its own compares with its code.
func documentedSeries(_ *testing.T, text string) map[string][]string {
	all := map[string][]string{}
	for _, row := range documentedRow.FindAllStringSubmatch(text, -1) {
		all[row[1]] = names(documentedLabel, row[0])
	}
	return all
}

// instanceSeries reads the operator's default queries, <query>_<column>, or the code of its collector.
func instanceSeries(t *testing.T, text string) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, match := range collectorSeries.FindAllStringSubmatch(text, -1) {
		all["collector_"+match[1]] = names(literal, match[3])
	}
	if !strings.Contains(text, "\nkind: ConfigMap\n") {
		require.NotEmpty(t, all)
		return all
	}
	var object struct{ Data struct{ Queries string } }
	require.NoError(t, yaml.Unmarshal([]byte(text), &object))
	var queries map[string]struct {
		Name    string
		Metrics []map[string]struct{ Usage string }
	}
	require.NoError(t, yaml.Unmarshal([]byte(object.Data.Queries), &queries))
	for name, query := range queries {
		if query.Name != "" {
			name = query.Name
		}
		labels, columns := []string{}, []string{}
		for _, metric := range query.Metrics {
			for column, is := range metric {
				if is.Usage == "LABEL" {
					labels = append(labels, column)
				} else {
					columns = append(columns, column)
				}
			}
		}
		for _, column := range columns {
			all[name+"_"+column] = labels
		}
	}
	return all
}

// redisSeries reads what the exporter makes of the fields of INFO, and its descriptions of everything else.
func redisSeries(_ *testing.T, text string) map[string][]string {
	all := map[string][]string{}
	for _, match := range infoSeries.FindAllStringSubmatch(text, -1) {
		all[match[1]] = []string{}
	}
	for _, match := range describedSeries.FindAllStringSubmatch(text, -1) {
		all[match[1]] = names(literal, match[2])
	}
	return all
}

// literals takes any string of the code for a name.
func literals(_ *testing.T, text string) map[string][]string {
	all := map[string][]string{}
	for _, name := range names(literal, text) {
		all[name] = nil
	}
	return all
}

func names(pattern *regexp.Regexp, text string) []string {
	found := []string{}
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	return found
}
