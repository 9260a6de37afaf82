package policy

import "fmt"

// Peer is one end of a flow: pods of the stack's namespace, pods of another one, or addresses.
type Peer struct {
	// Name of the peer in the names of policies and in the documentation.
	Name string
	// Labels of the pods; with Namespace they may be empty, which means all pods in it.
	Labels map[string]string
	// Namespace of the pods; empty means the stack's own.
	Namespace string
	// CIDRs instead of pods.
	CIDRs []string
	// Principal is the identity that the mesh knows the peer by; empty outside the mesh.
	Principal string
}

// local says whether the peer's pods are in the stack's namespace, where policies hold for them.
func (peer Peer) local() bool { return peer.Namespace == "" && len(peer.CIDRs) == 0 }

// trustDomain stands for the mesh's own, whatever it is called (istio.io, "Trust Domain Migration").
const trustDomain = "cluster.local"

// Principal is the identity of the pods that run as a ServiceAccount.
func Principal(namespace, serviceAccount string) string {
	return fmt.Sprintf("%s/ns/%s/sa/%s", trustDomain, namespace, serviceAccount)
}
