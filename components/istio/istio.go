// Package istio installs the service mesh, in a cluster that does not have it yet.
package istio

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/faults"
	"github.com/federated-risk/federated-risk/internal/release"
)

// Args say what to install; what is nil is there already.
type Args struct {
	// Stack begins the names of the releases, and is the stack's namespace. Helm knows an object's owner by the release's
	// name and namespace: with the same ones, the releases of two stacks would pass for one.
	Stack string
	// Base has the CRDs, Istiod is the control plane, Gateway the way in from outside.
	Base, Istiod *Release
	Gateway      *Gateway
}

// Release is one release and its namespace, which outlives it: it is Istio's own by convention, and whoever else finds
// it in place relies on it. Base and Istiod have the same one.
type Release struct {
	Chart     release.Chart
	Namespace string
}

// Gateway is the ingress gateway.
type Gateway struct {
	Release
	// Name of the gateway's Deployment, Service and ServiceAccount.
	Name string
	// Selector holds the labels of the gateway's pods, by which a Gateway selects them.
	Selector map[string]string
}

// Istio is the component.
type Istio struct {
	pulumi.ResourceState

	// Installed are the releases. Pods that are to have a sidecar, and objects of Istio's kinds, must wait for them.
	Installed []pulumi.Resource
}

// Suffixes of the releases' names, after the stack's.
const (
	baseSuffix    = "-istio-base"
	istiodSuffix  = "-istiod"
	gatewaySuffix = "-istio-gateway"
	// LongestReleaseSuffix is the longest of them.
	LongestReleaseSuffix = gatewaySuffix
)

// New declares the releases, one after the other: each needs the one before.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Istio, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("istio %q: %w", name, err)
	}
	component := &Istio{}
	if err := ctx.RegisterComponentResource("federated-risk:istio:Istio", name, component, opts...); err != nil {
		return nil, err
	}
	install := &installation{ctx: ctx, name: name, component: component, namespaces: map[string]pulumi.StringOutput{}}
	for _, part := range args.parts() {
		if err := install.add(part); err != nil {
			return nil, fmt.Errorf("istio %q: %s: %w", name, part.suffix[1:], err)
		}
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}

// part is one release in the making.
type part struct {
	suffix, releaseName string
	release             *Release
	values              pulumi.Map
}

// parts returns what is to be installed, in order.
func (args *Args) parts() []part {
	var parts []part
	if args.Base != nil {
		parts = append(parts, part{"-base", args.Stack + baseSuffix, args.Base, controlPlane(args.Base.Namespace)})
	}
	if args.Istiod != nil {
		parts = append(parts, part{"-istiod", args.Stack + istiodSuffix, args.Istiod, controlPlane(args.Istiod.Namespace)})
	}
	if args.Gateway != nil {
		parts = append(parts, part{"-gateway", args.Stack + gatewaySuffix, &args.Gateway.Release, args.Gateway.values()})
	}
	return parts
}

// controlPlane tells the charts where the control plane is.
func controlPlane(namespace string) pulumi.Map {
	return pulumi.Map{"global": pulumi.Map{"istioNamespace": pulumi.String(namespace)}}
}

// values of the upstream `gateway` chart. The chart takes the labels app and istio for its selectors, and adds the others
// to the pods.
func (gateway *Gateway) values() pulumi.Map {
	podLabels := pulumi.Map{}
	for _, label := range slices.Sorted(maps.Keys(gateway.Selector)) {
		podLabels[label] = pulumi.String(gateway.Selector[label])
	}
	return pulumi.Map{"name": pulumi.String(gateway.Name), "labels": podLabels}
}

// installation declares releases one after the other.
type installation struct {
	ctx        *pulumi.Context
	name       string
	component  *Istio
	namespaces map[string]pulumi.StringOutput
}

func (install *installation) add(part part) error {
	parent := pulumi.Parent(install.component)
	namespace, declared := install.namespaces[part.release.Namespace]
	if !declared {
		var err error
		namespace, err = release.NewNamespace(install.ctx, install.name+part.suffix+"-namespace", part.release.Namespace,
			parent, pulumi.RetainOnDelete(true))
		if err != nil {
			return err
		}
		install.namespaces[part.release.Namespace] = namespace
	}
	installed, err := release.New(install.ctx, install.name+part.suffix, release.Args{
		Chart: part.release.Chart, ReleaseName: part.releaseName, Namespace: namespace, Values: part.values,
	}, parent, pulumi.DependsOn(slices.Clone(install.component.Installed)))
	if err != nil {
		return err
	}
	install.component.Installed = append(install.component.Installed, installed)
	return nil
}

func (args *Args) check() error {
	if args == nil {
		return errors.New("args is nil")
	}
	var found faults.List
	found.When(args.Stack == "", "args.Stack is empty: expected what begins the names of the releases")
	found.Add(args.Base.check("args.Base"), args.Istiod.check("args.Istiod"))
	if args.Gateway != nil {
		found.Add(args.Gateway.check("args.Gateway"))
		found.When(args.Gateway.Name == "", "args.Gateway.Name is empty")
		found.When(len(args.Gateway.Selector) == 0, "args.Gateway.Selector is empty: expected the labels of the gateway's pods")
	}
	found.When(args.Base != nil && args.Istiod != nil && args.Base.Namespace != args.Istiod.Namespace,
		"args.Istiod.Namespace differs from args.Base.Namespace")
	return found.Err()
}

func (r *Release) check(argument string) error {
	if r == nil {
		return nil
	}
	faults := []error{r.Chart.Check(argument + ".Chart")}
	if r.Namespace == "" {
		faults = append(faults, errors.New(argument+".Namespace is empty"))
	}
	return errors.Join(faults...)
}
