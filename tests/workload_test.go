package tests

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// withEverything is a stack with every Deployment that there can be.
func withEverything(t *testing.T, stack string) *stacktest.Config {
	t.Helper()
	return withCanary(t, stack, "10").Set(t, "services.model-serving.standby.enabled", "true")
}

// everyDeployment looks at all Deployments of each stack, with a canary and a standby.
func everyDeployment(t *testing.T, look func(t *testing.T, run *stacktest.Run, deployment *stacktest.Resource)) {
	t.Helper()
	for _, stack := range stacktest.Stacks() {
		for _, mode := range modes {
			run := deploy(t, withEverything(t, stack), mode.preview)
			deployments := run.OfKind("Deployment")
			require.Len(t, deployments, 6)
			for _, deployment := range deployments {
				t.Run(stack+"/"+mode.name+"/"+deployment.Name, func(t *testing.T) { look(t, run, deployment) })
			}
		}
	}
}

// TestRolloutsLoseNoRequest does the arithmetic: 15 s until nobody sends any more, 30 s for the longest request, 10 s to
// close. The sidecar of an older Istio must last through the first two.
func TestRolloutsLoseNoRequest(t *testing.T) {
	everyDeployment(t, func(t *testing.T, _ *stacktest.Run, deployment *stacktest.Resource) {
		assert.Equal(t, map[string]any{
			"type": "RollingUpdate", "rollingUpdate": map[string]any{"maxSurge": "20%", "maxUnavailable": 0.0},
		}, deployment.Get(t, "spec.strategy"))
		assert.Equal(t, map[string]any{"preStop": map[string]any{"sleep": map[string]any{"seconds": 15.0}}},
			deployment.Get(t, container+".lifecycle"))
		assert.EqualValues(t, 15+30+10, deployment.Get(t, "spec.template.spec.terminationGracePeriodSeconds"))
		assert.Equal(t, "true", deployment.Get(t, `spec.template.metadata.annotations["sidecar.istio.io/nativeSidecar"]`))
		sidecar, _ := deployment.Get(t, `spec.template.metadata.annotations["proxy.istio.io/config"]`).(string)
		assert.JSONEq(t, `{"holdApplicationUntilProxyStarts": true, "terminationDrainDuration": "45s"}`, sidecar)
		assert.EqualValues(t, 10, deployment.Get(t, "spec.minReadySeconds"))
		assert.EqualValues(t, 540, deployment.Get(t, "spec.progressDeadlineSeconds"), "Pulumi waits for 600 s")
		assert.EqualValues(t, 2, deployment.Get(t, "spec.revisionHistoryLimit"))
	})
}

// TestEachDeploymentHasADisruptionBudget of its own, which never blocks a drain for good.
func TestEachDeploymentHasADisruptionBudget(t *testing.T) {
	everyDeployment(t, func(t *testing.T, run *stacktest.Run, deployment *stacktest.Resource) {
		require.Len(t, run.OfKind("PodDisruptionBudget"), 6)
		budget := run.Find(t, "PodDisruptionBudget", deployment.Name)
		assert.Equal(t, deployment.Get(t, "metadata.name"), budget.Get(t, "metadata.name"))
		assert.Equal(t, deployment.Get(t, "metadata.namespace"), budget.Get(t, "metadata.namespace"))
		assert.Equal(t, map[string]any{
			"maxUnavailable": 1.0, "selector": deployment.Get(t, "spec.selector"), "unhealthyPodEvictionPolicy": "AlwaysAllow",
		}, budget.Get(t, "spec"))
	})
}

func TestPodsAreSpreadOverZonesAndNodes(t *testing.T) {
	everyDeployment(t, func(t *testing.T, _ *stacktest.Run, deployment *stacktest.Resource) {
		var want []any
		for _, topology := range []string{"topology.kubernetes.io/zone", "kubernetes.io/hostname"} {
			want = append(want, map[string]any{
				"maxSkew": 1.0, "topologyKey": topology, "whenUnsatisfiable": "ScheduleAnyway", "nodeTaintsPolicy": "Honor",
				"labelSelector": deployment.Get(t, "spec.selector"), "matchLabelKeys": []any{"pod-template-hash"},
			})
		}
		assert.Equal(t, want, deployment.Get(t, "spec.template.spec.topologySpreadConstraints"))
	})
}

// TestPodsPassTheRestrictedStandard looks at what the Pod Security Standard asks for, in every pod that the program
// declares, and at the two checks of kube-score that they do not pass.
func TestPodsPassTheRestrictedStandard(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		templates, accepted := map[*stacktest.Resource]string{}, map[string]string{}
		for _, job := range run.OfKind("Job") {
			templates[job], accepted[job.Name] = "spec.template", "container-image-pull-policy"
		}
		for _, deployment := range run.OfKind("Deployment") {
			templates[deployment] = "spec.template"
			accepted[deployment.Name] = "container-image-pull-policy,pod-probes-identical"
		}
		for r, template := range templates {
			assert.Equal(t, accepted[r.Name], r.Get(t, `metadata.annotations["kube-score/ignore"]`), r.Name)
			security, _ := r.Get(t, template+".spec.securityContext").(map[string]any)
			delete(security, "sysctls")
			want := map[string]any{
				"runAsNonRoot": true, "runAsUser": 10001.0, "runAsGroup": 10001.0, "fsGroup": 10001.0,
				"fsGroupChangePolicy": "OnRootMismatch", "seccompProfile": map[string]any{"type": "RuntimeDefault"},
			}
			if r.Get(t, template+".spec.volumes") == nil {
				delete(want, "fsGroup")
				delete(want, "fsGroupChangePolicy")
			}
			assert.Equal(t, want, security, r.Name)
			for _, key := range []string{"hostNetwork", "hostPID", "hostIPC", "initContainers"} {
				assert.Nil(t, r.Get(t, template+".spec."+key), "%s: %s", r.Name, key)
			}
			assert.Len(t, r.Get(t, template+".spec.containers"), 1)
			assert.Equal(t, map[string]any{
				"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": map[string]any{"drop": []any{"ALL"}},
			}, r.Get(t, template+".spec.containers[0].securityContext"), r.Name)
			list, _ := r.Get(t, template+".spec.volumes").([]any)
			for _, element := range list {
				volume := element.(map[string]any)
				assert.Len(t, volume, 2, "a name and a source")
				for source := range volume {
					assert.Contains(t, []string{"name", "emptyDir", "secret", "configMap", "persistentVolumeClaim"}, source, r.Name)
				}
			}
		}
	})
}

// TestWhatAPodWritesIsBounded: the request and the limit of the container's disk are what its emptyDirs may hold, and
// 64Mi for its output.
func TestWhatAPodWritesIsBounded(t *testing.T) {
	everyService(t, func(t *testing.T, _ string, _ *stacktest.Run, facts serviceFacts, stable *stacktest.Resource) {
		disk := "320Mi"
		assert.Equal(t, map[string]any{"sizeLimit": "256Mi"}, volumeNamed(t, stable, "tmp")["emptyDir"])
		if facts.name != "frontend" {
			disk = "832Mi"
			assert.Equal(t, map[string]any{"sizeLimit": "512Mi"}, volumeNamed(t, stable, "logs")["emptyDir"])
		}
		for _, kind := range []string{"requests", "limits"} {
			assert.Equal(t, disk, stable.Get(t, container+".resources."+kind+`["ephemeral-storage"]`), kind)
		}
	})
	run := deploy(t, stacktest.Load(t, "dev").Set(t, "services.psi-service.scratch.tmp", "2Gi"), false)
	psi := run.Find(t, "Deployment", "psi-service-stable")
	assert.Equal(t, map[string]any{"sizeLimit": "2Gi"}, volumeNamed(t, psi, "tmp")["emptyDir"])
	assert.Equal(t, "2624Mi", psi.Get(t, container+`.resources.limits["ephemeral-storage"]`))
}

func TestImagesArePulledWhereTheReferenceMayMove(t *testing.T) {
	digest := "registry.example.com/psi-service:latest@sha256:" + strings.Repeat("0a", 32)
	for image, policy := range map[string]string{
		"registry.example.com/psi-service:9": "IfNotPresent",
		digest:                               "IfNotPresent",
		"registry.example.com/psi-service:latest": "Always",
		"registry.example.com/psi-service":        "Always",
	} {
		run := deploy(t, stacktest.Load(t, "dev").Set(t, "services.psi-service.image", image), false)
		assert.Equal(t, policy, run.Find(t, "Deployment", "psi-service-stable").Get(t, container+".imagePullPolicy"), image)
	}
	everyDeployment(t, func(t *testing.T, _ *stacktest.Run, deployment *stacktest.Resource) {
		assert.Equal(t, "IfNotPresent", deployment.Get(t, container+".imagePullPolicy"))
		assert.Nil(t, deployment.Get(t, "spec.template.spec.imagePullSecrets"), "without config there is none")
	})
}

func TestPullSecretsReachEveryPod(t *testing.T) {
	config := withEverything(t, "prod").Set(t, "rotation.encryption", "2").Set(t, "images.pullSecrets[0]", "registry").Set(t, "images.pullSecrets[1]", "mirror")
	run := deploy(t, config, false)
	want := []any{map[string]any{"name": "registry"}, map[string]any{"name": "mirror"}}
	for _, deployment := range run.OfKind("Deployment") {
		assert.Equal(t, want, deployment.Get(t, "spec.template.spec.imagePullSecrets"), deployment.Name)
	}
	require.Len(t, run.OfKind("Job"), 3)
	for _, job := range run.OfKind("Job") {
		assert.Equal(t, want, job.Get(t, "spec.template.spec.imagePullSecrets"), job.Name)
	}
}

// TestMetricsAreMergedBySidecars: pods say where their metrics are, and the sidecar, which every one has, serves them.
func TestMetricsAreMergedBySidecars(t *testing.T) {
	ports := map[string]string{"consent-service": "7002", "psi-service": "7001", "model-serving": "7003", "model-serving-backup": "7003"}
	everyDeployment(t, func(t *testing.T, _ *stacktest.Run, deployment *stacktest.Resource) {
		assert.Equal(t, "true", deployment.Get(t, `spec.template.metadata.labels["sidecar.istio.io/inject"]`))
		app, _ := deployment.Get(t, "spec.template.metadata.labels.app").(string)
		scrape := map[string]any{}
		annotations, _ := deployment.Get(t, "spec.template.metadata.annotations").(map[string]any)
		for key, value := range annotations {
			if strings.HasPrefix(key, "prometheus.io/") {
				scrape[key] = value
			}
		}
		if app == "frontend" {
			assert.Empty(t, scrape, "it has no metrics")
			return
		}
		assert.Equal(t, map[string]any{
			"prometheus.io/scrape": "true", "prometheus.io/port": ports[app], "prometheus.io/path": "/metrics",
		}, scrape)
	})
}
