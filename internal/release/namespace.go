package release

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/labels"
)

// NewNamespace declares the namespace of a release that does not go into the stack's, and returns its name, which is
// known once it exists.
func NewNamespace(ctx *pulumi.Context, name, namespace string, opts ...pulumi.ResourceOption) (pulumi.StringOutput, error) {
	object, err := corev1.NewNamespace(ctx, name, &corev1.NamespaceArgs{
		Metadata: &metav1.ObjectMetaArgs{Name: pulumi.String(namespace), Labels: labels.Object(namespace)},
	}, opts...)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return object.Metadata.Name().Elem(), nil
}
