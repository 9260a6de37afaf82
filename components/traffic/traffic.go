// Package traffic decides which version of a service answers a request.
package traffic

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apiextensions"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/dns"
	"github.com/federated-risk/federated-risk/internal/labels"
)

// Args describe the routes to one service.
type Args struct {
	// Namespace that the objects are in, and NamespaceName, the same in plain text, for the host.
	Namespace     pulumi.StringInput
	NamespaceName string
	// ServiceName of the Service.
	ServiceName string
	// Port of the Service.
	Port int
	// Canary is the share of the canary, or nil when there is none.
	Canary *Canary
	// Versions must be ready before a route leads to them.
	Versions []pulumi.Resource
}

// Canary is the canary's share of the traffic.
type Canary struct {
	// Weight in percent, 0 to 100.
	Weight int
	// HeaderName and HeaderValue: a request with this header goes to the canary whatever the weight.
	HeaderName, HeaderValue string
}

// Routes is the component.
type Routes struct {
	pulumi.ResourceState
}

const (
	istioAPIVersion = "networking.istio.io/v1"
	// meshGateway stands for every sidecar in the mesh.
	meshGateway = "mesh"
)

// New declares the routes: the versions as subsets of a DestinationRule, and the split in a VirtualService. Both exist
// whether there is a canary or not, so that a canary that goes away loses its traffic before it loses its pods.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Routes, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("traffic %q: %w", name, err)
	}
	component := &Routes{}
	if err := ctx.RegisterComponentResource("federated-risk:traffic:Routes", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)
	subsets, err := args.object(ctx, name+"-destinations", "DestinationRule", args.destinationRule(), parent)
	if err != nil {
		return nil, fmt.Errorf("traffic %q: %w", name, err)
	}
	after := append([]pulumi.Resource{subsets}, args.Versions...)
	if _, err := args.object(ctx, name+"-routes", "VirtualService", args.virtualService(), parent, pulumi.DependsOn(after)); err != nil {
		return nil, fmt.Errorf("traffic %q: %w", name, err)
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}

func (args *Args) object(ctx *pulumi.Context, name, kind string, spec map[string]any, opts ...pulumi.ResourceOption) (*apiextensions.CustomResource, error) {
	return apiextensions.NewCustomResource(ctx, name, &apiextensions.CustomResourceArgs{
		ApiVersion: pulumi.String(istioAPIVersion),
		Kind:       pulumi.String(kind),
		Metadata: &metav1.ObjectMetaArgs{
			Name:      pulumi.String(args.ServiceName),
			Namespace: args.Namespace,
			Labels:    labels.Object(args.ServiceName),
		},
		OtherFields: kubernetes.UntypedArgs{"spec": spec},
	}, opts...)
}

func (args *Args) host() string { return dns.Host(args.ServiceName, args.NamespaceName) }

func (args *Args) check() error {
	if args == nil {
		return errors.New("args is nil")
	}
	var faults []error
	if args.Namespace == nil || args.NamespaceName == "" {
		faults = append(faults, errors.New("args.Namespace and args.NamespaceName must be set"))
	}
	if args.ServiceName == "" {
		faults = append(faults, errors.New("args.ServiceName is empty"))
	}
	if args.Port < 1 || args.Port > 65535 {
		faults = append(faults, fmt.Errorf("args.Port is %d: expected 1 to 65535", args.Port))
	}
	if canary := args.Canary; canary != nil {
		if canary.Weight < 0 || canary.Weight > 100 {
			faults = append(faults, fmt.Errorf("args.Canary.Weight is %d: expected 0 to 100", canary.Weight))
		}
		if canary.HeaderName == "" || canary.HeaderValue == "" {
			faults = append(faults, errors.New("args.Canary.HeaderName and args.Canary.HeaderValue must be set"))
		}
	}
	return errors.Join(faults...)
}
