package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// canaryRemovedAndAdded: a canary loses its traffic before its pods, and gets pods before traffic.
func (s *suite) canaryRemovedAndAdded(t *testing.T) {
	const (
		deployment = "kubernetes:apps/v1:Deployment model-serving-canary"
		budget     = "kubernetes:policy/v1:PodDisruptionBudget model-serving-canary"
	)
	require.NoError(t, s.RemoveConfig(t.Context(), canaryPath))
	removed := s.up(t)
	requireChanges(t, removed, "update "+canaryRoute, "update "+publicRoute, "delete "+deployment, "delete "+budget)
	requireOrder(t, removed, "update "+canaryRoute, "delete "+deployment)
	requireOrder(t, removed, "update "+publicRoute, "delete "+deployment)

	require.NoError(t, s.resetConfig())
	s.set(t, canaryPath+".weight", "20")
	added := s.up(t)
	requireChanges(t, added, "create "+deployment, "create "+budget, "update "+canaryRoute, "update "+publicRoute)
	requireOrder(t, added, "create "+deployment, "update "+canaryRoute)
	requireOrder(t, added, "create "+deployment, "update "+publicRoute)

	require.NoError(t, s.resetConfig())
	requireChanges(t, s.up(t), "update "+canaryRoute, "update "+publicRoute)
	s.requireSameAsClean(t)
}
