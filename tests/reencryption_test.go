package tests

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

const jobTemplate = "spec.jobTemplate.spec"

func TestReencryptionNeverRunsByItself(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		require.Len(t, run.OfKind("CronJob"), 1)
		job := run.Find(t, "CronJob", "consent-service-reencryption")
		assert.Equal(t, "consent-service-reencryption", job.Get(t, "metadata.name"))
		assert.Equal(t, true, job.Get(t, "spec.suspend"))
		assert.Equal(t, "Forbid", job.Get(t, "spec.concurrencyPolicy"))
		assert.Equal(t, "Never", job.Get(t, jobTemplate+".template.spec.restartPolicy"))
		assert.Equal(t, "Failed", job.Get(t, jobTemplate+".podReplacementPolicy"), "two pods must not write at once")
		assert.EqualValues(t, 3, job.Get(t, jobTemplate+".backoffLimit"))
		assert.EqualValues(t, 6*60*60, job.Get(t, jobTemplate+".activeDeadlineSeconds"))
		assert.Nil(t, job.Get(t, jobTemplate+".ttlSecondsAfterFinished"), "its outcome decides whether a key may go")
	})
}

// TestReencryptionHasWhatTheServiceHas: the same data, keys and rights, and nothing that only an answering pod has.
func TestReencryptionHasWhatTheServiceHas(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		const jobContainer = jobTemplate + ".template.spec.containers[0]"
		job, stable := run.Find(t, "CronJob", "consent-service-reencryption"), run.Find(t, "Deployment", "consent-service-stable")
		for _, field := range []string{
			"image", "imagePullPolicy", "env", "envFrom", "volumeMounts", "resources", "securityContext", "name",
		} {
			require.NotNil(t, stable.Get(t, container+"."+field), field)
			assert.Equal(t, stable.Get(t, container+"."+field), job.Get(t, jobContainer+"."+field), field)
		}
		for _, field := range []string{
			"volumes", "securityContext", "serviceAccountName", "automountServiceAccountToken", "enableServiceLinks",
		} {
			assert.Equal(t, stable.Get(t, "spec.template.spec."+field), job.Get(t, jobTemplate+".template.spec."+field), field)
		}
		assert.Equal(t, []any{"python", "-c", "from app.crypto import reencrypt_data; reencrypt_data()"},
			job.Get(t, jobContainer+".command"))
		for _, field := range []string{"ports", "startupProbe", "readinessProbe", "livenessProbe", "lifecycle"} {
			assert.Nil(t, job.Get(t, jobContainer+"."+field), field)
		}
		assert.Equal(t, dependencies(run, stable), dependencies(run, job))
	})
}

// TestReencryptionGetsNoRequests and has no sidecar, which it needs for nothing.
func TestReencryptionGetsNoRequests(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		pods := run.Find(t, "CronJob", "consent-service-reencryption").Get(t, jobTemplate+".template.metadata.labels")
		assert.Subset(t, pods, map[string]any{"app": "consent-service-reencryption", "sidecar.istio.io/inject": "false"})
		for _, service := range run.OfKind("v1:Service") {
			assert.NotSubset(t, pods, service.Get(t, "spec.selector"), service.Name)
		}
	})
}

func TestReencryptionFollowsItsConfig(t *testing.T) {
	const image = "registry.example.com/consent-service:1.1"
	config := stacktest.Load(t, "dev").
		Set(t, "services.consent-service.reencryption.image", image).
		Set(t, "services.consent-service.reencryption.timeoutSeconds", "60")
	run := deploy(t, config, false)
	assert.Equal(t, []string{"consent-service-reencryption"}, changed(t, deployFile(t, "dev", false), run))
	job := run.Find(t, "CronJob", "consent-service-reencryption")
	assert.Equal(t, image, job.Get(t, jobTemplate+".template.spec.containers[0].image"))
	assert.EqualValues(t, 60, job.Get(t, jobTemplate+".activeDeadlineSeconds"))
}
