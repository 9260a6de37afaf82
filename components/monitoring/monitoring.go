// Package monitoring watches the platform: what Prometheus scrapes, the rules that it evaluates, the dashboards, and,
// where the cluster has no monitoring in place, the releases that bring it.
package monitoring

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/dashboards"
	"github.com/federated-risk/federated-risk/internal/rules"
)

// Args describe what is watched, and how.
type Args struct {
	// Namespace of the stack, and of all that New declares. It must not be known before the Prometheus operator's kinds are.
	Namespace pulumi.StringInput
	// Jobs are the services, and standbys, whose metrics are scraped: the applications of their pods and Services.
	Jobs []string
	// ServicePort is what their Services call the port that requests come to.
	ServicePort string
	// PostgresPodLabels and RedisPodLabels select the pods of the data stores.
	PostgresPodLabels, RedisPodLabels map[string]string
	// Labels of monitors and rules besides the program's own, by which a Prometheus in place selects them.
	Labels map[string]string
	// Rules are about this platform.
	Rules rules.Platform
	// CertificateEnds are the ends of validity of the certificates that the stack signs, in RFC 3339, by name.
	CertificateEnds map[string]pulumi.StringOutput
	// Dashboards for Grafana.
	Dashboards []dashboards.Dashboard
}

// Monitoring is the component.
type Monitoring struct {
	pulumi.ResourceState
}

// New declares monitors, rules and dashboards.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Monitoring, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("monitoring %q: %w", name, err)
	}
	component := &Monitoring{}
	if err := ctx.RegisterComponentResource("federated-risk:monitoring:Monitoring", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)
	for _, object := range slices.Concat(args.monitors(), args.rules()) {
		if err := object.declare(ctx, name, args, parent); err != nil {
			return nil, fmt.Errorf("monitoring %q: %s: %w", name, object.resource, err)
		}
	}
	for _, dashboard := range args.Dashboards {
		if err := args.dashboard(ctx, name, dashboard, parent); err != nil {
			return nil, fmt.Errorf("monitoring %q: dashboard %s: %w", name, dashboard.Name, err)
		}
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}

func (args *Args) check() error {
	if args == nil {
		return errors.New("args is nil")
	}
	var faults []error
	fault := func(broken bool, text string) {
		if broken {
			faults = append(faults, errors.New(text))
		}
	}
	fault(args.Namespace == nil, "args.Namespace is not set")
	fault(len(args.Jobs) == 0, "args.Jobs is empty")
	fault(args.ServicePort == "", "args.ServicePort is empty")
	fault(len(args.PostgresPodLabels) == 0, "args.PostgresPodLabels is empty: it would select every pod")
	fault(len(args.RedisPodLabels) == 0, "args.RedisPodLabels is empty: it would select every pod")
	fault(args.Rules.Namespace == "", "args.Rules.Namespace is empty")
	fault(args.Rules.RunbookURL == "", "args.Rules.RunbookURL is empty")
	return errors.Join(faults...)
}
