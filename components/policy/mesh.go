package policy

import (
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/customresource"
	"github.com/federated-risk/federated-risk/internal/labels"
)

const (
	securityAPIVersion   = "security.istio.io/v1"
	networkingAPIVersion = "networking.istio.io/v1"

	// meshDefault is the name of the objects that hold for a whole namespace, by Istio's convention.
	meshDefault  = "default"
	allowNothing = "allow-nothing"
	isolated     = "isolated"
)

// meshPolicies declares who may call whom by identity, over mutual TLS.
func (args *Args) meshPolicies(ctx *pulumi.Context, name string, parent pulumi.ResourceOption) error {
	for _, object := range args.meshObjects() {
		_, err := customresource.New(ctx, name+"-"+object.resource, customresource.Args{
			APIVersion: object.apiVersion, Kind: object.kind, Name: object.name,
			Namespace: args.Namespace, Labels: labels.Object(object.name), Spec: object.spec,
		}, parent)
		if err != nil {
			return err
		}
	}
	return nil
}

// meshObject is a custom resource of Istio's.
type meshObject struct {
	// resource is the end of its name in Pulumi.
	resource               string
	apiVersion, kind, name string
	spec                   map[string]any
}

// denied are the requests that are refused whatever the other policies allow: with isolation all, which a rule without
// conditions matches, and else none, for nobody both has an identity and has none. The policy is there all the time, since
// Pulumi would delete it last, after pods that need one another have long been started in vain; and Istio refuses a DENY
// without a rule.
func (args *Args) denied() map[string]any {
	if args.Isolated {
		return map[string]any{}
	}
	return map[string]any{"from": []any{map[string]any{
		"source": map[string]any{"principals": []any{"*"}, "notPrincipals": []any{"*"}},
	}}}
}

func (args *Args) meshObjects() []meshObject {
	objects := []meshObject{
		{"mtls", securityAPIVersion, "PeerAuthentication", meshDefault, map[string]any{"mtls": mtls("STRICT")}},
		// A policy without rules matches no request: what no other policy allows is denied.
		{allowNothing, securityAPIVersion, "AuthorizationPolicy", allowNothing, map[string]any{}},
		// Sidecars learn of the services they can reach, not of the whole cluster's.
		{"sidecars", networkingAPIVersion, "Sidecar", meshDefault, map[string]any{
			"egress": []any{map[string]any{"hosts": []any{"./*", args.IstioNamespace + "/*"}}},
		}},
	}
	objects = append(objects, meshObject{isolated, securityAPIVersion, "AuthorizationPolicy", isolated, map[string]any{
		"action": "DENY", "rules": []any{args.denied()},
	}})
	flows := args.flows()
	for _, callee := range args.workloads() {
		rules, plaintext := rulesOf(callee, flows)
		if len(rules) > 0 {
			objects = append(objects, meshObject{
				"callers-" + callee.Name, securityAPIVersion, "AuthorizationPolicy", callee.Name,
				map[string]any{"selector": callee.selector(), "action": "ALLOW", "rules": rules},
			})
		}
		if plaintext {
			objects = append(objects, meshObject{
				"mtls-" + callee.Name, securityAPIVersion, "PeerAuthentication", callee.Name,
				map[string]any{
					"selector":      callee.selector(),
					"mtls":          mtls("STRICT"),
					"portLevelMtls": map[string]any{callee.port(): mtls("PERMISSIVE")},
				},
			})
		}
	}
	return objects
}

// rulesOf lets the callee's callers in, and says whether one of them is outside the mesh. Such a caller has no
// certificate and hence no identity: to the sidecar it is anyone without one (no principal at all), and it is the
// NetworkPolicy that says who. Callers that do have an identity still need to be named.
func rulesOf(callee workload, flows []Flow) (rules []any, plaintext bool) {
	var principals []any
	seen := map[string]bool{}
	for _, flow := range flows {
		if !flow.Mesh || flow.To.Name != callee.Name || seen[flow.From.Principal] {
			continue
		}
		seen[flow.From.Principal] = true
		if flow.From.Principal == "" {
			plaintext = true
			continue
		}
		principals = append(principals, flow.From.Principal)
	}
	if len(principals) > 0 {
		rules = append(rules, callee.rule("principals", principals))
	}
	if plaintext {
		rules = append(rules, callee.rule("notPrincipals", []any{"*"}))
	}
	return rules, plaintext
}

func (callee workload) rule(attribute string, principals []any) any {
	return map[string]any{
		"from": []any{map[string]any{"source": map[string]any{attribute: principals}}},
		"to":   []any{map[string]any{"operation": map[string]any{"ports": []any{callee.port()}}}},
	}
}

func (callee workload) port() string { return strconv.Itoa(callee.service.Port) }

func (callee workload) selector() map[string]any {
	match := map[string]any{}
	for key, value := range callee.Labels {
		match[key] = value
	}
	return map[string]any{"matchLabels": match}
}

func mtls(mode string) map[string]any { return map[string]any{"mode": mode} }
