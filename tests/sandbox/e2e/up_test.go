package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// deployments of the local stack.
var deployments = []string{
	"consent-service", "frontend", "model-serving", "model-serving-canary", "psi-service",
}

func (s *suite) upFromNothing(t *testing.T) {
	result := s.up(t)
	assert.Empty(t, result.Problems(), "the engine warned: %s", result.Describe())
	s.clean = s.settled(t)
	s.requireDeploymentsAvailable(t)
	s.requireReleases(t)
	s.requirePodsRun(t)
	s.requireGuarded(t)

	outputs, err := s.Outputs(t.Context())
	require.NoError(t, err)
	values := map[string]any{}
	for name, output := range outputs {
		assert.Equal(t, name == "grafanaPassword", output.Secret, "output %s: secret or not", name)
		if !output.Secret {
			values[name] = output.Value
		}
	}
	assert.NotEmpty(t, outputs["grafanaPassword"].Value)
	assert.Equal(t, map[string]any{
		"namespace":     namespace,
		"apiURL":        "https://api.federated-risk.local",
		"appURL":        "https://app.federated-risk.local",
		"canaryWeights": map[string]any{"model-serving": float64(0)},
	}, values)
}

func (s *suite) requireDeploymentsAvailable(t *testing.T) {
	t.Helper()
	list, err := s.kube.AppsV1().Deployments(namespace).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	var names []string
	for _, deployment := range list.Items {
		names = append(names, deployment.Name)
		want := *deployment.Spec.Replicas
		assert.Positive(t, want, deployment.Name)
		assert.Equal(t, want, deployment.Status.AvailableReplicas, "%s: available replicas", deployment.Name)
		assert.Equal(t, want, deployment.Status.UpdatedReplicas, "%s: updated replicas", deployment.Name)
		assert.Equal(t, deployment.Generation, deployment.Status.ObservedGeneration, "%s: observed generation", deployment.Name)
	}
	assert.ElementsMatch(t, deployments, names)
}

// requireReleases requires that Helm's own records say that every release is deployed.
func (s *suite) requireReleases(t *testing.T) {
	t.Helper()
	list, err := s.kube.CoreV1().Secrets("").List(t.Context(), metav1.ListOptions{LabelSelector: "owner=helm"})
	require.NoError(t, err)
	deployed := map[string]string{}
	for _, secret := range list.Items {
		if secret.Labels["status"] == "deployed" {
			deployed[secret.Labels["name"]] = secret.Namespace
		}
	}
	assert.Equal(t, map[string]string{
		"cloudnative-pg": namespace + "-postgres-operator", "postgres": namespace, "redis": namespace,
		"prometheus-operator-crds": monitoringNamespace, "kube-prometheus-stack": monitoringNamespace,
	}, deployed)
}

func (s *suite) requirePodsRun(t *testing.T) {
	t.Helper()
	list, err := s.kube.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.NotEmpty(t, list.Items)
	for _, pod := range list.Items {
		want := corev1.PodRunning
		if len(pod.OwnerReferences) > 0 && pod.OwnerReferences[0].Kind == "Job" {
			want = corev1.PodSucceeded
		}
		assert.Equal(t, want, pod.Status.Phase, "pod %s/%s: %v", pod.Namespace, pod.Name, pod.Status.Conditions)
	}
}

func (s *suite) nothingToDo(t *testing.T) {
	before := s.settled(t)
	requireChanges(t, s.up(t))
	requireChanges(t, s.Refresh(t.Context()))
	require.Empty(t, before.Changes(s.settled(t)), "an update with nothing to do wrote to the cluster")
}

// homeUntouched requires that nothing was written to the user's home. The Go toolchain alone keeps something there.
func (s *suite) homeUntouched(t *testing.T) {
	var found []string
	require.NoError(t, filepath.WalkDir(s.Home, func(path string, entry os.DirEntry, err error) error {
		relative, relErr := filepath.Rel(s.Home, path)
		require.NoError(t, relErr)
		if !entry.IsDir() && !strings.HasPrefix(relative, filepath.Join(".config", "go")+string(filepath.Separator)) {
			found = append(found, relative)
		}
		return err
	}))
	require.Empty(t, found)
}
