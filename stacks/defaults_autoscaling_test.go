package stacks_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/stacks"
)

func TestAutoscalingDefaultsAreTheRunbooks(t *testing.T) {
	runbook := stacks.Autoscaling{
		Horizontal: stacks.Horizontal{
			Enabled: true, MinReplicas: 2, MaxReplicas: 20, CPUUtilization: 70, MemoryUtilization: 80, QueueLength: "10", P95Latency: "500m",
			ScaleUp:   stacks.ScalingSpeed{StabilizationSeconds: 60, Percent: 50, Pods: 2, PeriodSeconds: 60},
			ScaleDown: stacks.ScalingSpeed{StabilizationSeconds: 300, Percent: 10, PeriodSeconds: 60},
		},
		Vertical: stacks.Vertical{
			Mode: stacks.VerticalOff, CPU: true, Memory: true,
			MinAllowed: stacks.ResourceList{CPU: "100m", Memory: "256Mi"},
			MaxAllowed: stacks.ResourceList{CPU: "2", Memory: "4Gi"},
		},
	}
	disabled := runbook
	disabled.Horizontal.Enabled = false
	frontend := disabled
	frontend.Horizontal.QueueLength, frontend.Horizontal.P95Latency = "", ""
	for profile, model := range map[string]stacks.Autoscaling{"minimum": disabled, "recommended": runbook, "production": runbook} {
		services := parse(t, tree{"profile": profile}).Services
		for name, want := range map[string]stacks.Autoscaling{
			"model-serving": model, "consent-service": disabled, "psi-service": disabled, "frontend": frontend,
		} {
			assert.Equal(t, want, services[name].Autoscaling, "%s %s", profile, name)
		}
	}
}

func TestAnAutoscaledServiceHasNoReplicas(t *testing.T) {
	assert.Zero(t, parse(t, nil).Services["model-serving"].Replicas)
	off := parse(t, tree{horizontal + ".enabled": false}).Services["model-serving"]
	assert.Equal(t, 2, off.Replicas, "the profile's again")
	on := parse(t, tree{"profile": "minimum", horizontal + ".enabled": true}).Services["model-serving"]
	assert.Zero(t, on.Replicas)
}
