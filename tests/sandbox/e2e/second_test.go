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

// secondStack: two stacks share a cluster, the operator of the first one and the ingress gateway, and neither notices when
// the other comes, changes or leaves.
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
	requireChanges(t, s.Preview(t.Context()))

	s.set(t, canaryPath+".weight", "10")
	requireChanges(t, s.up(t), "update "+canaryRoute, "update "+publicRoute)
	weighted := []string{
		"~ virtualservices.networking.istio.io federated-risk/model-serving",
		"~ virtualservices.networking.istio.io federated-risk/model-serving-public",
	}
	assert.ElementsMatch(t, weighted, together.Changes(s.settled(t)), "the first stack changed")
	requireChanges(t, other.Preview(t.Context()))

	requireSuccess(t, other.Destroy(t.Context()))
	assert.ElementsMatch(t, weighted, before.Changes(s.settled(t)), "the second stack left")

	require.NoError(t, s.resetConfig())
	requireChanges(t, s.up(t), "update "+canaryRoute, "update "+publicRoute)
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
	} {
		require.NoError(t, other.SetConfig(t.Context(), "federated-risk:"+path, value))
	}
	require.NoError(t, other.RemoveConfig(t.Context(), canaryPath))
	return other
}
