package stacks

// defaultIngress is the least that the policies need of the ingress: it stands in for the complete defaults.
func defaultIngress() Ingress {
	return Ingress{
		Mode: IngressIstio,
		Istio: IstioIngress{
			Namespace: "istio-ingress", ServiceAccount: "istio-ingress", Selector: map[string]string{"istio": "ingress"},
		},
		Controller: IngressController{Annotations: map[string]string{}},
	}
}
