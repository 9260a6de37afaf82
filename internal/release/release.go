// Package release declares Helm releases.
package release

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Chart says where a chart is and how long its release may take.
type Chart struct {
	// Name of the chart in Repository, an oci:// address, or a path relative to the project.
	Name string
	// Repository is the address of a chart repository; empty for an oci:// address or a path.
	Repository string
	// Version of the chart; empty for a path.
	Version string
	// TimeoutSeconds until every object of the release must be ready.
	TimeoutSeconds int
}

// Args describe a release.
type Args struct {
	Chart Chart
	// ReleaseName is the name under which Helm knows the release.
	ReleaseName string
	// Namespace must exist: Helm would create it, but nothing would delete it again.
	Namespace pulumi.StringInput
	// TakeOver lets an installation take over objects of the release's that exist already, and brings them up to date: Helm
	// by itself would leave a custom resource that an earlier release of the same name has kept as it is.
	TakeOver bool
	// Values of the chart. They stay readable in Pulumi's state and in the cluster: no secret may be among them.
	Values pulumi.Map
}

// token is the type of the resource in the schema of the kubernetes package.
const token = "kubernetes:helm.sh/v3:Release"

// Release is a Helm release.
//
// It is declared by its token, because the SDK's package for it also serves charts and YAML files, and through these
// links every API group of Kubernetes: 170 MB of program instead of 70, linked anew at every update.
type Release struct {
	pulumi.CustomResourceState

	namespace pulumi.StringInput
}

// Namespace that the release is in, known once every object of the release is ready.
func (r *Release) Namespace() pulumi.StringOutput {
	return pulumi.All(r.namespace, r.ID()).ApplyT(func(values []any) string {
		return values[0].(string)
	}).(pulumi.StringOutput)
}

// New declares a release. A failed installation is removed again and a failed upgrade rolled back (`atomic`), so that
// the next update starts from a release that works, or from none.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Release, error) {
	inputs := pulumi.Map{
		"name":      pulumi.String(args.ReleaseName),
		"namespace": args.Namespace,
		"chart":     pulumi.String(args.Chart.Name),
		"values":    args.Values,
		"atomic":    pulumi.Bool(true),
		"timeout":   pulumi.Int(args.Chart.TimeoutSeconds),
		// The SDK's own constant: the provider answers in the shape of the resource's schema.
		"compat": pulumi.String("true"),
	}
	if args.Chart.Version != "" {
		inputs["version"] = pulumi.String(args.Chart.Version)
	}
	if args.Chart.Repository != "" {
		inputs["repositoryOpts"] = pulumi.Map{"repo": pulumi.String(args.Chart.Repository)}
	}
	if args.TakeOver {
		inputs["takeOwnership"] = pulumi.Bool(true)
	}
	release := &Release{namespace: args.Namespace}
	if err := ctx.RegisterResource(token, name, inputs, release, opts...); err != nil {
		return nil, err
	}
	return release, nil
}

// Check returns what is wrong with a chart, naming the argument that holds it.
func (chart Chart) Check(argument string) error {
	var faults []error
	if chart.Name == "" {
		faults = append(faults, errors.New(argument+".Name is empty: expected a chart's name, oci:// address or path"))
	}
	if chart.TimeoutSeconds <= 0 {
		faults = append(faults, fmt.Errorf("%s.TimeoutSeconds is %d: expected at least 1", argument, chart.TimeoutSeconds))
	}
	return errors.Join(faults...)
}
