package traffic

import (
	"errors"
	"fmt"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	networkingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/networking/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/labels"
)

// ingressName is the runbook's.
const ingressName = "federated-risk-ingress"

// IngressArgs describe the way in through an ingress controller.
type IngressArgs struct {
	// Namespace that the Ingress is in.
	Namespace pulumi.StringInput
	// Class is the IngressClass of the controller.
	Class string
	// Annotations for the controller.
	Annotations map[string]string
	// Rules say which path of which host leads to which service.
	Rules []IngressRule
	// CertificateSecretName is a kubernetes.io/tls Secret in Namespace.
	CertificateSecretName pulumi.StringInput
}

// IngressRule leads a path, and all below it, to a Service.
type IngressRule struct {
	Host, PathPrefix string
	ServiceName      string
	Port             int
}

// Ingress is the component.
type Ingress struct {
	pulumi.ResourceState
}

// NewIngress declares the Ingress.
func NewIngress(ctx *pulumi.Context, name string, args *IngressArgs, opts ...pulumi.ResourceOption) (*Ingress, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("ingress %q: %w", name, err)
	}
	component := &Ingress{}
	if err := ctx.RegisterComponentResource("federated-risk:traffic:Ingress", name, component, opts...); err != nil {
		return nil, err
	}
	_, err := networkingv1.NewIngress(ctx, name, &networkingv1.IngressArgs{
		Metadata: &metav1.ObjectMetaArgs{
			Name: pulumi.String(ingressName), Namespace: args.Namespace,
			Labels: labels.Object("ingress"), Annotations: args.annotations(),
		},
		Spec: args.spec(),
	}, pulumi.Parent(component))
	if err != nil {
		return nil, fmt.Errorf("ingress %q: %w", name, err)
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}

func (args *IngressArgs) annotations() pulumi.StringMap {
	annotations := pulumi.StringMap{
		// The provider waits until the Ingress has an address and its Services have pods. Controllers behind a load balancer
		// of somebody else's never report one, and the update would fail after ten minutes with everything in place.
		"pulumi.com/skipAwait": pulumi.String("true"),
	}
	for key, value := range args.Annotations {
		annotations[key] = pulumi.String(value)
	}
	return annotations
}

func (args *IngressArgs) spec() *networkingv1.IngressSpecArgs {
	var hosts []string
	paths := map[string]networkingv1.HTTPIngressPathArray{}
	for _, rule := range args.Rules {
		if _, known := paths[rule.Host]; !known {
			hosts = append(hosts, rule.Host)
		}
		paths[rule.Host] = append(paths[rule.Host], networkingv1.HTTPIngressPathArgs{
			Path:     pulumi.String(rule.PathPrefix),
			PathType: pulumi.String("Prefix"),
			Backend: networkingv1.IngressBackendArgs{Service: networkingv1.IngressServiceBackendArgs{
				Name: pulumi.String(rule.ServiceName),
				Port: networkingv1.ServiceBackendPortArgs{Number: pulumi.Int(rule.Port)},
			}},
		})
	}
	var rules networkingv1.IngressRuleArray
	for _, host := range hosts {
		rules = append(rules, networkingv1.IngressRuleArgs{
			Host: pulumi.String(host), Http: networkingv1.HTTPIngressRuleValueArgs{Paths: paths[host]},
		})
	}
	return &networkingv1.IngressSpecArgs{
		IngressClassName: pulumi.String(args.Class),
		Rules:            rules,
		Tls: networkingv1.IngressTLSArray{networkingv1.IngressTLSArgs{
			Hosts: pulumi.ToStringArray(hosts), SecretName: args.CertificateSecretName.ToStringOutput(),
		}},
	}
}

func (args *IngressArgs) check() error {
	if args == nil {
		return errors.New("args is nil")
	}
	var faults []error
	if args.Namespace == nil {
		faults = append(faults, errors.New("args.Namespace is not set"))
	}
	if args.Class == "" {
		faults = append(faults, errors.New("args.Class is empty"))
	}
	if len(args.Rules) == 0 {
		faults = append(faults, errors.New("args.Rules is empty"))
	}
	if args.CertificateSecretName == nil {
		faults = append(faults, errors.New("args.CertificateSecretName is not set"))
	}
	return errors.Join(faults...)
}
