package addons

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// PrometheusAdapterArgs describe the adapter that serves Prometheus's metrics to the horizontal autoscaler.
type PrometheusAdapterArgs struct {
	Args
	// PrometheusURL has no port, PrometheusPort is 1 to 65535.
	PrometheusURL  string
	PrometheusPort int
	// Rules say which metrics there are, in the form of the chart's `rules`.
	Rules pulumi.Map
}

// PrometheusAdapter is the component.
type PrometheusAdapter struct {
	pulumi.ResourceState
}

// NewPrometheusAdapter declares the adapter.
func NewPrometheusAdapter(
	ctx *pulumi.Context, name string, args *PrometheusAdapterArgs, opts ...pulumi.ResourceOption,
) (*PrometheusAdapter, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("prometheus-adapter %q: %w", name, err)
	}
	component := &PrometheusAdapter{}
	if err := ctx.RegisterComponentResource("federated-risk:addons:PrometheusAdapter", name, component, opts...); err != nil {
		return nil, err
	}
	if _, err := install(ctx, name, "prometheus-adapter", args.Args, args.values(), component); err != nil {
		return nil, err
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}

// values of the upstream chart; docs/charts.md says which version they were checked against.
func (args *PrometheusAdapterArgs) values() pulumi.Map {
	return pulumi.Map{
		"prometheus": pulumi.Map{"url": pulumi.String(args.PrometheusURL), "port": pulumi.Int(args.PrometheusPort)},
		"rules":      args.Rules,
	}
}

func (args *PrometheusAdapterArgs) check() error {
	if args == nil {
		return errors.New("args is nil")
	}
	faults := []error{args.Args.check()}
	if args.PrometheusURL == "" {
		faults = append(faults, errors.New("args.PrometheusURL is empty"))
	}
	if args.Rules == nil {
		// The chart's own would serve every series of every namespace.
		faults = append(faults, errors.New("args.Rules is nil"))
	}
	if args.PrometheusPort < 1 || args.PrometheusPort > 65535 {
		faults = append(faults, fmt.Errorf("args.PrometheusPort is %d: expected 1 to 65535", args.PrometheusPort))
	}
	return errors.Join(faults...)
}
