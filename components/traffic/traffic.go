// Package traffic decides how a request reaches a service, from outside and from within, and which version answers it.
package traffic

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/customresource"
	"github.com/federated-risk/federated-risk/internal/dns"
	"github.com/federated-risk/federated-risk/internal/labels"
)

const (
	istioAPIVersion = "networking.istio.io/v1"
	// filterAPIVersion is the only one that EnvoyFilter has.
	filterAPIVersion = "networking.istio.io/v1alpha3"
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
	// Public is where the service answers to the outside, or nil where the mesh's routes do not apply to that.
	Public *Public
	// Canary is the share of the canary, or nil when there is none.
	Canary *Canary
	// Standby is the name of the standby's Service, which then answers every request; empty while the service itself does.
	Standby string
	// Policy of every caller.
	Policy Policy
	// RateLimit of each pod, or nil for none.
	RateLimit *RateLimit
	// Versions must be ready before a route leads to them.
	Versions []pulumi.Resource
}

// Public is a service's place on a public host.
type Public struct {
	// Host is the full name.
	Host string
	// PathPrefix begins with a slash: the service gets this path and all below it.
	PathPrefix string
	// Gateway is the Istio gateway, <namespace>/<name>; empty where a controller with a sidecar takes the requests in.
	Gateway string
}

// Canary is the canary's share of the traffic.
type Canary struct {
	// Weight in percent, 0 to 100.
	Weight int
	// Mirror is the percentage, 0 to 100, of the requests shared out by weight that the canary gets a copy of.
	Mirror int
	// HeaderName and HeaderValue: a request with this header goes to the canary whatever the weight.
	HeaderName, HeaderValue string
}

// Routes is the component.
type Routes struct {
	pulumi.ResourceState
}

// New declares the routes: the versions as subsets of a DestinationRule, and the split in a VirtualService for the mesh
// and one for the gateway. All exist whether there is a canary or not, so that a canary that goes away loses its traffic
// before it loses its pods.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Routes, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("traffic %q: %w", name, err)
	}
	component := &Routes{}
	if err := ctx.RegisterComponentResource("federated-risk:traffic:Routes", name, component, opts...); err != nil {
		return nil, err
	}
	if err := args.provision(ctx, name, pulumi.Parent(component)); err != nil {
		return nil, fmt.Errorf("traffic %q: %w", name, err)
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}

func (args *Args) provision(ctx *pulumi.Context, name string, parent pulumi.ResourceOption) error {
	declare := func(suffix, apiVersion, kind, objectName string, spec map[string]any, opts ...pulumi.ResourceOption) (pulumi.Resource, error) {
		return customresource.New(ctx, name+suffix, customresource.Args{
			APIVersion: apiVersion, Kind: kind, Name: objectName,
			Namespace: args.Namespace, Labels: labels.Object(args.ServiceName), Spec: spec,
		}, append(opts, parent)...)
	}
	subsets, err := declare("-destinations", istioAPIVersion, "DestinationRule", args.ServiceName, args.destinationRule())
	if err != nil {
		return err
	}
	after := pulumi.DependsOn(append([]pulumi.Resource{subsets}, args.Versions...))
	if _, err := declare("-routes", istioAPIVersion, "VirtualService", args.ServiceName, args.meshRoutes(), after); err != nil {
		return err
	}
	if args.Public != nil && args.Public.Gateway != "" {
		_, err := declare("-public-routes", istioAPIVersion, "VirtualService", args.ServiceName+"-public", args.publicRoutes(), after)
		if err != nil {
			return err
		}
	}
	if args.RateLimit == nil {
		return nil
	}
	_, err = declare("-rate-limit", filterAPIVersion, "EnvoyFilter", args.ServiceName+"-rate-limit", args.rateLimitFilter())
	return err
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
	if public := args.Public; public != nil && (public.Host == "" || !strings.HasPrefix(public.PathPrefix, "/")) {
		faults = append(faults, fmt.Errorf("args.Public is %q, path %q: expected a host, and a path that begins with a slash",
			public.Host, public.PathPrefix))
	}
	return errors.Join(append(faults, args.Canary.check(), args.Policy.check(), args.RateLimit.check())...)
}

func (canary *Canary) check() error {
	if canary == nil {
		return nil
	}
	var faults []error
	if canary.Weight < 0 || canary.Weight > 100 {
		faults = append(faults, fmt.Errorf("args.Canary.Weight is %d: expected 0 to 100", canary.Weight))
	}
	if canary.Mirror < 0 || canary.Mirror > 100 {
		faults = append(faults, fmt.Errorf("args.Canary.Mirror is %d: expected 0 to 100", canary.Mirror))
	}
	if canary.HeaderName == "" || canary.HeaderValue == "" {
		faults = append(faults, errors.New("args.Canary.HeaderName and args.Canary.HeaderValue must be set"))
	}
	return errors.Join(faults...)
}
