package autoscaling

import (
	"errors"
	"fmt"

	"github.com/federated-risk/federated-risk/internal/faults"
)

func (args *Args) check() error {
	if args == nil {
		return errors.New("args is nil")
	}
	var found faults.List
	found.When(args.Namespace == nil, "args.Namespace is not set")
	found.When(args.ServiceName == "", "args.ServiceName is empty")
	found.When(args.DeploymentName == nil, "args.DeploymentName is not set")
	found.When(args.Horizontal == nil && args.Vertical == nil, "args.Horizontal or args.Vertical must be set")
	if horizontal := args.Horizontal; horizontal != nil {
		found.When(horizontal.MinReplicas < 1, "args.Horizontal.MinReplicas is %d: expected 1 or more", horizontal.MinReplicas)
		found.When(horizontal.MaxReplicas < horizontal.MinReplicas, "args.Horizontal.MaxReplicas is %d: expected %d, the minimum, or more",
			horizontal.MaxReplicas, horizontal.MinReplicas)
		found.When(horizontal.CPUUtilization < 0, "args.Horizontal.CPUUtilization is %d: expected 0 or more", horizontal.CPUUtilization)
		found.When(horizontal.MemoryUtilization < 0, "args.Horizontal.MemoryUtilization is %d: expected 0 or more", horizontal.MemoryUtilization)
		found.When(len(args.metrics()) == 0, "args.Horizontal has no metric")
		found.Add(horizontal.ScaleUp.check("args.Horizontal.ScaleUp"), horizontal.ScaleDown.check("args.Horizontal.ScaleDown"))
	}
	if vertical := args.Vertical; vertical != nil {
		found.When(vertical.Mode == "", "args.Vertical.Mode is empty")
		found.When(!vertical.CPU && !vertical.Memory, "args.Vertical controls neither CPU nor Memory")
	}
	return found.Err()
}

func (speed Speed) check(argument string) error {
	var faults []error
	if speed.StabilizationSeconds < 0 {
		faults = append(faults, fmt.Errorf("%s.StabilizationSeconds is %d: expected 0 or more", argument, speed.StabilizationSeconds))
	}
	if speed.Percent < 0 || speed.Pods < 0 || speed.Percent+speed.Pods == 0 {
		faults = append(faults, fmt.Errorf("%s.Percent is %d and Pods %d: expected one above 0, none below", argument, speed.Percent, speed.Pods))
	}
	if speed.PeriodSeconds < 1 {
		faults = append(faults, fmt.Errorf("%s.PeriodSeconds is %d: expected 1 or more", argument, speed.PeriodSeconds))
	}
	return errors.Join(faults...)
}
