package monitoring

import (
	"maps"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/dashboards"
	"github.com/federated-risk/federated-risk/internal/labels"
)

// DashboardLabels mark the ConfigMaps that Grafana's sidecar reads dashboards from: the default of kube-prometheus-stack.
func DashboardLabels() map[string]string { return map[string]string{"grafana_dashboard": "1"} }

// dashboard declares one in a ConfigMap whose name stays: the sidecar watches it, and no pod has to roll.
func (args *Args) dashboard(ctx *pulumi.Context, name string, dashboard dashboards.Dashboard, parent pulumi.ResourceOption) error {
	objectLabels := labels.Object(dashboard.Name)
	maps.Copy(objectLabels, pulumi.ToStringMap(DashboardLabels()))
	_, err := corev1.NewConfigMap(ctx, name+"-dashboard-"+dashboard.Name, &corev1.ConfigMapArgs{
		Metadata: &metav1.ObjectMetaArgs{
			Name: pulumi.String("dashboard-" + dashboard.Name), Namespace: args.Namespace, Labels: objectLabels,
		},
		Data: pulumi.StringMap{dashboard.Name + ".json": pulumi.String(dashboard.JSON)},
	}, parent)
	return err
}
