package policy

import (
	"maps"
	"slices"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	networkingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/networking/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// defaultDeny is the runbook's name.
	defaultDeny = "default-deny"
	// namespaceNameLabel is set by the API server on every namespace.
	namespaceNameLabel = "kubernetes.io/metadata.name"
)

// networkPolicies declares default-deny and one policy for each kind of pods, which lets its flows through. Policies only
// ever add: what default-deny and the pods' own policy do not name is dropped. Isolation empties the policies in place:
// Pulumi would delete them last, after everything else that the update does.
func (args *Args) networkPolicies(ctx *pulumi.Context, name string, parent pulumi.ResourceOption) error {
	specs := map[string]*networkingv1.NetworkPolicySpecArgs{defaultDeny: networkPolicy(nil)}
	var flows []Flow
	if !args.Isolated {
		flows = args.flows()
	}
	for _, peer := range args.peers() {
		specs[peer.Name] = networkPolicyOf(peer, flows)
	}
	for _, policy := range slices.Sorted(maps.Keys(specs)) {
		_, err := networkingv1.NewNetworkPolicy(ctx, name+"-network-"+policy, &networkingv1.NetworkPolicyArgs{
			Metadata: args.metadata(policy),
			Spec:     specs[policy],
		}, parent)
		if err != nil {
			return err
		}
	}
	return nil
}

// networkPolicy denies the pods everything, in both directions. No labels means all pods.
func networkPolicy(podLabels map[string]string) *networkingv1.NetworkPolicySpecArgs {
	return &networkingv1.NetworkPolicySpecArgs{
		PodSelector: selector(podLabels),
		PolicyTypes: pulumi.ToStringArray([]string{"Ingress", "Egress"}),
	}
}

func networkPolicyOf(peer Peer, flows []Flow) *networkingv1.NetworkPolicySpecArgs {
	spec := networkPolicy(peer.Labels)
	var ingress networkingv1.NetworkPolicyIngressRuleArray
	var egress networkingv1.NetworkPolicyEgressRuleArray
	for _, flow := range flows {
		if flow.To.Name == peer.Name {
			ingress = append(ingress, &networkingv1.NetworkPolicyIngressRuleArgs{From: flow.From.selectors(), Ports: ports(flow.Ports)})
		}
		if flow.From.Name == peer.Name {
			egress = append(egress, &networkingv1.NetworkPolicyEgressRuleArgs{To: flow.To.selectors(), Ports: ports(flow.Ports)})
		}
	}
	spec.Ingress, spec.Egress = ingress, egress
	return spec
}

func (peer Peer) selectors() networkingv1.NetworkPolicyPeerArray {
	if len(peer.CIDRs) > 0 {
		var blocks networkingv1.NetworkPolicyPeerArray
		for _, cidr := range peer.CIDRs {
			blocks = append(blocks, &networkingv1.NetworkPolicyPeerArgs{IpBlock: &networkingv1.IPBlockArgs{Cidr: pulumi.String(cidr)}})
		}
		return blocks
	}
	pods := &networkingv1.NetworkPolicyPeerArgs{PodSelector: selector(peer.Labels)}
	if !peer.local() {
		pods.NamespaceSelector = selector(map[string]string{namespaceNameLabel: peer.Namespace})
	}
	return networkingv1.NetworkPolicyPeerArray{pods}
}

func selector(podLabels map[string]string) *metav1.LabelSelectorArgs {
	if len(podLabels) == 0 {
		return &metav1.LabelSelectorArgs{}
	}
	return &metav1.LabelSelectorArgs{MatchLabels: pulumi.ToStringMap(podLabels)}
}

func ports(list []Port) networkingv1.NetworkPolicyPortArray {
	var array networkingv1.NetworkPolicyPortArray
	for _, port := range list {
		array = append(array, &networkingv1.NetworkPolicyPortArgs{
			Protocol: pulumi.String(port.Protocol), Port: pulumi.Int(port.Number),
		})
	}
	return array
}
