package traffic

import (
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apiextensions"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/labels"
)

const (
	istioAPIVersion = "networking.istio.io/v1"
	// filterAPIVersion is the only one that EnvoyFilter has.
	filterAPIVersion = "networking.istio.io/v1alpha3"
)

// object is one of Istio's.
type object struct {
	apiVersion, kind string
	// name and app are metadata.name and the application of the labels.
	name, app string
	namespace pulumi.StringInput
	spec      map[string]any
}

func (o object) declare(ctx *pulumi.Context, resourceName string, opts ...pulumi.ResourceOption) (*apiextensions.CustomResource, error) {
	return apiextensions.NewCustomResource(ctx, resourceName, &apiextensions.CustomResourceArgs{
		ApiVersion: pulumi.String(o.apiVersion),
		Kind:       pulumi.String(o.kind),
		Metadata: &metav1.ObjectMetaArgs{
			Name: pulumi.String(o.name), Namespace: o.namespace, Labels: labels.Object(o.app),
		},
		OtherFields: kubernetes.UntypedArgs{"spec": o.spec},
	}, opts...)
}
