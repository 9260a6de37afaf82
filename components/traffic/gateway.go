package traffic

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/customresource"
	"github.com/federated-risk/federated-risk/internal/labels"
)

// GatewayName is the name of a stack's Gateway, in the stack's namespace.
const GatewayName = "federated-risk-gateway"

// GatewayArgs describe the way in through an Istio ingress gateway.
type GatewayArgs struct {
	// Namespace that the Gateway is in, and NamespaceName, the same in plain text, for the hosts.
	Namespace     pulumi.StringInput
	NamespaceName string
	// Selector holds the labels of the ingress gateway's pods.
	Selector map[string]string
	// Hosts that the gateway answers to, in full.
	Hosts []string
	// CertificateSecretName is a kubernetes.io/tls Secret in the namespace of the ingress gateway's pods.
	CertificateSecretName pulumi.StringInput
}

// Gateway is the component.
type Gateway struct {
	pulumi.ResourceState
}

// NewGateway declares the Gateway: HTTPS for the hosts, and a redirect to it from HTTP. Several stacks can share the
// ingress gateway's pods: each brings its own hosts, and only routes of its own namespace attach to them.
func NewGateway(ctx *pulumi.Context, name string, args *GatewayArgs, opts ...pulumi.ResourceOption) (*Gateway, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("gateway %q: %w", name, err)
	}
	component := &Gateway{}
	if err := ctx.RegisterComponentResource("federated-risk:traffic:Gateway", name, component, opts...); err != nil {
		return nil, err
	}
	_, err := customresource.New(ctx, name, customresource.Args{
		APIVersion: istioAPIVersion, Kind: "Gateway", Name: GatewayName,
		Namespace: args.Namespace, Labels: labels.Object("gateway"), Spec: args.spec(),
	}, pulumi.Parent(component))
	if err != nil {
		return nil, fmt.Errorf("gateway %q: %w", name, err)
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}

func (args *GatewayArgs) spec() map[string]any {
	var hosts []any
	for _, host := range args.Hosts {
		hosts = append(hosts, args.NamespaceName+"/"+host)
	}
	selector := map[string]any{}
	for key, value := range args.Selector {
		selector[key] = value
	}
	return map[string]any{
		"selector": selector,
		"servers": []any{
			map[string]any{
				"port":  map[string]any{"number": 443, "name": "https", "protocol": "HTTPS"},
				"hosts": hosts,
				"tls": map[string]any{
					"mode": "SIMPLE", "minProtocolVersion": "TLSV1_2", "credentialName": args.CertificateSecretName,
				},
			},
			map[string]any{
				"port":  map[string]any{"number": 80, "name": "http", "protocol": "HTTP"},
				"hosts": hosts,
				"tls":   map[string]any{"httpsRedirect": true},
			},
		},
	}
}

func (args *GatewayArgs) check() error {
	if args == nil {
		return errors.New("args is nil")
	}
	var faults []error
	if args.Namespace == nil || args.NamespaceName == "" {
		faults = append(faults, errors.New("args.Namespace and args.NamespaceName must be set"))
	}
	if len(args.Selector) == 0 {
		faults = append(faults, errors.New("args.Selector is empty: it would select every proxy in the mesh"))
	}
	if len(args.Hosts) == 0 {
		faults = append(faults, errors.New("args.Hosts is empty"))
	}
	if args.CertificateSecretName == nil {
		faults = append(faults, errors.New("args.CertificateSecretName is not set"))
	}
	return errors.Join(faults...)
}
