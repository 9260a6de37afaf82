package rules_test

import (
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const watchdog = "Watchdog"

// meantForMissingData fire without any series of theirs: what others must not do, these are tested to do.
var meantForMissingData = map[string]string{
	"ServiceAbsent":  "it says that a service has no targets",
	"PostgresAbsent": "it says that no instance reports",
	"RedisAbsent":    "it says that no instance reports",
	watchdog:         "it always fires",
}

// ofEverybody fire for series of any namespace.
var ofEverybody = map[string]string{
	"HighMemoryUsage": "nodes have no namespace",
	"HighCPUUsage":    "nodes have no namespace",
	"DiskSpaceLow":    "nodes have no namespace",
}

func TestPrometheusTakesTheRules(t *testing.T) {
	program := promtool(t)
	groups := ruleGroups(t)
	dir := writeRules(t, groups, identify(t, groups).namespace)
	output, err := exec.CommandContext(t.Context(), program, "check", "rules", "--lint", "all", "--lint-fatal", filepath.Join(dir, rulesFile)).CombinedOutput()
	require.NoError(t, err, "%s", output)
}

// TestAlerts runs the tests in testdata, and those that follow from them: what fires must not without its data, nor from
// another namespace's.
func TestAlerts(t *testing.T) {
	program := promtool(t)
	groups := ruleGroups(t)
	stack := identify(t, groups)
	dir := writeRules(t, groups, stack.namespace)
	files := load(t, stack)
	for suffix, derived := range map[string]map[string]cases{
		"":                  files,
		"-no-data":          derive(files, withoutData),
		"-other-namespaces": derive(files, movedElsewhere),
	} {
		require.NotEmpty(t, derived)
		for name, file := range derived {
			t.Run(name+suffix, func(t *testing.T) {
				t.Parallel()
				if suffix != "" {
					file.RuleFiles = []string{rulesFile, otherRulesFile}
				}
				assert.Empty(t, judge(t, program, dir, name+suffix, file))
			})
		}
	}
}

// TestEveryAlertHasCases demands of each alert a test in which it fires, and not a minute earlier, and one just under its
// threshold. The other two kinds follow from the first, but for the alerts that are meant to fire on missing data: they
// have their own.
func TestEveryAlertHasCases(t *testing.T) {
	groups := ruleGroups(t)
	files := load(t, identify(t, groups))
	covered := map[string]map[string]bool{}
	for name, file := range files {
		assert.Equal(t, []string{rulesFile}, file.RuleFiles, name)
		step := duration(t, file.EvaluationInterval)
		for _, test := range file.Tests {
			alert, kind := test.kind()
			require.NotEmpty(t, alert, "%s: the name %q says neither alert nor kind", name, test.Name)
			assertKind(t, test, max(step, time.Minute))
			if covered[alert] == nil {
				covered[alert] = map[string]bool{}
			}
			covered[alert][kind] = true
		}
	}
	for _, alert := range alerts(groups) {
		want := []string{fires, justUnder}
		if meantForMissingData[alert.Alert] != "" {
			want = append(want, noData, elsewhere)
		}
		if alert.Alert == watchdog {
			want = slices.DeleteFunc(want, func(kind string) bool { return kind == justUnder })
		}
		for _, kind := range want {
			assert.True(t, covered[alert.Alert][kind], "%s has no test that is called %q", alert.Alert, alert.Alert+": "+kind)
		}
		delete(covered, alert.Alert)
	}
	assert.Empty(t, slices.Collect(maps.Keys(covered)), "tests of alerts that there are not")
}

// assertKind holds a test against its name.
func assertKind(t *testing.T, c test, step time.Duration) {
	t.Helper()
	alert, kind := c.kind()
	require.NotEmpty(t, c.Checks, c.Name)
	var silentAt, firesAt []time.Duration
	for _, check := range c.Checks {
		assert.Equal(t, alert, check.Alert, c.Name)
		if at := duration(t, check.Time); len(check.Expected) == 0 {
			silentAt = append(silentAt, at)
		} else {
			firesAt = append(firesAt, at)
		}
		for _, expected := range check.Expected {
			assert.NotEmpty(t, expected.Labels["severity"], c.Name)
			assert.NotEmpty(t, expected.Annotations["runbook_url"], c.Name)
		}
	}
	switch kind {
	case justUnder:
		assert.Empty(t, firesAt, c.Name)
		assert.NotEmpty(t, c.Input, "%s: silence without series says nothing", c.Name)
	case fires:
		require.NotEmpty(t, firesAt, c.Name)
		first := slices.Min(firesAt)
		early := slices.ContainsFunc(silentAt, func(at time.Duration) bool { return at < first && first-at <= step })
		assert.True(t, early || alert == watchdog, "%s: no check that it does not fire within %s before %s", c.Name, step, first)
	case noData:
		assert.Empty(t, c.Input, c.Name)
	case elsewhere:
		assert.NotEmpty(t, c.Input, c.Name)
		for _, in := range c.Input {
			assert.Contains(t, in.Series, `namespace="elsewhere"`, c.Name)
		}
	}
}

func duration(t *testing.T, text string) time.Duration {
	t.Helper()
	parsed, err := time.ParseDuration(text)
	require.NoError(t, err)
	return parsed
}
