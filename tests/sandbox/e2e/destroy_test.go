package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// destroy leaves the cluster as it was before the first update, and may be repeated.
func (s *suite) destroy(t *testing.T) {
	s.requireDestroyed(t)
	requireChanges(t, s.Destroy(t.Context()))
}

func (s *suite) requireDestroyed(t *testing.T) {
	t.Helper()
	requireSuccess(t, s.Destroy(t.Context()))
	checkpoint, err := s.Workspace.Checkpoint()
	require.NoError(t, err)
	require.Zero(t, checkpoint.Resources, "resources left in the state")
	require.Zero(t, checkpoint.Pending, "pending operations left in the state")
	requireSameObjects(t, s.empty, s.settled(t), "the cluster is not what it was before the first update")
}
