package service

import (
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	policyv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/policy/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/labels"
)

// budgets declares how many pods of each version a drain may take at a time.
func (p *pod) budgets(ctx *pulumi.Context, name string, parent pulumi.ResourceOption) error {
	if err := p.budget(ctx, name+"-"+labels.Stable, p.version(labels.Stable), parent); err != nil {
		return err
	}
	if p.args.Canary == nil {
		return nil
	}
	return p.budget(ctx, name+"-"+labels.Canary, p.version(labels.Canary), parent)
}

// budget lets a drain take one pod of a Deployment at a time. Counted in pods that are gone, not in pods that are left,
// it lets a drain go on where there is only one. Each Deployment has its own, or a canary that never gets ready would use
// up that of the stable version and block the drain of every node.
func (p *pod) budget(ctx *pulumi.Context, name string, id identity, parent pulumi.ResourceOption) error {
	_, err := policyv1.NewPodDisruptionBudget(ctx, name, &policyv1.PodDisruptionBudgetArgs{
		Metadata: &metav1.ObjectMetaArgs{
			Name:      pulumi.String(id.objectName()),
			Namespace: p.args.Namespace,
			Labels:    labels.VersionObject(id.app, id.version),
		},
		Spec: &policyv1.PodDisruptionBudgetSpecArgs{
			MaxUnavailable: pulumi.Int(1),
			Selector:       &metav1.LabelSelectorArgs{MatchLabels: labels.VersionSelector(id.app, id.version)},
			// A pod that is not ready serves nobody: it may go whatever the budget says.
			UnhealthyPodEvictionPolicy: pulumi.String("AlwaysAllow"),
		},
	}, parent)
	return err
}
