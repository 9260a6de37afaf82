package e2e

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/federated-risk/federated-risk/tests/sandbox/e2e/platformtest"
)

// incidentPath is the stack config of the incident.
const incidentPath = "federated-risk:incident."

// Steps that several modes have in common.
var (
	incidentAlert = "update kubernetes:monitoring.coreos.com/v1:PrometheusRule monitoring-rules"
	// rolled are the Deployments that read the shared settings, and the settings, which have a new name.
	rolled = []string{
		"create-replacement kubernetes:core/v1:ConfigMap app-config", "replace kubernetes:core/v1:ConfigMap app-config",
		"delete-replaced kubernetes:core/v1:ConfigMap app-config",
		"update kubernetes:apps/v1:Deployment consent-service-stable", "update kubernetes:apps/v1:Deployment psi-service-stable",
		"update kubernetes:apps/v1:Deployment model-serving-stable", "update kubernetes:apps/v1:Deployment model-serving-canary",
	}
)

// incidents are the modes, with what each changes on the local stack.
var incidents = []struct {
	name     string
	settings map[string]string
	changes  []string
	look     func(s *suite, t *testing.T)
}{
	{
		"performance", map[string]string{"mode": "performance"}, append([]string{
			incidentAlert,
			"create kubernetes:networking.istio.io/v1alpha3:EnvoyFilter consent-service-rate-limit",
			"create kubernetes:networking.istio.io/v1alpha3:EnvoyFilter psi-service-rate-limit",
			"create kubernetes:networking.istio.io/v1alpha3:EnvoyFilter model-serving-rate-limit",
			"create kubernetes:networking.istio.io/v1alpha3:EnvoyFilter frontend-rate-limit",
		}, rolled...),
		func(s *suite, t *testing.T) { assert.EqualValues(t, 10, s.replicas(t, "model-serving")) },
	},
	{
		"service outage", map[string]string{"mode": "service-outage"}, []string{
			incidentAlert, "update " + canaryRoute, "update " + publicRoute,
			"create kubernetes:apps/v1:Deployment model-serving-backup", "create kubernetes:core/v1:Service model-serving-backup",
			"create kubernetes:policy/v1:PodDisruptionBudget model-serving-backup",
			"create kubernetes:monitoring.coreos.com/v1:ServiceMonitor monitoring-services-model-serving-backup",
			"update kubernetes:core/v1:ConfigMap monitoring-dashboard-federated-risk-model-serving",
			"update kubernetes:core/v1:ConfigMap monitoring-dashboard-federated-risk-overview",
		},
		func(s *suite, t *testing.T) { assert.EqualValues(t, 5, s.replicas(t, "model-serving-backup")) },
	},
	{"data breach, then stop", map[string]string{"mode": "data-breach", "stage": "stop"}, nil, func(s *suite, t *testing.T) {
		for _, name := range []string{"consent-service", "psi-service", "model-serving", "model-serving-canary", "frontend"} {
			assert.EqualValues(t, 0, s.replicas(t, name), name)
		}
	}},
	{"security", map[string]string{"mode": "security"}, nil, func(s *suite, t *testing.T) { assert.Len(t, s.keySet(t), 2) }},
}

// incidentModes enters and leaves every mode: a preview says what the update then does, a second one that there is nothing
// left to do, and in the end the cluster is what it was.
func (s *suite) incidentModes(t *testing.T) {
	for _, incident := range incidents {
		t.Run(incident.name, func(t *testing.T) {
			before := s.statefulObjects(t)
			for key, value := range incident.settings {
				s.set(t, incidentPath+key, value)
			}
			preview, entered := s.Preview(t.Context()), s.up(t)
			if incident.changes != nil {
				requireChanges(t, entered, incident.changes...)
			}
			assert.Contains(t, entered.ChangeLines(), incidentAlert)
			requireSuccess(t, preview)
			assert.Empty(t, preview.Problems(), preview.Describe())
			requireChanges(t, s.Preview(t.Context()))
			incident.look(s, t)
			assert.Empty(t, before.Changes(s.statefulObjects(t)), "an incident touches nothing with data in it")

			require.NoError(t, s.resetConfig())
			s.up(t)
			s.requireConverged(t)
			s.requireDeploymentsAvailable(t)
			s.requireSameAsClean(t)
		})
	}
}

// statefulObjects are those that hold data, and the releases.
func (s *suite) statefulObjects(t *testing.T) platformtest.Inventory {
	t.Helper()
	kinds := map[string]bool{"statefulsets.apps": true, "persistentvolumeclaims": true, "clusters.postgresql.cnpg.io": true}
	return s.settled(t).Where(func(object platformtest.Object) bool { return kinds[object.Kind] })
}

func (s *suite) replicas(t *testing.T, deployment string) int32 {
	t.Helper()
	object, err := s.kube.AppsV1().Deployments(namespace).Get(t.Context(), deployment, metav1.GetOptions{})
	require.NoError(t, err)
	return object.Status.Replicas
}

// keySet returns the IDs of the keys that verify tokens, in their order, from the set that all running pods have.
func (s *suite) keySet(t *testing.T) []string {
	t.Helper()
	names := map[string]bool{}
	for _, service := range []string{"consent-service", "psi-service", "model-serving"} {
		deployment, err := s.kube.AppsV1().Deployments(namespace).Get(t.Context(), service, metav1.GetOptions{})
		require.NoError(t, err)
		for _, volume := range deployment.Spec.Template.Spec.Volumes {
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
