package autoscaling

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// vertical returns the spec of the VerticalPodAutoscaler. Of the pod it sizes the service's container alone: the
// sidecar is the mesh's to size.
// Source: runbook section "performance tuning".
func (args *Args) vertical() pulumi.Map {
	var controlled []string
	if args.Vertical.CPU {
		controlled = append(controlled, "cpu")
	}
	if args.Vertical.Memory {
		controlled = append(controlled, "memory")
	}
	policy := pulumi.Map{
		"containerName":       pulumi.String(args.ServiceName),
		"controlledResources": pulumi.ToStringArray(controlled),
	}
	if bound := args.Vertical.MinAllowed.StringMap(); len(bound) > 0 {
		policy["minAllowed"] = bound
	}
	if bound := args.Vertical.MaxAllowed.StringMap(); len(bound) > 0 {
		policy["maxAllowed"] = bound
	}
	return pulumi.Map{
		"targetRef": pulumi.Map{
			"apiVersion": pulumi.String(targetAPIVersion), "kind": pulumi.String(targetKind), "name": args.DeploymentName,
		},
		"updatePolicy": pulumi.Map{"updateMode": pulumi.String(args.Vertical.Mode)},
		"resourcePolicy": pulumi.Map{"containerPolicies": pulumi.Array{
			policy,
			pulumi.Map{"containerName": pulumi.String("*"), "mode": pulumi.String("Off")},
		}},
	}
}
