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

	// Release brings the kinds: what is of one must wait for it.
	Release pulumi.Resource
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
	installed, err := install(ctx, name, "vpa", args.Args, nil, component)
	if err != nil {
		return nil, err
	}
	component.Release = installed
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}
