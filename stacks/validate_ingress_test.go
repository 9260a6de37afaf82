package stacks_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/stacks"
)

// controlled adds what mode ingress asks for to edits.
func controlled(edits tree) tree {
	all := tree{"ingress.mode": "ingress", "ingress.controller.class": "traefik", "ingress.controller.namespace": "traefik"}
	for path, value := range edits {
		all[path] = value
	}
	return all
}

func TestDefaultsOfTheIngress(t *testing.T) {
	assert.Equal(t, stacks.Ingress{
		Mode: "istio",
		Istio: stacks.IstioIngress{
			Namespace: "istio-ingress", ServiceAccount: "istio-ingress", Selector: map[string]string{"istio": "ingress"},
		},
	}, parse(t, nil).Ingress)
	assert.Equal(t, map[string]string{"app": "edge"}, parse(t, tree{"ingress.istio.selector": tree{"app": "edge"}}).Ingress.Istio.Selector,
		"a selector that is given replaces the default")
}

func TestValidateIstioIngress(t *testing.T) {
	const (
		badLabel = `must be 1 to 63 lower-case letters, digits and "-", with a letter or digit at both ends`
		badKey   = `is no key for a label: use letters, digits, "-", "_" and ".", at most 63, after a DNS name and a slash if it has a prefix`
		badValue = `must be the value of a label: 1 to 63 letters, digits, "-", "_" and "."`
		unset    = ": must not be set unless federated-risk:ingress.mode is ingress"
	)
	selector := func(key, value string) tree { return tree{"ingress.istio.selector": tree{key: value}} }
	checkRules(t, slices.Concat(
		sameFault("ingress.mode", "must be one of istio, ingress", "", "Istio", "nginx"),
		sameFault("ingress.istio.namespace", "", "istio-system"),
		sameFault("ingress.istio.namespace", badLabel, "", "Istio", "a.b"),
		sameFault("ingress.istio.namespace", "must differ from federated-risk:namespace: the gateway outlives the stack, and other "+
			"stacks may share it", "federated-risk"),
		sameFault("ingress.istio.serviceAccount", "", "gateway.v2"),
		sameFault("ingress.istio.serviceAccount", `must be the name of a ServiceAccount: lower-case letters, digits, "-" and "."`, "", "Edge"),
		[]rule{
			{"label with a prefix", selector("example.com/gateway", "Public_1"), nil},
			{"no label", tree{"ingress.istio.selector": tree{}}, []string{
				"ingress.istio.selector: must have a label of the gateway's pods: an empty selector means every proxy in the mesh",
			}},
			{"bad key", selector("a b", "c"), []string{`ingress.istio.selector["a b"]: ` + badKey}},
			{"bad value", selector("app", "a b"), []string{`ingress.istio.selector.app: "a b": ` + badValue}},
			{"empty value", selector("app", ""), []string{`ingress.istio.selector.app: "": ` + badValue}},
			{"settings of the other mode", tree{"ingress.controller": tree{
				"class": "traefik", "namespace": "traefik", "annotations": tree{"a": "b"}, "inMesh": true, "serviceAccount": "traefik",
				"cidrs": []any{"10.0.0.0/8"},
			}}, []string{
				"ingress.controller.annotations" + unset, "ingress.controller.cidrs" + unset, "ingress.controller.class" + unset,
				"ingress.controller.inMesh" + unset,
				"ingress.controller.namespace" + unset, "ingress.controller.serviceAccount" + unset,
			}},
		},
	))
}

func TestValidateIngressController(t *testing.T) {
	const (
		canary  = "services.psi-service.canary.image"
		refused = `: "example.com/psi:2": must not be set: an Ingress controller outside the mesh ignores the weights; remove the ` +
			"canary, set federated-risk:ingress.mode to istio, or give the controller's pods a sidecar and set " +
			"federated-risk:ingress.controller.inMesh to true"
	)
	checkRules(t, []rule{
		{"least", controlled(nil), nil},
		{"in the mesh", controlled(tree{"ingress.controller.inMesh": true, "ingress.controller.serviceAccount": "traefik"}), nil},
		{"nothing given", tree{"ingress.mode": "ingress"}, []string{
			"ingress.controller.class: is not set: name the IngressClass of the controller (kubectl get ingressclass)",
			"ingress.controller.namespace: is not set: name the namespace of the controller's pods, which alone reach the services, " +
				"or give federated-risk:ingress.controller.cidrs where they are not pods of the cluster's own network",
		}},
		{"addresses", controlled(tree{"ingress.controller.namespace": "", "ingress.controller.cidrs": []any{"10.0.0.0/16", "10.1.0.0/16"}}), nil},
		{"no addresses", controlled(tree{"ingress.controller.namespace": "", "ingress.controller.cidrs": []any{"10.0.1.0/16"}}), []string{
			`ingress.controller.cidrs[0]: "10.0.1.0/16": must have no bits set beyond its prefix, as 10.0.1.0/16 has`,
		}},
		{"pods and addresses", controlled(tree{"ingress.controller.cidrs": []any{"10.0.0.0/16"}}), []string{
			"ingress.controller.cidrs: must not be set together with federated-risk:ingress.controller.namespace: " +
				"requests come from pods or from addresses",
		}},
		{"addresses in the mesh", controlled(tree{
			"ingress.controller.namespace": "", "ingress.controller.cidrs": []any{"10.0.0.0/16"},
			"ingress.controller.inMesh": true, "ingress.controller.serviceAccount": "traefik",
		}), []string{
			"ingress.controller.cidrs: must not be set while federated-risk:ingress.controller.inMesh is true: " +
				"only pods have a sidecar, so set federated-risk:ingress.controller.namespace",
		}},
		{"bad names", controlled(tree{
			"ingress.controller.class": "Traefik", "ingress.controller.namespace": "a.b", "ingress.controller.inMesh": true,
			"ingress.controller.serviceAccount": "A", "ingress.controller.annotations": tree{"a b": ""},
		}), []string{
			`ingress.controller.annotations["a b"]: is no key for an annotation: use letters, digits, "-", "_" and ".", at most 63, ` +
				"after a DNS name and a slash if it has a prefix",
			`ingress.controller.class: "Traefik": must be the name of a Kubernetes IngressClass: lower-case letters, digits, "-" and "."`,
			`ingress.controller.namespace: "a.b": must be 1 to 63 lower-case letters, digits and "-", with a letter or digit at both ends`,
			`ingress.controller.serviceAccount: "A": must be the name of a ServiceAccount: lower-case letters, digits, "-" and "."`,
		}},
		{"in the mesh without identity", controlled(tree{"ingress.controller.inMesh": true}), []string{
			"ingress.controller.serviceAccount: is not set: in the mesh, it is the identity that the services admit",
		}},
		{"identity outside the mesh", controlled(tree{"ingress.controller.serviceAccount": "traefik"}), []string{
			`ingress.controller.serviceAccount: "traefik": must not be set unless federated-risk:ingress.controller.inMesh is true: ` +
				"outside the mesh it proves nothing",
		}},
		{"canary past the mesh", controlled(tree{canary: "example.com/psi:2"}), []string{canary + refused}},
		{"canary through the mesh", controlled(tree{
			canary: "example.com/psi:2", "ingress.controller.inMesh": true, "ingress.controller.serviceAccount": "traefik",
		}), nil},
		{"canary at the gateway", tree{canary: "example.com/psi:2"}, nil},
		{"a second certificate", controlled(tree{
			"tls":                            tree{"mode": "certManager", "issuer": tree{"name": "acme"}},
			"ingress.controller.annotations": tree{"cert-manager.io/cluster-issuer": "acme", "example.com/ok": "yes"},
		}), []string{
			`ingress.controller.annotations["cert-manager.io/cluster-issuer"]: must not be set while federated-risk:tls.mode is ` +
				"certManager: the program declares the Certificate, and this would make another",
		}},
	})
}

func TestValidateIssuerAndExistingSecrets(t *testing.T) {
	manager := func(issuer tree) tree { return tree{"tls": tree{"mode": "certManager", "issuer": issuer}} }
	checkRules(t, []rule{
		{"ClusterIssuer", manager(tree{"name": "letsencrypt-prod"}), nil},
		{"Issuer", manager(tree{"kind": "Issuer", "name": "acme"}), nil},
		{"no issuer", manager(tree{}), []string{
			"tls.issuer.name: is not set: name an issuer of cert-manager (kubectl get clusterissuers), or set federated-risk:tls.mode to selfSigned",
		}},
		{"bad kind and name", manager(tree{"kind": "issuer", "name": "ACME"}), []string{
			`tls.issuer.kind: "issuer": must be one of ClusterIssuer, Issuer`,
			`tls.issuer.name: "ACME": must be the name of a cert-manager issuer: lower-case letters, digits, "-" and "."`,
		}},
		{"issuer without cert-manager", tree{"tls.issuer.name": "acme"}, []string{
			`tls.issuer.name: "acme": must not be set unless federated-risk:tls.mode is certManager`,
		}},
		{"Secret with cert-manager", tree{"tls": tree{
			"mode": "certManager", "issuer": tree{"name": "acme"}, "publicSecretName": "theirs",
		}}, []string{`tls.publicSecretName: "theirs": must not be set unless federated-risk:tls.mode is existing`}},
		{"two Secrets", tree{"tls": tree{"mode": "existing", "secretName": "a", "publicSecretName": "b"}}, nil},
		{"bad public Secret", tree{"tls": tree{"mode": "existing", "secretName": "a", "publicSecretName": "B"}}, []string{
			`tls.publicSecretName: "B": must be the name of a Secret: lower-case letters, digits, "-" and "."`,
		}},
	})
}
