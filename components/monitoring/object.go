package monitoring

import (
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/customresource"
	"github.com/federated-risk/federated-risk/internal/labels"
)

const operatorAPIVersion = "monitoring.coreos.com/v1"

// object is one of the Prometheus operator's.
type object struct {
	// resource is the end of its name in Pulumi.
	resource string
	kind     string
	// app is metadata.name, and the application of the labels.
	app  string
	spec any
}

func (o object) declare(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) error {
	objectLabels := labels.Object(o.app)
	maps.Copy(objectLabels, pulumi.ToStringMap(args.Labels))
	_, err := customresource.New(ctx, name+"-"+o.resource, customresource.Args{
		APIVersion: operatorAPIVersion, Kind: o.kind, Name: o.app, Namespace: args.Namespace, Labels: objectLabels, Spec: o.spec,
	}, opts...)
	return err
}
