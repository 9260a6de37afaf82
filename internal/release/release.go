// Package release declares Helm releases.
package release

import (
	"errors"
	"fmt"

	helmv3 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/helm/v3"
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
	Namespace   pulumi.StringInput
	// CreateNamespace makes Helm create the namespace; only for one that no component declares.
	CreateNamespace bool
	// Values of the chart. They stay readable in Pulumi's state and in the cluster: no secret may be among them.
	Values pulumi.Map
}

// New declares a release. A failed first installation is removed again, so that the next update starts clean.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*helmv3.Release, error) {
	releaseArgs := &helmv3.ReleaseArgs{
		Name:            pulumi.String(args.ReleaseName),
		Namespace:       args.Namespace,
		Chart:           pulumi.String(args.Chart.Name),
		Values:          args.Values,
		CreateNamespace: pulumi.Bool(args.CreateNamespace),
		CleanupOnFail:   pulumi.Bool(true),
		Timeout:         pulumi.Int(args.Chart.TimeoutSeconds),
	}
	if args.Chart.Version != "" {
		releaseArgs.Version = pulumi.String(args.Chart.Version)
	}
	if args.Chart.Repository != "" {
		releaseArgs.RepositoryOpts = &helmv3.RepositoryOptsArgs{Repo: pulumi.String(args.Chart.Repository)}
	}
	return helmv3.NewRelease(ctx, name, releaseArgs, opts...)
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
