package istio

import (
	"fmt"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	"google.golang.org/protobuf/types/known/structpb"
)

// Proxy is an Envoy as it introduces itself to the control plane.
type Proxy struct {
	// gateway tells a router, which serves the Gateways that select its labels, from a pod's sidecar.
	gateway bool
	name    string
	space   string
	address string
	labels  map[string]string
}

// Sidecar is the proxy of a pod. The address must be the pod's own: by it the control plane finds the pod's services.
func Sidecar(namespace, pod, address string, labels map[string]string) Proxy {
	return Proxy{name: pod, space: namespace, address: address, labels: labels}
}

// Gateway is a gateway's proxy. The labels are those that a Gateway's selector names.
func Gateway(namespace, pod, address string, labels map[string]string) Proxy {
	return Proxy{gateway: true, name: pod, space: namespace, address: address, labels: labels}
}

// node is how the proxy's agent describes it, where that decides what the control plane sends.
func (p Proxy) node() (*core.Node, error) {
	kind := "sidecar"
	if p.gateway {
		kind = "router"
	}
	labels := map[string]any{}
	for name, value := range p.labels {
		labels[name] = value
	}
	metadata, err := structpb.NewStruct(map[string]any{
		"NAMESPACE":         p.space,
		"NAME":              p.name,
		"LABELS":            labels,
		"INSTANCE_IPS":      p.address,
		"CLUSTER_ID":        "Kubernetes",
		"INTERCEPTION_MODE": "REDIRECT",
		// The version decides which features of Envoy the control plane may use: those of its own time.
		"ISTIO_VERSION": "1.31.0",
	})
	if err != nil {
		return nil, fmt.Errorf("metadata of %s.%s: %w", p.name, p.space, err)
	}
	return &core.Node{
		Id:       fmt.Sprintf("%s~%s~%s.%s~%s.svc.cluster.local", kind, p.address, p.name, p.space, p.space),
		Metadata: metadata,
	}, nil
}
