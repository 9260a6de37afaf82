package stacks

// Names that Istio's own charts and documentation give the ingress gateway: `helm install istio-ingress istio/gateway
// --namespace istio-ingress` labels its pods istio: ingress.
const (
	defaultGatewayNamespace      = "istio-ingress"
	defaultGatewayServiceAccount = "istio-ingress"
)

// defaultIngress has no class: ingress-nginx, the runbook's, is out of maintenance, and any other would be a guess.
func defaultIngress(given Ingress) Ingress {
	ingress := Ingress{
		Mode:  IngressIstio,
		Istio: IstioIngress{Namespace: defaultGatewayNamespace, ServiceAccount: defaultGatewayServiceAccount},
	}
	// A selector that is given replaces the default: labels of the two together would select nothing.
	if given.Istio.Selector == nil {
		ingress.Istio.Selector = map[string]string{"istio": "ingress"}
	}
	return ingress
}
