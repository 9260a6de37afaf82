// Package addons installs what a cluster has once and the platform's autoscalers need, each in a namespace of its own.
package addons

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/release"
)

// Args describe an add-on's release.
type Args struct {
	Chart release.Chart
	// Namespace that is made for the add-on, and goes with it.
	Namespace string
}

// install declares the namespace and the release. The release's name is the same in every stack: it begins the names of
// the objects without a namespace, on which a second installation in the cluster then fails.
func install(ctx *pulumi.Context, name, releaseName string, args Args, values pulumi.Map, parent pulumi.Resource) (*release.Release, error) {
	namespace, err := release.NewNamespace(ctx, name+"-namespace", args.Namespace, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", releaseName, name, err)
	}
	installed, err := release.New(ctx, name, release.Args{
		Chart: args.Chart, ReleaseName: releaseName, Namespace: namespace, Values: values,
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", releaseName, name, err)
	}
	return installed, nil
}

func (args Args) check() error {
	faults := []error{args.Chart.Check("args.Chart")}
	if args.Namespace == "" {
		faults = append(faults, errors.New("args.Namespace is empty"))
	}
	return errors.Join(faults...)
}
