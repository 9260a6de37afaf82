package e2e

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// manualEdits are found by a refresh, each by itself, and put right by an update.
func (s *suite) manualEdits(t *testing.T) {
	const (
		deployment = "kubernetes:apps/v1:Deployment psi-service-stable"
		service    = "kubernetes:core/v1:Service frontend"
		secret     = "kubernetes:core/v1:Secret secrets-redis"
	)
	s.editWeights(t, 63, 37)
	s.editDeploymentImage(t)
	require.NoError(t, s.kube.CoreV1().Services(namespace).Delete(t.Context(), "frontend", metav1.DeleteOptions{}))
	password := s.editRedisPassword(t)

	found := s.Refresh(t.Context())
	requireChanges(t, found, "update "+canaryRoute, "update "+deployment, "update "+secret, "delete "+service)
	assert.NotContains(t, found.Output, "ZWRpdGVkIGJ5IGhhbmQ", "the refresh shows what is in a Secret")

	fixed := s.up(t)
	requireChanges(t, fixed, "update "+canaryRoute, "update "+deployment, "update "+secret, "create "+service)
	assert.Equal(t, []int64{100, 0}, s.routeWeights(t))
	s.requireDeploymentsAvailable(t)
	assert.Equal(t, password, s.redisPassword(t))
	_, err := s.kube.CoreV1().Services(namespace).Get(t.Context(), "frontend", metav1.GetOptions{})
	require.NoError(t, err)
	requireChanges(t, s.Refresh(t.Context()))

	t.Run("with up --refresh", func(t *testing.T) {
		s.editWeights(t, 1, 99)
		result := s.up(t, optup.Refresh())
		require.Contains(t, result.ChangeLines(), "update "+canaryRoute, result.Describe())
		assert.Equal(t, []int64{100, 0}, s.routeWeights(t))
		requireChanges(t, s.up(t))
	})
}

func (s *suite) editWeights(t *testing.T, stable, canary int) {
	t.Helper()
	patch := fmt.Sprintf(`[{"op": "add", "path": "/spec/http/1/route/0/weight", "value": %d},
		{"op": "add", "path": "/spec/http/1/route/1/weight", "value": %d}]`, stable, canary)
	_, err := s.dynamic.Resource(virtualServices).Namespace(namespace).Patch(t.Context(), "model-serving",
		types.JSONPatchType, []byte(patch), metav1.PatchOptions{FieldManager: "kubectl-patch"})
	require.NoError(t, err)
}

func (s *suite) editDeploymentImage(t *testing.T) {
	t.Helper()
	patch := `[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "registry.local/edited:by-hand"}]`
	_, err := s.kube.AppsV1().Deployments(namespace).Patch(t.Context(), "psi-service",
		types.JSONPatchType, []byte(patch), metav1.PatchOptions{FieldManager: "kubectl-edit"})
	require.NoError(t, err)
}

// editRedisPassword overwrites the password and returns what it was.
func (s *suite) editRedisPassword(t *testing.T) string {
	t.Helper()
	before := s.redisPassword(t)
	_, err := s.kube.CoreV1().Secrets(namespace).Patch(t.Context(), "redis-auth", types.MergePatchType,
		[]byte(`{"stringData": {"redis-password": "edited by hand"}}`), metav1.PatchOptions{FieldManager: "kubectl-edit"})
	require.NoError(t, err)
	require.NotEqual(t, before, s.redisPassword(t))
	return before
}

func (s *suite) redisPassword(t *testing.T) string {
	t.Helper()
	secret, err := s.kube.CoreV1().Secrets(namespace).Get(t.Context(), "redis-auth", metav1.GetOptions{})
	require.NoError(t, err)
	require.NotEmpty(t, secret.Data["redis-password"])
	return string(secret.Data["redis-password"])
}
