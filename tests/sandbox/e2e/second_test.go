package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/e2e/platformtest"
)

const second = "second"

// secondStack: two stacks share a cluster, the operator of the first one, its monitoring and the ingress gateway, and neither notices when
// the other comes, shifts its canary or leaves.
func (s *suite) secondStack(t *testing.T) {
	before := s.settled(t)
	other := s.beside(t)
	result := other.Up(t.Context())
	requireSuccess(t, result)
	assert.Empty(t, result.Problems(), result.Describe())
	together := s.settled(t)
	for _, change := range before.Changes(together) {
		assert.True(t, strings.HasPrefix(change, "+ "), "the second stack came: %s", change)
	}
	require.NotEmpty(t, together.Where(func(object platformtest.Object) bool {
		return object.Kind == "pods" && object.Namespace == second
	}), "the second stack has no pods")

	require.Equal(t, []int64{100, 0}, s.routeWeights(t), "weights at the start")
	s.shiftWeight(t, together, 10)

	requireSuccess(t, other.Destroy(t.Context()))
	left := s.settled(t)
	assert.ElementsMatch(t, weighted, before.Changes(left), "the second stack left")
	s.shiftWeight(t, left, 0)
	require.NoError(t, s.resetConfig())
}

// beside is the stack of the sandbox once more, where two stacks of one cluster must differ.
func (s *suite) beside(t *testing.T) *platformtest.Platform {
	t.Helper()
	// The same passphrase, so the same salt.
	file := filepath.Join(s.CLI.Program, "Pulumi."+second+".yaml")
	require.NoError(t, os.WriteFile(file, s.stackFile, 0o600))
	other, err := s.Beside(t.Context(), second)
	require.NoError(t, err)
	require.Equal(t, file, other.StackFile())
	t.Cleanup(func() {
		if t.Failed() {
			_ = other.Destroy(context.Background())
		}
	})
	for path, value := range map[string]string{
		"namespace":                           second,
		"domain":                              second + ".example",
		"releases.postgresOperator.install":   "false",
		"releases.postgresOperator.namespace": namespace + "-postgres-operator",

		"releases.prometheusOperatorCRDs.install": "false",
		"releases.kubePrometheusStack.install":    "false",
		"policy.monitoringNamespace":              monitoringNamespace,
	} {
		require.NoError(t, other.SetConfig(t.Context(), "federated-risk:"+path, value))
	}
	require.NoError(t, other.RemoveConfig(t.Context(), canaryPath))
	return other
}
