package addons

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// VPAArgs describe the vertical pod autoscaler.
type VPAArgs struct {
	Args
}

// VPA is the component.
type VPA struct {
	pulumi.ResourceState
}

// NewVPA declares the vertical pod autoscaler.
func NewVPA(ctx *pulumi.Context, name string, args *VPAArgs, opts ...pulumi.ResourceOption) (*VPA, error) {
	if args == nil {
		return nil, fmt.Errorf("vpa %q: %w", name, errors.New("args is nil"))
	}
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("vpa %q: %w", name, err)
	}
	component := &VPA{}
	if err := ctx.RegisterComponentResource("federated-risk:addons:VPA", name, component, opts...); err != nil {
		return nil, err
	}
	// The chart's own values are what is wanted: recommender, updater and admission controller.
	if err := install(ctx, name, "vpa", args.Args, nil, component); err != nil {
		return nil, err
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}
