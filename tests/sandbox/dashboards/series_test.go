// Package dashboards has a real Prometheus read every query of the dashboards, and answer it from the series that the
// exporters in use expose.
package dashboards

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// series is what testdata/*.prom has of a name: lines of a scrape, with the labels that Prometheus adds, below a comment
// that says whose they are.
type series struct {
	file string
	// grows says that it counts: its value in the file is by how much a second.
	grows   bool
	labels  []string
	samples []sample
}

type sample struct {
	// head is the line up to its value.
	head  string
	value float64
}

var labelName = regexp.MustCompile(`[{,](\w+)="`)

func readSeries(t *testing.T) map[string]*series {
	t.Helper()
	files, err := filepath.Glob("testdata/*.prom")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := map[string]*series{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		grows := false
		for lines := bufio.NewScanner(strings.NewReader(string(content))); lines.Scan(); {
			line := lines.Text()
			if strings.HasPrefix(line, "#") {
				grows = strings.HasSuffix(line, " counter") || strings.HasSuffix(line, " summary")
				continue
			}
			name, _, found := strings.Cut(line, "{")
			require.True(t, found, "%s: %s", file, line)
			at := strings.LastIndex(line, " ")
			value, err := strconv.ParseFloat(line[at+1:], 64)
			require.NoError(t, err, "%s: %s", file, line)
			if all[name] == nil {
				all[name] = &series{file: filepath.Base(file), grows: grows}
				for _, match := range labelName.FindAllStringSubmatch(line, -1) {
					all[name].labels = append(all[name].labels, match[1])
				}
			}
			require.Equal(t, filepath.Base(file), all[name].file, "%s is in two files", name)
			all[name].samples = append(all[name].samples, sample{line[:at], value})
		}
	}
	return all
}

// expose serves all of the series at the address that it returns. On an idle platform everything is 0.
func expose(t *testing.T, all map[string]*series, idle bool) string {
	t.Helper()
	start := time.Now()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		for name, s := range all {
			factor, kind := 1.0, "gauge"
			if s.grows {
				factor, kind = time.Since(start).Seconds(), "counter"
			}
			if idle {
				factor = 0
			}
			_, _ = fmt.Fprintf(w, "# TYPE %s %s\n", name, kind)
			for _, sample := range s.samples {
				_, _ = fmt.Fprintf(w, "%s %g\n", sample.head, sample.value*factor)
			}
		}
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}
