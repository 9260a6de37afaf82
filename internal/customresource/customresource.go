// Package customresource declares objects of kinds that the Kubernetes SDK has no types for: Istio's, cert-manager's, the
// Prometheus operator's, the vertical autoscaler's.
package customresource

import (
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apiextensions"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Args describe an object.
type Args struct {
	APIVersion, Kind string
	// Name is metadata.name.
	Name      string
	Namespace pulumi.StringInput
	Labels    pulumi.StringMap
	// Spec is a map of plain values and of outputs, or an output of one.
	Spec any
}

// New declares the object under the name that Pulumi knows it by.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*apiextensions.CustomResource, error) {
	return apiextensions.NewCustomResource(ctx, name, &apiextensions.CustomResourceArgs{
		ApiVersion: pulumi.String(args.APIVersion),
		Kind:       pulumi.String(args.Kind),
		Metadata: &metav1.ObjectMetaArgs{
			Name: pulumi.String(args.Name), Namespace: args.Namespace, Labels: args.Labels,
		},
		OtherFields: kubernetes.UntypedArgs{"spec": args.Spec},
	}, opts...)
}
