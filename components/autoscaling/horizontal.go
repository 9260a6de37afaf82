package autoscaling

import (
	autoscalingv2 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/autoscaling/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// horizontal returns the spec of the HorizontalPodAutoscaler.
// Source: runbook section "performance tuning".
func (args *Args) horizontal() *autoscalingv2.HorizontalPodAutoscalerSpecArgs {
	return &autoscalingv2.HorizontalPodAutoscalerSpecArgs{
		ScaleTargetRef: &autoscalingv2.CrossVersionObjectReferenceArgs{
			ApiVersion: pulumi.String(targetAPIVersion),
			Kind:       pulumi.String(targetKind),
			Name:       args.DeploymentName,
		},
		MinReplicas: pulumi.Int(args.Horizontal.MinReplicas),
		MaxReplicas: pulumi.Int(args.Horizontal.MaxReplicas),
		Metrics:     args.metrics(),
		Behavior: &autoscalingv2.HorizontalPodAutoscalerBehaviorArgs{
			ScaleUp:   args.Horizontal.ScaleUp.rules(),
			ScaleDown: args.Horizontal.ScaleDown.rules(),
		},
	}
}

func (args *Args) metrics() autoscalingv2.MetricSpecArray {
	var metrics autoscalingv2.MetricSpecArray
	if percent := args.Horizontal.CPUUtilization; percent > 0 {
		metrics = append(metrics, args.utilization("cpu", percent))
	}
	if percent := args.Horizontal.MemoryUtilization; percent > 0 {
		metrics = append(metrics, args.utilization("memory", percent))
	}
	if target := args.Horizontal.QueueLength; target != "" {
		metrics = append(metrics, &autoscalingv2.MetricSpecArgs{
			Type: pulumi.String("Pods"),
			Pods: &autoscalingv2.PodsMetricSourceArgs{
				Metric: &autoscalingv2.MetricIdentifierArgs{Name: pulumi.String(QueueLengthMetric)},
				Target: &autoscalingv2.MetricTargetArgs{Type: pulumi.String("AverageValue"), AverageValue: pulumi.String(target)},
			},
		})
	}
	if target := args.Horizontal.P95Latency; target != "" {
		metrics = append(metrics, &autoscalingv2.MetricSpecArgs{
			Type: pulumi.String("Object"),
			Object: &autoscalingv2.ObjectMetricSourceArgs{
				DescribedObject: &autoscalingv2.CrossVersionObjectReferenceArgs{
					ApiVersion: pulumi.String("v1"), Kind: pulumi.String("Service"), Name: pulumi.String(args.ServiceName),
				},
				Metric: &autoscalingv2.MetricIdentifierArgs{Name: pulumi.String(P95LatencyMetric)},
				Target: &autoscalingv2.MetricTargetArgs{Type: pulumi.String("Value"), Value: pulumi.String(target)},
			},
		})
	}
	return metrics
}

// utilization is measured on the service's own container. The runbook's type, Resource, adds up the pod, and with it
// the sidecar that the mesh injects: its request and use would hide the service's own.
func (args *Args) utilization(resource string, percent int) *autoscalingv2.MetricSpecArgs {
	return &autoscalingv2.MetricSpecArgs{
		Type: pulumi.String("ContainerResource"),
		ContainerResource: &autoscalingv2.ContainerResourceMetricSourceArgs{
			Name:      pulumi.String(resource),
			Container: pulumi.String(args.ServiceName),
			Target:    &autoscalingv2.MetricTargetArgs{Type: pulumi.String("Utilization"), AverageUtilization: pulumi.Int(percent)},
		},
	}
}

// rules returns the policies of one direction; with both, the one that allows more counts.
func (speed Speed) rules() *autoscalingv2.HPAScalingRulesArgs {
	var policies autoscalingv2.HPAScalingPolicyArray
	add := func(kind string, value int) {
		if value > 0 {
			policies = append(policies, &autoscalingv2.HPAScalingPolicyArgs{
				Type: pulumi.String(kind), Value: pulumi.Int(value), PeriodSeconds: pulumi.Int(speed.PeriodSeconds),
			})
		}
	}
	add("Percent", speed.Percent)
	add("Pods", speed.Pods)
	rules := &autoscalingv2.HPAScalingRulesArgs{
		StabilizationWindowSeconds: pulumi.Int(speed.StabilizationSeconds), Policies: policies,
	}
	if len(policies) > 1 {
		rules.SelectPolicy = pulumi.String("Max")
	}
	return rules
}
