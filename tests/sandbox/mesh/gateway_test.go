package mesh

import (
	_ "embed"
	"testing"

	"github.com/federated-risk/federated-risk/tests/sandbox/istio"
)

// Where Istio's own chart puts the ingress gateway, and what the program's config expects by default.
const (
	gatewayNamespace = "istio-ingress"
	gatewayLabel     = "istio=ingress"
	// gatewayPort is where the gateway's pods listen for HTTPS, gatewayPlainPort for HTTP.
	gatewayPort      = 8443
	gatewayPlainPort = 8080
)

// gatewayManifest is the cluster's own ingress gateway: no stack installs one.
//
//go:embed testdata/gateway.yaml
var gatewayManifest []byte

// gateway opens the conversation of the ingress gateway's proxy with the control plane.
func (w *world) gateway(t *testing.T) *istio.Stream {
	t.Helper()
	pod := w.pods(t, gatewayNamespace, gatewayLabel, 1)[0]
	return w.connect(t, istio.Gateway(pod.Namespace, pod.Name, pod.Status.PodIP, pod.Labels))
}
