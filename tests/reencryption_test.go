package tests

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// everywhereRotated deploys each stack with the second generation of the encryption key.
func everywhereRotated(t *testing.T, look func(t *testing.T, run *stacktest.Run)) {
	t.Helper()
	for _, stack := range stacktest.Stacks() {
		for _, mode := range modes {
			t.Run(stack+"/"+mode.name, func(t *testing.T) {
				look(t, deploy(t, stacktest.Load(t, stack).Set(t, "rotation.encryption", "2"), mode.preview))
			})
		}
	}
}

func TestTheFirstKeyHasNothingToReencrypt(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		assert.Nil(t, run.Lookup("Job", "consent-service-reencryption-g1"))
		assert.Len(t, run.OfKind("Job"), 2, "those that try the logins")
	})
}

func TestReencryptionRunsOncePerGeneration(t *testing.T) {
	everywhereRotated(t, func(t *testing.T, run *stacktest.Run) {
		job := run.Find(t, "Job", "consent-service-reencryption-g2")
		assert.Equal(t, "consent-service-reencryption-g2", job.Get(t, "metadata.name"))
		assert.Equal(t, []string{"spec"}, job.Request.GetIgnoreChanges(), "whatever its pods would get later, it has run")
		assert.Equal(t, "true", job.Get(t, `metadata.annotations["pulumi.com/skipAwait"]`), "it may take hours")
		assert.Equal(t, "Never", job.Get(t, "spec.template.spec.restartPolicy"))
		assert.Equal(t, "Failed", job.Get(t, "spec.podReplacementPolicy"), "two pods must not write at once")
		assert.EqualValues(t, 3, job.Get(t, "spec.backoffLimit"))
		assert.EqualValues(t, 6*60*60, job.Get(t, "spec.activeDeadlineSeconds"))
		assert.Nil(t, job.Get(t, "spec.ttlSecondsAfterFinished"), "its outcome decides whether a key may go")
		assert.Contains(t, dependencies(run, job), "consent-service-stable", "the pods that write have the new key first")
	})
}

// TestReencryptionHasWhatTheServiceHas: the same data, keys and rights, and nothing that only an answering pod has.
func TestReencryptionHasWhatTheServiceHas(t *testing.T) {
	everywhereRotated(t, func(t *testing.T, run *stacktest.Run) {
		const jobContainer = "spec.template.spec.containers[0]"
		job, stable := run.Find(t, "Job", "consent-service-reencryption-g2"), run.Find(t, "Deployment", "consent-service-stable")
		for _, field := range []string{
			"image", "imagePullPolicy", "env", "envFrom", "volumeMounts", "resources", "securityContext", "name",
		} {
			require.NotNil(t, stable.Get(t, container+"."+field), field)
			assert.Equal(t, stable.Get(t, container+"."+field), job.Get(t, jobContainer+"."+field), field)
		}
		for _, field := range []string{
			"volumes", "securityContext", "serviceAccountName", "automountServiceAccountToken", "enableServiceLinks",
		} {
			assert.Equal(t, stable.Get(t, "spec.template.spec."+field), job.Get(t, "spec.template.spec."+field), field)
		}
		// 15 s to be withdrawn, 30 s for the last request, 10 s to close.
		assert.Equal(t, []any{"python", "-c", "import time; time.sleep(55); from app.crypto import reencrypt_data; reencrypt_data()"},
			job.Get(t, jobContainer+".command"))
		for _, field := range []string{"ports", "startupProbe", "readinessProbe", "livenessProbe", "lifecycle"} {
			assert.Nil(t, job.Get(t, jobContainer+"."+field), field)
		}
		assert.Subset(t, dependencies(run, job), dependencies(run, stable))
	})
}

// TestReencryptionGetsNoRequests and has no sidecar, which it needs for nothing.
func TestReencryptionGetsNoRequests(t *testing.T) {
	everywhereRotated(t, func(t *testing.T, run *stacktest.Run) {
		pods := run.Find(t, "Job", "consent-service-reencryption-g2").Get(t, "spec.template.metadata.labels")
		assert.Subset(t, pods, map[string]any{"app": "consent-service-reencryption", "sidecar.istio.io/inject": "false"})
		for _, service := range run.OfKind("v1:Service") {
			assert.NotSubset(t, pods, service.Get(t, "spec.selector"), service.Name)
		}
	})
}

func TestReencryptionFollowsItsConfig(t *testing.T) {
	const image = "registry.example.com/consent-service:1.1"
	rotated := func() *stacktest.Config { return stacktest.Load(t, "dev").Set(t, "rotation.encryption", "2") }
	run := deploy(t, rotated().
		Set(t, "services.consent-service.reencryption.image", image).
		Set(t, "services.consent-service.reencryption.timeoutSeconds", "60"), false)
	assert.Equal(t, []string{"consent-service-reencryption-g2"}, changed(t, deploy(t, rotated(), false), run))
	job := run.Find(t, "Job", "consent-service-reencryption-g2")
	assert.Equal(t, image, job.Get(t, "spec.template.spec.containers[0].image"))
	assert.EqualValues(t, 60, job.Get(t, "spec.activeDeadlineSeconds"))
}
