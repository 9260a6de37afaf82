// Package autoscaling scales the stable version of a service: in number by a HorizontalPodAutoscaler, in size by a
// VerticalPodAutoscaler.
package autoscaling

import (
	"fmt"

	autoscalingv2 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/autoscaling/v2"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/customresource"
	"github.com/federated-risk/federated-risk/internal/labels"
	"github.com/federated-risk/federated-risk/internal/quantities"
)

// Args describe how one service scales.
type Args struct {
	Namespace pulumi.StringInput
	// ServiceName is the name of the Service, and of the container that the service runs in.
	ServiceName string
	// DeploymentName of the version that is scaled. Its Deployment must not declare replicas.
	DeploymentName pulumi.StringInput
	// Horizontal and Vertical are nil where there is no such autoscaler; one of them must be set.
	Horizontal *Horizontal
	Vertical   *Vertical
}

// Horizontal is how the number of pods follows the load. Of several metrics, the one that asks for the most pods wins.
type Horizontal struct {
	// MinReplicas and MaxReplicas are the bounds, 1 or more.
	MinReplicas, MaxReplicas int
	// CPUUtilization and MemoryUtilization are targets in percent of the container's request; 0 is no such metric.
	CPUUtilization, MemoryUtilization int
	// QueueLength is the target of request_queue_length, an average over the pods, as a quantity; empty is no such metric.
	QueueLength string
	// P95Latency is the target of the Service's http_request_duration_p95, a quantity in seconds; empty is no such metric.
	P95Latency string
	// ScaleUp and ScaleDown bound how fast.
	ScaleUp, ScaleDown Speed
}

// Speed bounds how fast the number of pods changes in one direction.
type Speed struct {
	// StabilizationSeconds: the most careful recommendation of the last so many seconds counts, 0 to 3600.
	StabilizationSeconds int
	// Percent of the pods and Pods may be added or removed per period, whichever is more; 0 is no such policy, and one of
	// the two is needed.
	Percent, Pods int
	// PeriodSeconds of both, 1 to 1800.
	PeriodSeconds int
}

// Vertical is how the container's requests follow its use.
type Vertical struct {
	// Mode is Off (recommend only), Initial (at a pod's start), Recreate or InPlaceOrRecreate.
	Mode string
	// CPU and Memory are the resources that it controls.
	CPU, Memory bool
	// MinAllowed and MaxAllowed bound the requests; empty ones are no bound.
	MinAllowed, MaxAllowed quantities.List
}

// Autoscaler is the component.
type Autoscaler struct {
	pulumi.ResourceState
}

// The API and kind of what both autoscalers scale, and of the vertical one itself.
const (
	targetAPIVersion   = "apps/v1"
	targetKind         = "Deployment"
	verticalAPIVersion = "autoscaling.k8s.io/v1"
	verticalKind       = "VerticalPodAutoscaler"
)

// New declares the autoscalers.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Autoscaler, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("autoscaling %q: %w", name, err)
	}
	component := &Autoscaler{}
	if err := ctx.RegisterComponentResource("federated-risk:autoscaling:Autoscaler", name, component, opts...); err != nil {
		return nil, err
	}
	if err := args.provision(ctx, name, pulumi.Parent(component)); err != nil {
		return nil, fmt.Errorf("autoscaling %q: %w", name, err)
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}

func (args *Args) provision(ctx *pulumi.Context, name string, parent pulumi.ResourceOption) error {
	if args.Horizontal != nil {
		_, err := autoscalingv2.NewHorizontalPodAutoscaler(ctx, name+"-hpa", &autoscalingv2.HorizontalPodAutoscalerArgs{
			Metadata: &metav1.ObjectMetaArgs{
				Name:      pulumi.String(HorizontalName(args.ServiceName)),
				Namespace: args.Namespace,
				Labels:    labels.Object(args.ServiceName),
			},
			Spec: args.horizontal(),
		}, parent)
		if err != nil {
			return err
		}
	}
	if args.Vertical != nil {
		_, err := customresource.New(ctx, name+"-vpa", customresource.Args{
			APIVersion: verticalAPIVersion, Kind: verticalKind, Name: args.ServiceName + "-vpa",
			Namespace: args.Namespace, Labels: labels.Object(args.ServiceName), Spec: args.vertical(),
		}, parent)
		if err != nil {
			return err
		}
	}
	return nil
}

// HorizontalName is that of a service's HorizontalPodAutoscaler, as in the runbook.
func HorizontalName(service string) string { return service + "-hpa" }
