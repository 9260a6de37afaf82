// Package monitoring watches the platform: what Prometheus scrapes, the rules that it evaluates, the dashboards, and,
// where the cluster has no monitoring in place, the releases that bring it.
package monitoring

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/components/postgres"
	"github.com/federated-risk/federated-risk/components/redis"
	"github.com/federated-risk/federated-risk/internal/dashboards"
	"github.com/federated-risk/federated-risk/internal/faults"
	"github.com/federated-risk/federated-risk/internal/rules"
)

// Args describe what is watched, and how.
type Args struct {
	// Namespace of the stack, and of all that New declares. It must not be known before the Prometheus operator's kinds are.
	Namespace pulumi.StringInput
	// Jobs are the services, and standbys, whose metrics are scraped: the applications of their pods and Services.
	Jobs []string
	// Postgres and Redis say who the data stores' pods are.
	Postgres postgres.Network
	Redis    redis.Network
	// Interval of scrapes and evaluations, such as 5s; empty means 10s for the services and Prometheus's own for all else.
	Interval string
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
	rules, err := args.rules()
	if err != nil {
		return nil, fmt.Errorf("monitoring %q: %w", name, err)
	}
	parent := pulumi.Parent(component)
	for _, object := range slices.Concat(args.monitors(), rules) {
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
	var found faults.List
	found.When(args.Namespace == nil, "args.Namespace is not set")
	found.When(len(args.Jobs) == 0, "args.Jobs is empty")
	found.When(len(args.Postgres.PodLabels) == 0, "args.Postgres.PodLabels is empty: it would select every pod")
	found.When(len(args.Redis.PodLabels) == 0, "args.Redis.PodLabels is empty: it would select every pod")
	found.When(args.Rules.Namespace == "", "args.Rules.Namespace is empty")
	found.When(args.Rules.RunbookURL == "", "args.Rules.RunbookURL is empty")
	return found.Err()
}
