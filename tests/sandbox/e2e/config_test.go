package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/e2e/platformtest"
)

// badConfig is refused as a whole, every fault at its path, before anything is touched.
func (s *suite) badConfig(t *testing.T) {
	before, state := s.settled(t), s.stateResources(t)
	faults := []struct{ path, value string }{
		{canaryPath + ".weight", "130"},
		{"federated-risk:services.model-serving.replcas", "2"},
		{"federated-risk:profile", "huge"},
		{"federated-risk:postgres.instances", "0"},
	}
	for _, fault := range faults {
		s.set(t, fault.path, fault.value)
	}
	for _, result := range []platformtest.Result{s.Preview(t.Context()), s.Up(t.Context())} {
		require.Error(t, result.Err, "a bad config was accepted: %s", result.Describe())
		for _, fault := range faults {
			assert.Contains(t, result.Output, fault.path, "pulumi %s does not name the fault", result.Command)
		}
		assert.Contains(t, result.Output, "replicas", "pulumi %s does not name the nearest key", result.Command)
		assert.Empty(t, result.ChangeLines())
	}
	assert.Empty(t, before.Changes(s.settled(t)), "a bad config changed the cluster")
	assert.JSONEq(t, state, s.stateResources(t), "a bad config changed the state")

	require.NoError(t, s.resetConfig())
}

// stateResources returns the resources in the stack's state as JSON, without providers, which are recorded before a program
// has said anything, and also by one that then fails.
func (s *suite) stateResources(t *testing.T) string {
	t.Helper()
	exported, err := s.Export(t.Context())
	require.NoError(t, err)
	var deployment struct {
		Resources []map[string]any `json:"resources"`
	}
	require.NoError(t, json.Unmarshal(exported.Deployment, &deployment))
	deployment.Resources = slices.DeleteFunc(deployment.Resources, func(resource map[string]any) bool {
		kind, _ := resource["type"].(string)
		return strings.HasPrefix(kind, "pulumi:providers:")
	})
	require.NotEmpty(t, deployment.Resources)
	for _, resource := range deployment.Resources {
		// The same secret has another ciphertext whenever the state is written.
		delete(resource, "modified")
	}
	content, err := json.Marshal(deployment.Resources)
	require.NoError(t, err)
	return string(content)
}
