// Package configmap declares the ConfigMaps that pods read.
package configmap

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Args describe a ConfigMap.
type Args struct {
	// Namespace that the ConfigMap is in.
	Namespace pulumi.StringInput
	// Labels of the object.
	Labels pulumi.StringMap
	// Data are its entries.
	Data pulumi.StringMapInput
}

// New declares a ConfigMap without a name of its own, and returns the name: a change of any entry makes a new one, and the
// pods that read it roll. It is immutable, since a patch by hand would reach some pods that run already and not others.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (pulumi.StringOutput, error) {
	object, err := corev1.NewConfigMap(ctx, name, &corev1.ConfigMapArgs{
		Metadata:  &metav1.ObjectMetaArgs{Namespace: args.Namespace, Labels: args.Labels},
		Immutable: pulumi.Bool(true),
		Data:      args.Data,
	}, append(opts, pulumi.ReplaceOnChanges([]string{"data"}))...)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return object.Metadata.Name().Elem(), nil
}
