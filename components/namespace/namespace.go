// Package namespace is the Kubernetes namespace that a stack lives in.
package namespace

import (
	"errors"
	"fmt"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Args describe the namespace.
type Args struct {
	// Name of the namespace, a DNS-1123 label.
	Name string
	// PodSecurity is the level of the Pod Security Standards that the namespace enforces: privileged, baseline or restricted.
	PodSecurity string
	// Retain keeps the namespace when the stack leaves, for the volumes in it that are to outlive the stack: a namespace
	// takes all that is in it with it.
	Retain bool
}

// Namespace is the component. Name is known only once the namespace exists, so whatever is put into it waits for it.
type Namespace struct {
	pulumi.ResourceState

	Name pulumi.StringOutput `pulumi:"name"`
}

// New declares the namespace. Sidecar injection is each pod's own choice, not the namespace's: Postgres and Redis
// must not get one.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Namespace, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("namespace %q: %w", name, err)
	}
	component := &Namespace{}
	if err := ctx.RegisterComponentResource("federated-risk:namespace:Namespace", name, component, opts...); err != nil {
		return nil, err
	}
	object, err := corev1.NewNamespace(ctx, name, &corev1.NamespaceArgs{
		Metadata: &metav1.ObjectMetaArgs{Name: pulumi.String(args.Name), Labels: args.labels()},
	}, pulumi.Parent(component), pulumi.RetainOnDelete(args.Retain))
	if err != nil {
		return nil, fmt.Errorf("namespace %q: %w", name, err)
	}
	component.Name = object.Metadata.Name().Elem()
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"name": component.Name})
}

func (args *Args) check() error {
	if args == nil {
		return errors.New("args is nil")
	}
	var faults []error
	if args.Name == "" {
		faults = append(faults, errors.New("args.Name is empty: expected the name of the namespace"))
	}
	return errors.Join(append(faults, checkPodSecurity(args.PodSecurity))...)
}
