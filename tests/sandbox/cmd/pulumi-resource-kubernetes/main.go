// Command pulumi-resource-kubernetes is the sandbox's stand-in for Pulumi's kubernetes provider plugin.
package main

import (
	"github.com/go-logr/logr"
	"k8s.io/klog/v2"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes"
	"github.com/federated-risk/federated-risk/tests/sandbox/pluginserver"
)

// version is that of the SDK whose plugin this one stands in for. The build sets it.
var version = "4.33.0"

func main() {
	// The Kubernetes libraries log what their errors and the resources' own messages say as well, and more than a preview
	// should show.
	klog.SetLogger(logr.Discard())
	pluginserver.Main("kubernetes", version, kubernetes.New)
}
