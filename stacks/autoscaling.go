package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/components/autoscaling"
	"github.com/federated-risk/federated-risk/internal/quantities"
)

// deployAutoscaling declares what scales the stable version of a service, if anything does.
func (p *platform) deployAutoscaling(service string, config Autoscaling, deployment pulumi.StringInput) error {
	if !config.Horizontal.Enabled && !config.Vertical.Enabled {
		return nil
	}
	args := &autoscaling.Args{Namespace: p.autoscalingNamespace, ServiceName: service, DeploymentName: deployment}
	if config.Horizontal.Enabled {
		args.Horizontal = config.Horizontal.args()
	}
	if config.Vertical.Enabled {
		args.Vertical = config.Vertical.args()
	}
	_, err := autoscaling.New(p.ctx, service, args, p.providers)
	return err
}

func (horizontal Horizontal) args() *autoscaling.Horizontal {
	return &autoscaling.Horizontal{
		MinReplicas:       horizontal.MinReplicas,
		MaxReplicas:       horizontal.MaxReplicas,
		CPUUtilization:    horizontal.CPUUtilization,
		MemoryUtilization: horizontal.MemoryUtilization,
		QueueLength:       horizontal.QueueLength,
		P95Latency:        horizontal.P95Latency,
		ScaleUp:           autoscaling.Speed(horizontal.ScaleUp),
		ScaleDown:         autoscaling.Speed(horizontal.ScaleDown),
	}
}

func (vertical Vertical) args() *autoscaling.Vertical {
	return &autoscaling.Vertical{
		Mode:       string(vertical.Mode),
		CPU:        vertical.CPU,
		Memory:     vertical.Memory,
		MinAllowed: quantities.List(vertical.MinAllowed),
		MaxAllowed: quantities.List(vertical.MaxAllowed),
	}
}
