package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/federated-risk/federated-risk/tests/sandbox/e2e/platformtest"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/kube"
)

// incidentPath is the stack config of the incident.
const incidentPath = "federated-risk:incident."

// incidentAlert is what every mode changes.
const incidentAlert = "update kubernetes:monitoring.coreos.com/v1:PrometheusRule monitoring-rules"

// What modes change, on the local stack.
var (
	// readsSettings are the Deployments that read the shared settings, and the settings, which have a new name.
	readsSettings = slices.Concat(
		replaced("kubernetes:core/v1:ConfigMap app-config"),
		updated("consent-service-stable", "psi-service-stable", "model-serving-stable", "model-serving-canary"),
	)
	rateLimited = []string{
		"create kubernetes:networking.istio.io/v1alpha3:EnvoyFilter consent-service-rate-limit",
		"create kubernetes:networking.istio.io/v1alpha3:EnvoyFilter psi-service-rate-limit",
		"create kubernetes:networking.istio.io/v1alpha3:EnvoyFilter model-serving-rate-limit",
		"create kubernetes:networking.istio.io/v1alpha3:EnvoyFilter frontend-rate-limit",
	}
	stopped  = updated("consent-service-stable", "psi-service-stable", "model-serving-stable", "model-serving-canary", "frontend-stable")
	isolated = []string{
		"update kubernetes:security.istio.io/v1:AuthorizationPolicy policy-isolated",
		"update kubernetes:networking.k8s.io/v1:NetworkPolicy policy-network-consent-service",
		"update kubernetes:networking.k8s.io/v1:NetworkPolicy policy-network-consent-service-reencryption",
		"update kubernetes:networking.k8s.io/v1:NetworkPolicy policy-network-frontend",
		"update kubernetes:networking.k8s.io/v1:NetworkPolicy policy-network-model-serving",
		"update kubernetes:networking.k8s.io/v1:NetworkPolicy policy-network-model-serving-backup",
		"update kubernetes:networking.k8s.io/v1:NetworkPolicy policy-network-postgres",
		"update kubernetes:networking.k8s.io/v1:NetworkPolicy policy-network-postgres-login",
		"update kubernetes:networking.k8s.io/v1:NetworkPolicy policy-network-psi-service",
		"update kubernetes:networking.k8s.io/v1:NetworkPolicy policy-network-redis",
		"update kubernetes:networking.k8s.io/v1:NetworkPolicy policy-network-redis-login",
	}
	newSigningKey = slices.Concat(
		[]string{
			"create tls:index/privateKey:PrivateKey secrets-jwt-g3-key", "create kubernetes:core/v1:Secret secrets-jwt-g2",
			"delete tls:index/privateKey:PrivateKey secrets-jwt-g1-key", "delete kubernetes:core/v1:Secret secrets-jwt-g1",
		},
		replaced("kubernetes:core/v1:ConfigMap secrets-jwt-keys"),
	)
	scrapedOften = []string{
		"update kubernetes:monitoring.coreos.com/v1:ServiceMonitor monitoring-services-consent-service",
		"update kubernetes:monitoring.coreos.com/v1:ServiceMonitor monitoring-services-model-serving",
		"update kubernetes:monitoring.coreos.com/v1:ServiceMonitor monitoring-services-psi-service",
		"update kubernetes:monitoring.coreos.com/v1:PodMonitor monitoring-pods-postgres",
		"update kubernetes:monitoring.coreos.com/v1:PodMonitor monitoring-pods-redis",
	}
)

// incidents are the modes, with what each changes on the local stack. Half is the one of the engine's steps at whose start it
// is killed on the way in.
var incidents = []struct {
	name     string
	settings map[string]string
	changes  []string
	half     string
	look     func(s *suite, t *testing.T)
}{
	{
		"performance", map[string]string{"mode": "performance"}, slices.Concat(rateLimited, readsSettings),
		"update kubernetes:apps/v1:Deployment model-serving-stable",
		func(s *suite, t *testing.T) { assert.EqualValues(t, 10, s.replicas(t, "model-serving")) },
	},
	{
		"service outage", map[string]string{"mode": "service-outage"}, []string{
			"update " + canaryRoute, "update " + publicRoute,
			"create kubernetes:apps/v1:Deployment model-serving-backup", "create kubernetes:core/v1:Service model-serving-backup",
			"create kubernetes:policy/v1:PodDisruptionBudget model-serving-backup",
			"create kubernetes:monitoring.coreos.com/v1:ServiceMonitor monitoring-services-model-serving-backup",
			"update kubernetes:core/v1:ConfigMap monitoring-dashboard-federated-risk-model-serving",
			"update kubernetes:core/v1:ConfigMap monitoring-dashboard-federated-risk-overview",
		},
		"create kubernetes:apps/v1:Deployment model-serving-backup",
		func(s *suite, t *testing.T) { assert.EqualValues(t, 5, s.replicas(t, "model-serving-backup")) },
	},
	{
		"data breach, then stop", map[string]string{"mode": "data-breach", "stage": "stop"}, slices.Concat(isolated, stopped),
		"update kubernetes:apps/v1:Deployment frontend-stable",
		func(s *suite, t *testing.T) {
			for _, name := range []string{"consent-service", "psi-service", "model-serving", "model-serving-canary", "frontend"} {
				assert.EqualValues(t, 0, s.replicas(t, name), name)
			}
		},
	},
	{
		"security", map[string]string{"mode": "security"}, slices.Concat(newSigningKey, scrapedOften, readsSettings),
		"update kubernetes:apps/v1:Deployment consent-service-stable",
		func(s *suite, t *testing.T) { assert.Len(t, s.keySet(t), 2) },
	},
}

// incidentModes enters and leaves every mode: a preview says what the update then does, an update that is killed half-way is
// continued by the next one, a second preview says that there is nothing left to do, and in the end the cluster is what it was.
func (s *suite) incidentModes(t *testing.T) {
	for _, incident := range incidents {
		t.Run(incident.name, func(t *testing.T) {
			before := s.statefulObjects(t)
			for key, value := range incident.settings {
				s.set(t, incidentPath+key, value)
			}
			preview := s.Preview(t.Context())
			requireSteps(t, preview, append(incident.changes, incidentAlert))
			assert.Empty(t, preview.Problems(), preview.Describe())
			s.kill(t, "up", started(incident.half), "half-way")
			s.up(t)
			requireChanges(t, s.Preview(t.Context()))
			incident.look(s, t)
			assert.Empty(t, before.Changes(s.statefulObjects(t)), "an incident touches nothing with data in it")

			require.NoError(t, s.resetConfig())
			s.up(t)
			s.requireConverged(t)
			s.requireDeploymentsAvailable(t)
			s.removeOrphans(t)
			s.requireSameAsClean(t)
		})
	}
	t.Run("data breach, then stop, of what an autoscaler counts", s.stopAutoscaled)
}

// stopFieldManager owns the number of pods of what is stopped, where an autoscaler would count them.
const stopFieldManager = "federated-risk-stop"

// stopAutoscaled: a stop takes the number of pods from the autoscaler, and its end gives the number back.
func (s *suite) stopAutoscaled(t *testing.T) {
	const (
		patch      = "kubernetes:apps/v1:DeploymentPatch model-serving-stable-stopped"
		horizontal = "federated-risk:services.model-serving.autoscaling.horizontal."
		least      = 2
	)
	s.set(t, horizontal+"enabled", "true")
	s.set(t, horizontal+"minReplicas", fmt.Sprint(least))
	s.set(t, horizontal+"maxReplicas", fmt.Sprint(least+1))
	s.up(t)
	s.requireScaled(t, least)

	s.set(t, incidentPath+"mode", "data-breach")
	s.set(t, incidentPath+"stage", "stop")
	preview, entered := s.Preview(t.Context()), s.up(t)
	requireSuccess(t, preview)
	assert.Contains(t, preview.ChangeLines(), "create "+patch)
	assert.Contains(t, entered.ChangeLines(), "create "+patch)
	assert.Zero(t, s.replicas(t, "model-serving"))
	assert.Equal(t, []string{stopFieldManager}, s.countedBy(t))
	requireChanges(t, s.Preview(t.Context()))

	require.NoError(t, s.RemoveConfig(t.Context(), incidentPath+"mode"))
	require.NoError(t, s.RemoveConfig(t.Context(), incidentPath+"stage"))
	assert.Contains(t, s.up(t).ChangeLines(), "delete "+patch)
	requireChanges(t, s.Preview(t.Context()))
	s.requireScaled(t, least)
	for _, entry := range s.deployment(t, "model-serving").ManagedFields {
		assert.NotEqual(t, stopFieldManager, entry.Manager)
	}

	require.NoError(t, s.resetConfig())
	s.up(t)
	// The number that the autoscaler leaves behind is drift from the one that the stack declares again.
	s.up(t, optup.Refresh())
	s.requireConverged(t)
	s.requireDeploymentsAvailable(t)
	s.requireSameAsClean(t)
}

func (s *suite) deployment(t *testing.T, name string) *appsv1.Deployment {
	t.Helper()
	object, err := s.kube.AppsV1().Deployments(namespace).Get(t.Context(), name, metav1.GetOptions{})
	require.NoError(t, err)
	return object
}

// requireScaled requires that model-serving gets so many pods within a few of the autoscaler's rounds.
func (s *suite) requireScaled(t *testing.T, want int32) {
	t.Helper()
	require.Eventually(t, func() bool {
		object, err := s.kube.AppsV1().Deployments(namespace).Get(t.Context(), "model-serving", metav1.GetOptions{})
		return err == nil && *object.Spec.Replicas == want && object.Status.AvailableReplicas == want
	}, 2*time.Minute, 500*time.Millisecond, "model-serving does not get %d pods", want)
}

// countedBy returns the field managers that own model-serving's number of pods.
func (s *suite) countedBy(t *testing.T) []string {
	t.Helper()
	owners, err := kube.Owners(s.deployment(t, "model-serving").ManagedFields, "spec", "replicas")
	require.NoError(t, err)
	return owners
}

// statefulObjects are those that hold data, and the releases.
func (s *suite) statefulObjects(t *testing.T) platformtest.Inventory {
	t.Helper()
	kinds := map[string]bool{"statefulsets.apps": true, "persistentvolumeclaims": true, "clusters.postgresql.cnpg.io": true}
	return s.settled(t).Where(func(object platformtest.Object) bool { return kinds[object.Kind] })
}

func (s *suite) replicas(t *testing.T, deployment string) int32 {
	t.Helper()
	return s.deployment(t, deployment).Status.Replicas
}

// keySet returns the IDs of the keys that verify tokens, in their order, from the set that all running pods have.
func (s *suite) keySet(t *testing.T) []string {
	t.Helper()
	names := map[string]bool{}
	for _, service := range []string{"consent-service", "psi-service", "model-serving"} {
		for _, volume := range s.deployment(t, service).Spec.Template.Spec.Volumes {
			if volume.Name == "jwks" {
				names[volume.ConfigMap.Name] = true
			}
		}
	}
	require.Len(t, names, 1, "every service has the same: %v", names)
	var ids []string
	for name := range names {
		object, err := s.kube.CoreV1().ConfigMaps(namespace).Get(t.Context(), name, metav1.GetOptions{})
		require.NoError(t, err)
		var set struct {
			Keys []struct{ Kid string }
		}
		require.NoError(t, json.Unmarshal([]byte(object.Data["jwks.json"]), &set))
		for _, key := range set.Keys {
			ids = append(ids, key.Kid)
		}
	}
	return ids
}
