package tests

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

const autoscalingPath = "services.model-serving.autoscaling"

// deploymentOfModelServing is what both autoscalers scale.
var deploymentOfModelServing = map[string]any{"apiVersion": "apps/v1", "kind": "Deployment", "name": "model-serving"}

// ofContainer is a target for the use of a resource by the service's own container, without its sidecar.
func ofContainer(resource string, percent float64) any {
	return map[string]any{"type": "ContainerResource", "containerResource": map[string]any{
		"name": resource, "container": "model-serving", "target": map[string]any{"type": "Utilization", "averageUtilization": percent},
	}}
}

// runbookAutoscaler is the runbook's k8s/hpa.yaml, written down a second time, but for the type of the first two metrics.
var runbookAutoscaler = map[string]any{
	"scaleTargetRef": deploymentOfModelServing,
	"minReplicas":    2.0,
	"maxReplicas":    20.0,
	"metrics": []any{
		ofContainer("cpu", 70),
		ofContainer("memory", 80),
		map[string]any{"type": "Pods", "pods": map[string]any{
			"metric": map[string]any{"name": "request_queue_length"},
			"target": map[string]any{"type": "AverageValue", "averageValue": "10"},
		}},
		map[string]any{"type": "Object", "object": map[string]any{
			"metric":          map[string]any{"name": "http_request_duration_p95"},
			"target":          map[string]any{"type": "Value", "value": "500m"},
			"describedObject": map[string]any{"apiVersion": "v1", "kind": "Service", "name": "model-serving"},
		}},
	},
	"behavior": map[string]any{
		"scaleDown": map[string]any{
			"stabilizationWindowSeconds": 300.0,
			"policies":                   []any{map[string]any{"type": "Percent", "value": 10.0, "periodSeconds": 60.0}},
		},
		"scaleUp": map[string]any{
			"stabilizationWindowSeconds": 60.0,
			"policies": []any{
				map[string]any{"type": "Percent", "value": 50.0, "periodSeconds": 60.0},
				map[string]any{"type": "Pods", "value": 2.0, "periodSeconds": 60.0},
			},
			"selectPolicy": "Max",
		},
	},
}

func TestModelServingScalesAsInTheRunbook(t *testing.T) {
	everywhere(t, func(t *testing.T, stack string, run *stacktest.Run) {
		assert.Empty(t, run.OfKind("VerticalPodAutoscaler"), "the cluster may not know the kind")
		if stack == "local" {
			assert.Empty(t, run.OfKind("HorizontalPodAutoscaler"), "four cores have no room for it")
			return
		}
		require.Len(t, run.OfKind("HorizontalPodAutoscaler"), 1)
		autoscaler := run.Find(t, "autoscaling/v2:HorizontalPodAutoscaler", "model-serving-hpa")
		assert.Equal(t, "model-serving-hpa", autoscaler.Get(t, "metadata.name"))
		assert.Equal(t, runbookAutoscaler, autoscaler.Get(t, "spec"))
	})
}

// TestAutoscalerReadsTheStableVersionAlone looks at what decides which pods a HorizontalPodAutoscaler asks the metrics of:
// the selector of the Deployment that it scales. The canary's pods carry the same app label.
func TestAutoscalerReadsTheStableVersionAlone(t *testing.T) {
	run := deploy(t, withCanary(t, "prod", "50"), false)
	target := run.Find(t, "HorizontalPodAutoscaler", "model-serving-hpa").Get(t, "spec.scaleTargetRef.name")
	stable, canary := run.Find(t, "Deployment", "model-serving-stable"), run.Find(t, "Deployment", "model-serving-canary")
	assert.Equal(t, stable.Get(t, "metadata.name"), target)
	assert.NotEqual(t, canary.Get(t, "metadata.name"), target)
	selector := stable.Get(t, "spec.selector.matchLabels")
	assert.Equal(t, map[string]any{"app": "model-serving", "version": "stable"}, selector)
	assert.NotSubset(t, canary.Get(t, "spec.template.metadata.labels"), selector)
	assert.EqualValues(t, 1, canary.Get(t, "spec.replicas"), "nothing scales the canary")
}

// TestNumberOfPodsHasOneOwner compares a stack with and without the autoscaler: either it or the program decides.
func TestNumberOfPodsHasOneOwner(t *testing.T) {
	for _, mode := range modes {
		scaled := deployFile(t, "prod", mode.preview)
		fixed := deploy(t, stacktest.Load(t, "prod").Set(t, autoscalingPath+".horizontal.enabled", "false"), mode.preview)
		assert.Nil(t, fixed.Lookup("HorizontalPodAutoscaler", "model-serving-hpa"))
		assert.EqualValues(t, 3, fixed.Find(t, "Deployment", "model-serving-stable").Get(t, "spec.replicas"))
		assert.Empty(t, fixed.Find(t, "Deployment", "model-serving-stable").Request.GetIgnoreChanges())

		stable := scaled.Find(t, "Deployment", "model-serving-stable")
		assert.Nil(t, stable.Get(t, "spec.replicas"), "the program would reset what the autoscaler has decided")
		assert.Equal(t, []string{"spec.replicas"}, stable.Request.GetIgnoreChanges(),
			"in a stack that lives, the field that is given up would become 1")
		assert.Contains(t, dependencies(scaled, scaled.Find(t, "HorizontalPodAutoscaler", "model-serving-hpa")), "model-serving-stable")
	}
}

func TestAutoscalerFollowsTheConfig(t *testing.T) {
	config := stacktest.Load(t, "local").
		Set(t, "services.psi-service.autoscaling.horizontal.enabled", "true").
		Set(t, "services.psi-service.autoscaling.horizontal.maxReplicas", "4").
		Set(t, "services.psi-service.autoscaling.horizontal.cpuUtilization", "0").
		Set(t, "services.psi-service.autoscaling.horizontal.p95Latency", "").
		Set(t, "services.psi-service.autoscaling.horizontal.scaleDown.pods", "3").
		Set(t, "services.psi-service.autoscaling.horizontal.scaleUp.percent", "0")
	run := deploy(t, config, false)
	require.Len(t, run.OfKind("HorizontalPodAutoscaler"), 1)
	autoscaler := run.Find(t, "HorizontalPodAutoscaler", "psi-service-hpa")
	assert.Equal(t, "psi-service", autoscaler.Get(t, "spec.scaleTargetRef.name"))
	assert.EqualValues(t, 4, autoscaler.Get(t, "spec.maxReplicas"))
	metrics, ok := autoscaler.Get(t, "spec.metrics").([]any)
	require.True(t, ok)
	require.Len(t, metrics, 2)
	assert.Equal(t, "memory", autoscaler.Get(t, "spec.metrics[0].containerResource.name"))
	assert.Equal(t, "psi-service", autoscaler.Get(t, "spec.metrics[0].containerResource.container"))
	assert.Equal(t, "request_queue_length", autoscaler.Get(t, "spec.metrics[1].pods.metric.name"))
	assert.Equal(t, "Max", autoscaler.Get(t, "spec.behavior.scaleDown.selectPolicy"))
	assert.Nil(t, autoscaler.Get(t, "spec.behavior.scaleUp.selectPolicy"))
	assert.Equal(t, []any{map[string]any{"type": "Pods", "value": 2.0, "periodSeconds": 60.0}}, autoscaler.Get(t, "spec.behavior.scaleUp.policies"))
}

func TestVerticalAutoscalerIsTheRunbooks(t *testing.T) {
	for _, mode := range modes {
		config := stacktest.Load(t, "prod").Set(t, autoscalingPath+".vertical.enabled", "true")
		vertical := deploy(t, config, mode.preview).Find(t, "VerticalPodAutoscaler", "model-serving-vpa")
		assert.Equal(t, "kubernetes:autoscaling.k8s.io/v1:VerticalPodAutoscaler", vertical.Type)
		assert.Equal(t, "model-serving-vpa", vertical.Get(t, "metadata.name"))
		assert.Equal(t, map[string]any{
			"targetRef":    deploymentOfModelServing,
			"updatePolicy": map[string]any{"updateMode": "Off"},
			"resourcePolicy": map[string]any{"containerPolicies": []any{
				map[string]any{
					"containerName":       "model-serving",
					"minAllowed":          map[string]any{"cpu": "100m", "memory": "256Mi"},
					"maxAllowed":          map[string]any{"cpu": "2", "memory": "4Gi"},
					"controlledResources": []any{"cpu", "memory"},
				},
				map[string]any{"containerName": "*", "mode": "Off"},
			}},
		}, vertical.Get(t, "spec"))
	}
	config := stacktest.Load(t, "local").
		Set(t, autoscalingPath+".vertical.enabled", "true").Set(t, autoscalingPath+".vertical.mode", "Initial").
		Set(t, autoscalingPath+".vertical.cpu", "false").Set(t, autoscalingPath+".vertical.minAllowed.memory", "").
		Set(t, autoscalingPath+".vertical.minAllowed.cpu", "")
	run := deploy(t, config, false)
	vertical := run.Find(t, "VerticalPodAutoscaler", "model-serving-vpa")
	assert.Equal(t, "Initial", vertical.Get(t, "spec.updatePolicy.updateMode"))
	assert.Equal(t, []any{"memory"}, vertical.Get(t, "spec.resourcePolicy.containerPolicies[0].controlledResources"))
	assert.Nil(t, vertical.Get(t, "spec.resourcePolicy.containerPolicies[0].minAllowed"))
	assert.EqualValues(t, 1, run.Find(t, "Deployment", "model-serving-stable").Get(t, "spec.replicas"), "it sizes pods, it does not count them")
	assert.Nil(t, run.Lookup("HorizontalPodAutoscaler", "model-serving-hpa"))
}
