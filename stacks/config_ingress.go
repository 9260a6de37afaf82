package stacks

// IngressMode says how requests from outside reach the platform.
type IngressMode string

// Ingress modes.
const (
	// IngressIstio is a Gateway and VirtualServices: canary weights hold for requests from outside too.
	IngressIstio IngressMode = "istio"
	// IngressKubernetes is a networking.k8s.io/v1 Ingress, served by whatever controller its class names.
	IngressKubernetes IngressMode = "ingress"
)

// Ingress is the way in from outside: the public hosts api.<domain> and app.<domain>.
type Ingress struct {
	// Mode is istio or ingress.
	Mode IngressMode `json:"mode"`
	// Istio applies to mode istio.
	Istio IstioIngress `json:"istio"`
	// Controller applies to mode ingress.
	Controller IngressController `json:"controller"`
}

// IstioIngress describes the Istio ingress gateway, which several stacks of a cluster may share.
type IstioIngress struct {
	// Namespace that the gateway's pods run in; the certificate's Secret goes there. It is not the stack's own.
	Namespace string `json:"namespace"`
	// ServiceAccount of the gateway's pods: the identity that services admit.
	ServiceAccount string `json:"serviceAccount"`
	// Selector holds the labels of the gateway's pods, one or more; what is given replaces the default, istio: ingress.
	Selector map[string]string `json:"selector"`
}

// IngressController describes the controller behind the Ingress.
type IngressController struct {
	// Class is the IngressClass; it has no default.
	Class string `json:"class"`
	// Annotations of the Ingress; they replace those of the program where both set one.
	Annotations map[string]string `json:"annotations,omitempty"`
	// Namespace that the controller's pods run in: only they reach the services.
	Namespace string `json:"namespace"`
	// CIDRs that requests come from, instead of namespace: for a controller outside the cluster, such as a cloud's load
	// balancer that sends to the pods, or one on the nodes' own network, which no policy can name as pods.
	CIDRs []string `json:"cidrs,omitempty"`
	// InMesh says that the controller's pods have an Istio sidecar, and that the controller passes the Host header on.
	// Without a sidecar the Ingress bypasses the mesh's routes, and a service that it exposes cannot have a canary.
	InMesh bool `json:"inMesh"`
	// ServiceAccount of the controller's pods, where they are in the mesh.
	ServiceAccount string `json:"serviceAccount"`
}
