package tests

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// networkPolicy is what a CNI reads of a networking.k8s.io/v1 NetworkPolicy, as far as the platform uses it.
type networkPolicy struct {
	PodSelector labelSelector `json:"podSelector"`
	PolicyTypes []string      `json:"policyTypes"`
	Ingress     []struct {
		From  []networkPeer `json:"from"`
		Ports []networkPort `json:"ports"`
	} `json:"ingress"`
	Egress []struct {
		To    []networkPeer `json:"to"`
		Ports []networkPort `json:"ports"`
	} `json:"egress"`
}

type labelSelector struct {
	MatchLabels map[string]string `json:"matchLabels"`
}

type networkPeer struct {
	PodSelector       *labelSelector `json:"podSelector"`
	NamespaceSelector *labelSelector `json:"namespaceSelector"`
	IPBlock           *struct {
		CIDR string `json:"cidr"`
	} `json:"ipBlock"`
}

type networkPort struct {
	Protocol string `json:"protocol"`
	Port     int    `json:"port"`
}

// endpoint is a pod, or an address outside the cluster's pods.
type endpoint struct {
	name, namespace string
	labels          map[string]string
	address         string
}

// network judges connections by the rules of the NetworkPolicy API: a pod that no policy selects is open, any other one
// takes what at least one policy lets through.
type network struct {
	namespace string
	policies  []networkPolicy
}

// networkOf reads the policies of a run. Unknown fields are errors: what is not understood cannot be judged.
func networkOf(t testing.TB, run *stacktest.Run) network {
	t.Helper()
	const namespace = "federated-risk"
	n := network{namespace: namespace}
	for _, r := range run.OfKind("NetworkPolicy") {
		require.Equal(t, namespace, r.Get(t, "metadata.namespace"), r.Name)
		encoded, err := json.Marshal(r.Get(t, "spec"))
		require.NoError(t, err)
		var policy networkPolicy
		decoder := json.NewDecoder(bytes.NewReader(encoded))
		decoder.DisallowUnknownFields()
		require.NoError(t, decoder.Decode(&policy), r.Name)
		assert.Equal(t, []string{"Ingress", "Egress"}, policy.PolicyTypes, "%s: a direction that is not named stays open", r.Name)
		n.policies = append(n.policies, policy)
	}
	return n
}

// passes says whether a connection gets through at both of its ends.
func (n network) passes(from, to endpoint, protocol string, port int) bool {
	return n.leaves(from, to, protocol, port) && n.arrives(from, to, protocol, port)
}

func (n network) leaves(from, to endpoint, protocol string, port int) bool {
	if from.namespace != n.namespace {
		return true
	}
	selected := false
	for _, policy := range n.policies {
		if !policy.PodSelector.matches(from.labels) {
			continue
		}
		selected = true
		for _, rule := range policy.Egress {
			if n.anyPeer(rule.To, to) && anyPort(rule.Ports, protocol, port) {
				return true
			}
		}
	}
	return !selected
}

func (n network) arrives(from, to endpoint, protocol string, port int) bool {
	if to.namespace != n.namespace {
		return true
	}
	selected := false
	for _, policy := range n.policies {
		if !policy.PodSelector.matches(to.labels) {
			continue
		}
		selected = true
		for _, rule := range policy.Ingress {
			if n.anyPeer(rule.From, from) && anyPort(rule.Ports, protocol, port) {
				return true
			}
		}
	}
	return !selected
}

// anyPeer: no peers at all means everybody. A block of addresses stands for what is outside the cluster's pods.
func (n network) anyPeer(peers []networkPeer, end endpoint) bool {
	for _, peer := range peers {
		switch {
		case peer.IPBlock != nil:
			if end.address != "" && netip.MustParsePrefix(peer.IPBlock.CIDR).Contains(netip.MustParseAddr(end.address)) {
				return true
			}
		case end.address != "":
		case peer.NamespaceSelector == nil && end.namespace != n.namespace:
		case peer.NamespaceSelector != nil && !peer.NamespaceSelector.matches(map[string]string{"kubernetes.io/metadata.name": end.namespace}):
		case peer.PodSelector == nil || peer.PodSelector.matches(end.labels):
			return true
		}
	}
	return len(peers) == 0
}

func anyPort(ports []networkPort, protocol string, number int) bool {
	for _, port := range ports {
		if port.Protocol == protocol && port.Port == number {
			return true
		}
	}
	return len(ports) == 0
}

func (selector labelSelector) matches(labels map[string]string) bool {
	for key, value := range selector.MatchLabels {
		if labels[key] != value {
			return false
		}
	}
	return true
}

// TestJudge has the evaluator itself say no where the API's rules do.
func TestJudge(t *testing.T) {
	pod := func(name string) endpoint {
		return endpoint{name: name, namespace: "risk", labels: map[string]string{"app": name}}
	}
	parse := func(text string) networkPolicy {
		var policy networkPolicy
		require.NoError(t, json.Unmarshal([]byte(text), &policy))
		return policy
	}
	open := network{namespace: "risk"}
	assert.True(t, open.passes(pod("a"), pod("b"), "TCP", 1), "without a policy everything passes")
	closed := network{namespace: "risk", policies: []networkPolicy{parse(`{"podSelector": {}}`)}}
	assert.False(t, closed.passes(pod("a"), pod("b"), "TCP", 1))
	elsewhere := pod("a")
	elsewhere.namespace = "other"
	assert.False(t, closed.passes(elsewhere, pod("b"), "TCP", 1))
	assert.False(t, closed.passes(pod("b"), endpoint{address: "192.0.2.1"}, "TCP", 1))

	out := parse(`{"podSelector": {"matchLabels": {"app": "a"}}, "egress": [{"to": [{"podSelector": {"matchLabels": {"app": "b"}}}], "ports": [{"protocol": "TCP", "port": 1}]}]}`)
	in := parse(`{"podSelector": {"matchLabels": {"app": "b"}}, "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "a"}}}], "ports": [{"protocol": "TCP", "port": 1}]}]}`)
	for _, half := range []networkPolicy{out, in} {
		one := network{namespace: "risk", policies: append([]networkPolicy{half}, closed.policies...)}
		assert.False(t, one.passes(pod("a"), pod("b"), "TCP", 1), "one end is not enough")
	}
	both := network{namespace: "risk", policies: append([]networkPolicy{out, in}, closed.policies...)}
	assert.True(t, both.passes(pod("a"), pod("b"), "TCP", 1))
	assert.False(t, both.passes(pod("b"), pod("a"), "TCP", 1))
	assert.False(t, both.passes(pod("a"), pod("b"), "UDP", 1))
	assert.False(t, both.passes(pod("a"), pod("b"), "TCP", 2))
	assert.False(t, both.passes(elsewhere, pod("b"), "TCP", 1), "a pod selector alone means the policy's own namespace")
}
