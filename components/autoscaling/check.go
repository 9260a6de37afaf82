package autoscaling

import (
	"errors"
	"fmt"
)

func (args *Args) check() error {
	if args == nil {
		return errors.New("args is nil")
	}
	var faults []error
	fault := func(broken bool, format string, values ...any) {
		if broken {
			faults = append(faults, fmt.Errorf(format, values...))
		}
	}
	fault(args.Namespace == nil, "args.Namespace is not set")
	fault(args.ServiceName == "", "args.ServiceName is empty")
	fault(args.DeploymentName == nil, "args.DeploymentName is not set")
	fault(args.Horizontal == nil && args.Vertical == nil, "args.Horizontal or args.Vertical must be set")
	if horizontal := args.Horizontal; horizontal != nil {
		fault(horizontal.MinReplicas < 1, "args.Horizontal.MinReplicas is %d: expected 1 or more", horizontal.MinReplicas)
		fault(horizontal.MaxReplicas < horizontal.MinReplicas, "args.Horizontal.MaxReplicas is %d: expected %d, the minimum, or more",
			horizontal.MaxReplicas, horizontal.MinReplicas)
		fault(horizontal.CPUUtilization < 0, "args.Horizontal.CPUUtilization is %d: expected 0 or more", horizontal.CPUUtilization)
		fault(horizontal.MemoryUtilization < 0, "args.Horizontal.MemoryUtilization is %d: expected 0 or more", horizontal.MemoryUtilization)
		fault(len(args.metrics()) == 0, "args.Horizontal has no metric")
		faults = append(faults, horizontal.ScaleUp.check("args.Horizontal.ScaleUp"), horizontal.ScaleDown.check("args.Horizontal.ScaleDown"))
	}
	if vertical := args.Vertical; vertical != nil {
		fault(vertical.Mode == "", "args.Vertical.Mode is empty")
		fault(!vertical.CPU && !vertical.Memory, "args.Vertical controls neither CPU nor Memory")
	}
	return errors.Join(faults...)
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
