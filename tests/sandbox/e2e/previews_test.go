package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

// previews: what a pull request shows of each stack that is not the sandbox's. The stack's own file is used with no more
// changed than what only its cluster and its chart repositories have.
func (s *suite) previews(t *testing.T) {
	for stack, warnings := range map[string][]string{"dev": nil, "prod": {"is not backed up"}} {
		t.Run(stack, func(t *testing.T) { s.preview(t, stack, warnings) })
	}
}

// contractCharts by their key below releases. What else a stack may install is in place on its cluster.
var contractCharts = map[string]string{
	"postgresOperator": "cloudnative-pg", "postgres": "cluster", "redis": "redis",
	"prometheusOperatorCRDs": "prometheus-operator-crds", "kubePrometheusStack": "kube-prometheus-stack",
}

func (s *suite) preview(t *testing.T, stack string, warnings []string) {
	other, err := s.Beside(t.Context(), stack)
	require.NoError(t, err)
	require.NoError(t, other.SetConfig(t.Context(), "federated-risk:cluster.context", workspace.Context))
	for key, chart := range contractCharts {
		path := "federated-risk:releases." + key
		require.NoError(t, other.SetConfig(t.Context(), path+".chart", "./tests/sandbox/charts/"+chart))
		require.NoError(t, other.RemoveConfig(t.Context(), path+".version"))
		// An oci:// address has no repository beside it.
		if key == "postgresOperator" || key == "postgres" {
			require.NoError(t, other.RemoveConfig(t.Context(), path+".repository"))
		}
	}

	result := other.Preview(t.Context())
	inventory := filepath.Join(s.Workspace.Root, "tests", "testdata", stack+".inventory.txt")
	requireSteps(t, result, creations(t, inventory, stack))
	problems := result.Problems()
	require.Len(t, problems, len(warnings), result.Describe())
	for i, warning := range warnings {
		assert.True(t, strings.HasPrefix(problems[i], "warning: "), problems[i])
		assert.Contains(t, problems[i], warning)
	}
	require.Empty(t, s.empty.Changes(s.settled(t)), "a preview wrote to the cluster")
}

// creations are the steps by which the first update makes what the reviewed inventory of a stack lists.
func creations(t *testing.T, file, stack string) []string {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	steps := []string{"create pulumi:pulumi:Stack federated-risk-" + stack}
	for line := range strings.Lines(string(content)) {
		fields := strings.Fields(line)
		require.Greater(t, len(fields), 2, "%s: %q", file, line)
		steps = append(steps, "create "+fields[0]+" "+fields[1])
	}
	return steps
}
