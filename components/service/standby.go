package service

import (
	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/catalogue"
	"github.com/federated-risk/federated-risk/internal/labels"
)

// standby declares the warm standby: the pods of the stable version once more, with an app label and a Service of their
// own, so that neither the service's selector nor a route to its versions ever finds them. Source: runbook section
// "emergency response".
func (p *pod) standby(ctx *pulumi.Context, name string, parent pulumi.ResourceOption) (pulumi.Resource, error) {
	if p.args.Standby == nil {
		return nil, nil
	}
	name = catalogue.StandbyName(name)
	id := identity{catalogue.StandbyName(p.args.Service.Name), labels.Stable}
	deployment, err := appsv1.NewDeployment(ctx, name, p.deploymentOf(id, *p.args.Standby), parent)
	if err != nil {
		return nil, err
	}
	if err := p.budget(ctx, name, id, parent); err != nil {
		return nil, err
	}
	_, err = corev1.NewService(ctx, name, p.args.service(id.app), parent)
	return deployment, err
}

// service returns the Service over all pods of an application, whatever their version: which one answers is the mesh's
// decision.
func (args *Args) service(app string) *corev1.ServiceArgs {
	return &corev1.ServiceArgs{
		Metadata: &metav1.ObjectMetaArgs{Name: pulumi.String(app), Namespace: args.Namespace, Labels: labels.Object(app)},
		Spec: &corev1.ServiceSpecArgs{
			Selector: labels.Selector(app),
			Ports: corev1.ServicePortArray{&corev1.ServicePortArgs{
				Name:        pulumi.String(PortName),
				Port:        pulumi.Int(args.Service.Port),
				TargetPort:  pulumi.String(PortName),
				AppProtocol: pulumi.String("http"),
			}},
		},
	}
}
