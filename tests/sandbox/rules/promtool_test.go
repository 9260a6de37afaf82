package rules_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster/clustertest"
	"github.com/federated-risk/federated-risk/tests/sandbox/toolchain"
)

// Files of rules, as the tests name them.
const (
	rulesFile = "rules.json"
	// otherRulesFile records for another namespace, as a second stack on the same Prometheus does.
	otherRulesFile = "other-rules.json"
)

func promtool(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("needs promtool")
	}
	w := clustertest.Workspace(t)
	clustertest.Tools(t, w, toolchain.Prometheus)
	return filepath.Join(w.Bin, "promtool")
}

// writeRules makes a directory of rule files, beside which tests are written. The second file has the recording rules
// once more, for the namespace elsewhere.
func writeRules(t *testing.T, groups []group, namespace string) string {
	t.Helper()
	dir := t.TempDir()
	writeJSON(t, filepath.Join(dir, rulesFile), map[string]any{"groups": groups})
	var other []rule
	for _, record := range records(groups) {
		record.Expr = strings.ReplaceAll(record.Expr, `namespace="`+namespace+`"`, `namespace="elsewhere"`)
		if _, labelled := record.Labels["namespace"]; !labelled {
			other = append(other, record)
		}
	}
	if other == nil {
		other = []rule{}
	}
	writeJSON(t, filepath.Join(dir, otherRulesFile), map[string]any{"groups": []group{{Name: "elsewhere", Rules: other}}})
	return dir
}

func writeJSON(t *testing.T, path string, content any) {
	t.Helper()
	encoded, err := json.Marshal(content)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, encoded, 0o600))
}

// judge has promtool run the tests on the rules in dir, and returns what it says of those that fail. It is empty when
// all pass.
func judge(t *testing.T, program, dir, name string, file cases) string {
	t.Helper()
	path := filepath.Join(dir, name+".json")
	writeJSON(t, path, file)
	command := exec.CommandContext(t.Context(), program, "test", "rules", path)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	if err == nil {
		return ""
	}
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, "%s", output.String())
	require.Contains(t, output.String(), "FAILED", "promtool did not judge")
	return output.String()
}
