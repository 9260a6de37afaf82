package rules_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// What the files in testdata call the namespace of the stack and the page of the alerts.
const (
	testNamespace = "federated-risk"
	testRunbook   = "https://runbook.example/monitoring"
)

// cases is a file of promtool's rule tests. Each of its tests is about one alert and one kind, which its name says:
// `ServiceDown: fires (behind its sidecar)`.
type cases struct {
	RuleFiles          []string `json:"rule_files"`
	EvaluationInterval string   `json:"evaluation_interval"`
	GroupOrder         []string `json:"group_eval_order,omitempty"`
	Tests              []test   `json:"tests"`
}

type test struct {
	Name     string  `json:"name"`
	Interval string  `json:"interval"`
	Input    []input `json:"input_series,omitempty"`
	Checks   []check `json:"alert_rule_test"`
}

type input struct {
	Series string `json:"series"`
	Values string `json:"values"`
}

type check struct {
	Alert string `json:"alertname"`
	Time  string `json:"eval_time"`
	// Expected alerts, none: the alert is silent.
	Expected []struct {
		Labels      map[string]string `json:"exp_labels"`
		Annotations map[string]string `json:"exp_annotations"`
	} `json:"exp_alerts,omitempty"`
}

// Kinds of tests.
const (
	fires     = "fires"
	justUnder = "just under"
	noData    = "no data"
	elsewhere = "another namespace"
)

var testName = regexp.MustCompile(`^(\w+): (` + strings.Join([]string{fires, justUnder, noData, elsewhere}, "|") + `)( \(.+\))?$`)

// kind returns the alert that the test is about, and its kind; neither where the name says nothing.
func (c test) kind() (alert, kind string) {
	parts := testName.FindStringSubmatch(c.Name)
	if parts == nil {
		return "", ""
	}
	return parts[1], parts[2]
}

// load reads the files in testdata, by name, for the stack.
func load(t *testing.T, stack identity) map[string]cases {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	files := map[string]cases{}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		text := strings.ReplaceAll(strings.ReplaceAll(string(content), testNamespace, stack.namespace), testRunbook, stack.runbook)
		var file cases
		require.NoError(t, yaml.UnmarshalStrict([]byte(text), &file), path)
		files[strings.TrimSuffix(filepath.Base(path), ".yaml")] = file
	}
	return files
}

// derive returns the tests that change keeps, changed. A file without any is left out.
func derive(files map[string]cases, change func(test) (test, bool)) map[string]cases {
	derived := map[string]cases{}
	for name, file := range files {
		var tests []test
		for _, original := range file.Tests {
			if changed, ok := change(original); ok {
				tests = append(tests, changed)
			}
		}
		if len(tests) > 0 {
			file.Tests = tests
			derived[name] = file
		}
	}
	return derived
}

// withoutData is a test that fires, without its series: silent.
func withoutData(original test) (test, bool) {
	alert, kind := original.kind()
	if kind != fires || meantForMissingData[alert] != "" {
		return test{}, false
	}
	original.Input = nil
	return silenced(original), true
}

var namespaceLabel = regexp.MustCompile(`(namespace)="[^"]*"`)

// movedElsewhere is a test that fires, with its series in another namespace: silent.
func movedElsewhere(original test) (test, bool) {
	alert, kind := original.kind()
	if kind != fires || meantForMissingData[alert] != "" || ofEverybody[alert] != "" {
		return test{}, false
	}
	var moved []input
	for _, in := range original.Input {
		in.Series = namespaceLabel.ReplaceAllString(in.Series, `$1="elsewhere"`)
		moved = append(moved, in)
	}
	original.Input = moved
	silent := silenced(original)
	// What the other stack records is there one evaluation later or two, as groups have no order.
	last := silent.Checks[len(silent.Checks)-1]
	at, err := time.ParseDuration(last.Time)
	last.Time = (at + 2*time.Minute).String()
	silent.Checks = append(silent.Checks, last)
	return silent, err == nil
}

func silenced(original test) test {
	var checks []check
	for _, check := range original.Checks {
		check.Expected = nil
		checks = append(checks, check)
	}
	original.Checks = checks
	return original
}
