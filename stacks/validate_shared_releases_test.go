package stacks_test

import (
	"slices"
	"strings"
	"testing"
)

func TestValidateSharedReleases(t *testing.T) {
	const (
		noChart    = ".chart: is not set: give a chart name with its repository, an oci:// address, or a path such as ./charts/name"
		eachLeaves = "each leaves with its own"
	)
	// install is a config with these installed, and with other edits.
	install := func(edits tree, keys ...string) tree {
		all := tree{}
		for _, key := range keys {
			all["releases."+key] = tree{"install": true, "chart": "./charts/" + key}
		}
		for path, value := range edits {
			all[path] = value
		}
		return all
	}
	in := func(namespace string) tree {
		return tree{"install": true, "chart": "./charts/x", "namespace": namespace}
	}
	longest := strings.Repeat("n", 39)
	checkRules(t, []rule{
		{"found in place", nil, nil},
		{"all", install(nil, "istioBase", "istiod", "istioGateway", "vpa", "prometheusAdapter"), nil},
		{"without a chart", tree{"releases.istiod": tree{"install": true}, "releases.vpa": tree{"install": true}}, []string{
			"releases.istiod" + noChart, "releases.vpa" + noChart,
		}},
		{"nothing is checked of what is found in place", tree{"releases.vpa": tree{"install": false, "namespace": "X"}}, nil},
		{"bad namespace", tree{"releases.vpa": in("VPA")}, []string{
			`releases.vpa.namespace: "VPA": must be 1 to 63 lower-case letters, digits and "-", with a letter or digit at both ends`,
		}},
		{"in the stack's own namespace", tree{"namespace": "risk", "releases.istioBase": in("risk")}, []string{
			`releases.istioBase.namespace: "risk": must differ from federated-risk:namespace: the two do not leave together`,
		}},
		{"Istio in two places", tree{"releases.istioBase": in("istio-system"), "releases.istiod": in("mesh"), "policy.istioNamespace": "mesh"}, []string{
			`releases.istiod.namespace: "mesh": must equal federated-risk:releases.istioBase.namespace: the webhooks of the one lead to the other`,
		}},
		{"Istio in one place", tree{"releases.istioBase": in("mesh"), "releases.istiod": in("mesh"), "releases.istioGateway": in("mesh"),
			"policy.istioNamespace": "mesh", "ingress.istio.namespace": "mesh"}, nil},
		{"Istio where nobody looks", tree{"releases.istiod": in("mesh"), "releases.istioGateway": in("mesh")}, []string{
			`policy.istioNamespace: "istio-system": must equal federated-risk:releases.istiod.namespace, which is to be reached`,
			`releases.istioGateway.namespace: "mesh": must equal federated-risk:ingress.istio.namespace, where the certificate goes`,
		}},
		{"two add-ons in one place", tree{"releases.vpa": in("addons"), "releases.prometheusAdapter": in("addons")}, []string{
			`releases.prometheusAdapter.namespace: "addons": must differ from federated-risk:releases.vpa.namespace: ` + eachLeaves,
		}},
		{"an add-on with Istio", tree{"releases.vpa": in("istio-system"), "releases.istiod": in("istio-system")}, []string{
			`releases.vpa.namespace: "istio-system": must differ from federated-risk:releases.istiod.namespace: ` + eachLeaves,
		}},
		{"an add-on with the Postgres operator", tree{"releases.vpa": in("federated-risk-postgres-operator")}, []string{
			`releases.vpa.namespace: "federated-risk-postgres-operator": must differ from federated-risk:releases.postgresOperator.namespace: ` + eachLeaves,
		}},
		{"longest name", install(tree{"namespace": longest[:39]}, "istioBase"), nil},
		{"no room for the names of Istio's releases", install(tree{"namespace": longest + "n"}, "istioGateway"), []string{
			`namespace: "` + longest + `n": must have at most 39 characters where the stack installs Istio: it begins the names of the releases`,
		}},
	})
}

func TestValidatePrometheus(t *testing.T) {
	const bad = "must be an http:// or https:// address without a port, which federated-risk:prometheus.port has"
	checkRules(t, slices.Concat(
		sameFault("prometheus.url", "", "https://prometheus.example.com", "http://prometheus/path"),
		sameFault("prometheus.url", bad, "", "prometheus", "http://prometheus:9090", "ftp://prometheus", "http://"),
		[]rule{
			{"password", tree{"prometheus.url": "http://me:hush@prometheus"}, []string{"prometheus.url: must not contain a user or password"}},
			{"no port", tree{"prometheus.port": 0}, []string{"prometheus.port: 0: must be 1 to 65535"}},
			{"last port", tree{"prometheus.port": 65535}, nil},
			{"port after the last", tree{"prometheus.port": 65536}, []string{"prometheus.port: 65536: must be 1 to 65535"}},
		},
	))
}
