package platformtest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

// goVariables are what the Go toolchain would look for in the home directory.
var goVariables = []string{"GOCACHE", "GOENV", "GOMODCACHE", "GOPATH"}

// foreignPrefixes are variables by which a user's own setup could reach into a test, or a test into it.
var foreignPrefixes = []string{"PULUMI_", "KUBE", "HELM_", "KWOK_", "XDG_"}

// isolate gives this process an empty home directory and none of the user's settings, until tb ends. It returns
// the home directory.
func isolate(tb testing.TB, w workspace.Workspace) string {
	tb.Helper()
	output, err := exec.CommandContext(tb.Context(), "go", append([]string{"env", "-json"}, goVariables...)...).Output()
	require.NoError(tb, err)
	var values map[string]string
	require.NoError(tb, json.Unmarshal(output, &values))
	for name, value := range values {
		tb.Setenv(name, value)
	}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		for _, prefix := range foreignPrefixes {
			if strings.HasPrefix(name, prefix) {
				// Setenv restores the variable at the end.
				tb.Setenv(name, "")
				require.NoError(tb, os.Unsetenv(name))
			}
		}
	}
	home, temporary := filepath.Join(w.Dir, "home"), filepath.Join(w.Dir, "tmp")
	require.NoError(tb, os.Mkdir(home, 0o700))
	require.NoError(tb, os.Mkdir(temporary, 0o700))
	tb.Setenv("HOME", home)
	// A killed language host leaves the program that it built in the temporary directory.
	tb.Setenv("TMPDIR", temporary)
	// `pulumi version`, which the Automation API runs without the workspace's variables.
	tb.Setenv("PULUMI_HOME", w.PulumiHome())
	return home
}
