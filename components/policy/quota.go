package policy

import (
	"strconv"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/faults"
	"github.com/federated-risk/federated-risk/internal/quantities"
)

// Quota bounds what the namespace may ask the cluster for.
type Quota struct {
	// CPU and Memory are quantities: the sum of all requests. No container may have a memory limit above Memory.
	CPU, Memory string
	// Storage is a quantity: the sum of all claims.
	Storage string
	// Pods that have not ended, and PersistentVolumeClaims.
	Pods, PersistentVolumeClaims int
	// ContainerRequests go to the containers that have none of their own.
	ContainerRequests quantities.List
}

// limits declares the quota. It counts requests, of which the API server then wants one from every container: the
// LimitRange gives one to those that a chart or the mesh leaves without, so it goes first.
func (args *Args) limits(ctx *pulumi.Context, name string, parent pulumi.ResourceOption) error {
	if args.Quota == nil {
		return nil
	}
	const objectName = "federated-risk"
	containers, err := corev1.NewLimitRange(ctx, name+"-containers", &corev1.LimitRangeArgs{
		Metadata: args.metadata(objectName),
		Spec: &corev1.LimitRangeSpecArgs{Limits: corev1.LimitRangeItemArray{&corev1.LimitRangeItemArgs{
			Type:           pulumi.String("Container"),
			DefaultRequest: args.Quota.ContainerRequests.StringMap(),
			// The default limit is the most that there may be: a smaller one could be below a container's own request, and
			// the API server would refuse the pod. CPU is left out on purpose, a maximum would give everybody a limit.
			Default: pulumi.StringMap{"memory": pulumi.String(args.Quota.Memory)},
			Max:     pulumi.StringMap{"memory": pulumi.String(args.Quota.Memory)},
		}}},
	}, parent)
	if err != nil {
		return err
	}
	_, err = corev1.NewResourceQuota(ctx, name+"-quota", &corev1.ResourceQuotaArgs{
		Metadata: args.metadata(objectName),
		Spec: &corev1.ResourceQuotaSpecArgs{Hard: pulumi.StringMap{
			"requests.cpu":           pulumi.String(args.Quota.CPU),
			"requests.memory":        pulumi.String(args.Quota.Memory),
			"requests.storage":       pulumi.String(args.Quota.Storage),
			"pods":                   pulumi.String(strconv.Itoa(args.Quota.Pods)),
			"persistentvolumeclaims": pulumi.String(strconv.Itoa(args.Quota.PersistentVolumeClaims)),
		}},
	}, parent, pulumi.DependsOn([]pulumi.Resource{containers}))
	return err
}

func (quota *Quota) check(found *faults.List) {
	if quota == nil {
		return
	}
	for argument, value := range map[string]string{
		"CPU": quota.CPU, "Memory": quota.Memory, "Storage": quota.Storage,
		"ContainerRequests.CPU": quota.ContainerRequests.CPU, "ContainerRequests.Memory": quota.ContainerRequests.Memory,
	} {
		found.When(value == "", "args.Quota.%s is empty", argument)
	}
	found.When(quota.Pods < 1, "args.Quota.Pods is %d: expected at least 1", quota.Pods)
	found.When(quota.PersistentVolumeClaims < 1, "args.Quota.PersistentVolumeClaims is %d: expected at least 1", quota.PersistentVolumeClaims)
}
