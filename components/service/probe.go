package service

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// timing of a probe, in seconds.
type timing struct {
	period, timeout, failures int
}

var (
	// startup gives a service 30 × 5 = 150 s until its first answer; until then nothing else probes it.
	startup = timing{period: 5, timeout: 3, failures: 30}
	// readiness takes a pod out of the Service 2 × 10 = 20 s after it stops answering.
	readiness = timing{period: 10, timeout: 5, failures: 2}
	// liveness restarts a container that has not answered for 3 × 30 = 90 s (the runbook's Compose health check).
	liveness = timing{period: 30, timeout: 10, failures: 3}
)

func (p *pod) probe(t timing) *corev1.ProbeArgs {
	return &corev1.ProbeArgs{
		HttpGet: &corev1.HTTPGetActionArgs{
			Path: pulumi.String(p.args.Service.HealthPath),
			Port: pulumi.String(PortName),
		},
		PeriodSeconds:    pulumi.Int(t.period),
		TimeoutSeconds:   pulumi.Int(t.timeout),
		FailureThreshold: pulumi.Int(t.failures),
	}
}
