package tests

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

const standbyPath = "services.model-serving.standby"

func TestOnlyProductionKeepsAStandbyWarm(t *testing.T) {
	everywhere(t, func(t *testing.T, stack string, run *stacktest.Run) {
		for _, kind := range []string{"Deployment", "v1:Service", "PodDisruptionBudget"} {
			assert.Equal(t, stack == "prod", run.Lookup(kind, "model-serving-backup") != nil, kind)
		}
	})
	off := deploy(t, stacktest.Load(t, "prod").Set(t, standbyPath+".enabled", "false"), false)
	assert.Nil(t, off.Lookup("Deployment", "model-serving-backup"))
	on := deployFile(t, "prod", false)
	watched := []string{
		"monitoring-dashboard-federated-risk-model-serving", "monitoring-dashboard-federated-risk-overview", "monitoring-rules",
	}
	assert.ElementsMatch(t, watched, changed(t, off, on), "the standby comes and goes without touching the service")
	assert.ElementsMatch(t, []string{
		"model-serving-backup", "model-serving-backup", "model-serving-backup", "monitoring-services-model-serving-backup",
	}, added(off, on))
}

// TestStandbyIsTheStableVersionUnderAnotherName compares the two: a standby that differs in more may fail when it counts.
func TestStandbyIsTheStableVersionUnderAnotherName(t *testing.T) {
	run := deployFile(t, "prod", false)
	stable, standby := run.Find(t, "Deployment", "model-serving-stable"), run.Find(t, "Deployment", "model-serving-backup")
	for _, path := range []string{
		"spec.template.spec.containers", "spec.template.spec.volumes", "spec.template.spec.securityContext",
		"spec.template.spec.serviceAccountName", "spec.template.spec.terminationGracePeriodSeconds",
		"spec.template.metadata.annotations", "spec.strategy",
	} {
		assert.NotNil(t, stable.Get(t, path), path)
		assert.Equal(t, stable.Get(t, path), standby.Get(t, path), path)
	}
	assert.Equal(t, "model-serving-backup", standby.Get(t, "metadata.name"))
	assert.EqualValues(t, 1, standby.Get(t, "spec.replicas"))
	assert.Equal(t, dependencies(run, stable), dependencies(run, standby))
}

// TestStandbyGetsNoTraffic until somebody sends it there: nothing that selects model-serving's pods finds it.
func TestStandbyGetsNoTraffic(t *testing.T) {
	run := deployFile(t, "prod", false)
	standby := run.Find(t, "Deployment", "model-serving-backup")
	selector := map[string]any{"app": "model-serving-backup", "version": "stable"}
	assert.Equal(t, map[string]any{"matchLabels": selector}, standby.Get(t, "spec.selector"))
	pods := standby.Get(t, "spec.template.metadata.labels")
	assert.Subset(t, pods, selector)
	for _, service := range run.OfKind("v1:Service") {
		if service.Name == "model-serving-backup" {
			assert.Equal(t, map[string]any{"app": "model-serving-backup"}, service.Get(t, "spec.selector"))
			assert.Equal(t, "model-serving-backup", service.Get(t, "metadata.name"))
			assert.Equal(t, run.Find(t, "v1:Service", "model-serving").Get(t, "spec.ports"), service.Get(t, "spec.ports"))
			continue
		}
		assert.NotSubset(t, pods, service.Get(t, "spec.selector"), "%s selects the standby", service.Name)
	}
	assert.NotSubset(t, pods, run.Find(t, "Deployment", "model-serving-stable").Get(t, "spec.selector.matchLabels"))
}

func TestStandbyFollowsItsConfig(t *testing.T) {
	config := stacktest.Load(t, "dev").Set(t, standbyPath+".enabled", "true").Set(t, standbyPath+".replicas", "5")
	run := deploy(t, config, false)
	standby := run.Find(t, "Deployment", "model-serving-backup")
	assert.EqualValues(t, 5, standby.Get(t, "spec.replicas"))
	assert.Equal(t, config.Value(t, "services.model-serving.image"), standby.Get(t, container+".image"))
	const image = "registry.example.com/model-serving:0.9"
	again := deploy(t, config.Set(t, standbyPath+".image", image), false)
	assert.Equal(t, image, again.Find(t, "Deployment", "model-serving-backup").Get(t, container+".image"))
	assert.Equal(t, []string{"model-serving-backup"}, changed(t, run, again))
}
