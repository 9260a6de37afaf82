package alerting_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/toolchain"
)

// amtool runs the tool and returns what it printed.
func amtool(ctx context.Context, program string, arguments ...string) (string, error) {
	output, err := exec.CommandContext(ctx, program, arguments...).CombinedOutput()
	return strings.TrimSpace(string(output)), err
}

func TestAmtoolAcceptsEveryCombination(t *testing.T) {
	program := filepath.Join(tools(t, toolchain.Alertmanager).Bin, "amtool")
	for name, file := range goldenFiles(t) {
		output, err := amtool(t.Context(), program, "check-config", file)
		require.NoError(t, err, "%s: %s", name, output)
		assert.Contains(t, output, "SUCCESS", name)
		assert.Contains(t, output, "9 inhibit rules", name)
	}
	for name, spoil := range map[string]func(document){
		"a receiver that is not there": func(d document) { d["receivers"] = d["receivers"].([]any)[:1] },
		"an unknown key":               func(d document) { d["routes"] = []any{} },
		"a time without a unit":        func(d document) { d["route"].(map[string]any)["group_wait"] = "30" },
	} {
		config := read(t, goldenFiles(t)[complete])
		spoil(config)
		output, err := amtool(t.Context(), program, "check-config", config.write(t, t.TempDir()))
		assert.Error(t, err, "%s: %s", name, output)
	}
}

// byDefault is what an alert of the severity reaches where everything is configured. Severities that nobody knows count as
// warnings, so that a slip silences nothing.
var byDefault = map[string][]string{
	"critical": {"email", "slack", "sms"},
	"warning":  {"email", "slack"},
	"critcal":  {"email", "slack"},
	"":         {"email", "slack"},
	"info":     nil,
	"none":     nil,
}

// byConfig is the same with the severities of the file of that name.
var byConfig = map[string][]string{
	"critical": {"email", "sms"},
	"warning":  {"slack", "sms"},
	"critcal":  {"slack", "sms"},
	"":         {"slack", "sms"},
	"info":     nil,
	"none":     nil,
}

// reach is what alerts reach, by severity, with the combination.
func reach(combination string) map[string][]string {
	if combination == severities {
		return byConfig
	}
	reached := map[string][]string{}
	for severity, everything := range byDefault {
		reached[severity] = slices.DeleteFunc(slices.Clone(everything), func(integration string) bool {
			return !slices.Contains(strings.Split(combination, "-"), integration)
		})
	}
	return reached
}

func TestWhomAnAlertReaches(t *testing.T) {
	program := filepath.Join(tools(t, toolchain.Alertmanager).Bin, "amtool")
	for combination, file := range goldenFiles(t) {
		t.Run(combination, func(t *testing.T) {
			config := read(t, file)
			for severity, want := range reach(combination) {
				labels := []string{"alertname=HighLatency", "namespace=federated-risk", "job=psi-service"}
				if severity != "" {
					labels = append(labels, "severity="+severity)
				}
				output, err := amtool(t.Context(), program, append([]string{"config", "routes", "test", "--config.file=" + file}, labels...)...)
				require.NoError(t, err, output)
				var reached []string
				for receiver := range strings.SplitSeq(output, ",") {
					reached = append(reached, config.integrations(t, receiver)...)
				}
				assert.ElementsMatch(t, want, reached, "severity %q reaches %s", severity, output)
			}
		})
	}
}
