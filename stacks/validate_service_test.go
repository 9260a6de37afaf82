package stacks_test

import (
	"slices"
	"strings"
	"testing"
)

func TestValidateServiceNames(t *testing.T) {
	const known = "(known: consent-service, psi-service, model-serving, frontend)"
	checkRules(t, []rule{
		{"misspelt", tree{"services.model_serving": tree{"image": 5}}, []string{
			`services.model_serving: unknown service: did you mean "model-serving"? ` + known,
			"services.model_serving.image: 5: must be a string: put it in quotes, or use config set --type string (YAML turns 1.10 into 1.1)",
		}},
		{"unlike any", tree{"services.x": tree{}}, []string{"services.x: unknown service " + known}},
	})
}

func TestValidateImages(t *testing.T) {
	const (
		path   = "services.psi-service.image"
		canary = "services.psi-service.canary.image"

		standby      = "services.model-serving.standby.image"
		reencryption = "services.consent-service.reencryption.image"

		syntax     = "must be an image reference such as registry.example.com/federated-risk/name:1.0.0"
		noRegistry = "must begin with the host of its registry"
		unpinned   = "must have a tag other than latest, or a digest, in the production profile"
	)
	digest := "@sha256:" + strings.Repeat("0a", 32)
	production := func(rules []rule) []rule {
		for i := range rules {
			rules[i].name += " in production"
			rules[i].edits["profile"] = "production"
		}
		return rules
	}
	checkRules(t, slices.Concat(
		sameFault(path, "", "example.com/psi", "localhost/psi:latest", "localhost:5000/psi:1", "example.com/psi:1"+digest),
		sameFault(path, syntax, "example.com/PSI:1", "example.com/psi:1:2", "example.com/psi@sha256:0", "https://example.com/psi",
			"example.com/psi:1 "),
		sameFault(path, noRegistry, "psi:1", "risk/psi:1"),
		production(sameFault(path, "", "example.com/psi:1", "example.com/psi"+digest, "example.com/psi:latest"+digest)),
		production(sameFault(path, unpinned, "example.com/psi", "example.com/psi:latest")),
		sameFault(standby, "", "example.com/model-serving:latest"),
		sameFault(standby, syntax, "example.com/model-serving:"),
		sameFault(standby, noRegistry, "model-serving:2"),
		production(sameFault(standby, unpinned, "example.com/model-serving", "example.com/model-serving:latest")),
		sameFault(reencryption, "", "example.com/consent:latest"),
		sameFault(reencryption, syntax, "example.com/consent:"),
		sameFault(reencryption, noRegistry, "consent:2"),
		production(sameFault(reencryption, unpinned, "example.com/consent", "example.com/consent:latest")),
		sameFault(canary, "", "example.com/psi:latest"),
		sameFault(canary, syntax, "example.com/psi:"),
		sameFault(canary, noRegistry, "psi:2"),
		production(sameFault(canary, unpinned, "example.com/psi", "example.com/psi:latest")),
		[]rule{
			{"no image", tree{path: ""}, []string{
				path + ": is not set: give the image of psi-service with its registry and a tag or digest",
			}},
			{"two faults in an image", tree{path: "psi", "profile": "production"}, []string{
				path + `: "psi": ` + noRegistry, path + `: "psi": ` + unpinned,
			}},
		},
	))
}

func TestValidateEnv(t *testing.T) {
	const derived = "must not be set: the program derives this variable"
	env := func(service, name string, fault ...string) rule {
		rule := rule{name: service + " " + name, edits: tree{"services." + service + ".env": tree{name: "x"}}}
		for _, text := range fault {
			rule.want = append(rule.want, "services."+service+".env"+text)
		}
		return rule
	}
	const badName = `is no name for a variable: use letters, digits, "_", "-" and ".", not a digit first`
	checkRules(t, []rule{
		env("psi-service", "LOG_LEVEL"),
		env("psi-service", "JWT"),
		env("psi-service", "MY_VERSION"),
		env("psi-service", "1A", ".1A: "+badName),
		env("psi-service", "A B", `["A B"]: `+badName),
		env("psi-service", "A=B", `["A=B"]: `+badName),
		env("psi-service", "", `[""]: `+badName),
		env("psi-service", "CONSENT_SERVICE_URL", ".CONSENT_SERVICE_URL: "+derived),
		env("consent-service", "CONSENT_SERVICE_URL"),
		env("model-serving", "FEAST_REGISTRY_PATH", ".FEAST_REGISTRY_PATH: "+derived),
		env("frontend", "REACT_APP_API_BASE_URL", ".REACT_APP_API_BASE_URL: "+derived),
		env("psi-service", "CACHE_ENABLED", ".CACHE_ENABLED: "+derived),
		env("psi-service", "CACHE_TTL", ".CACHE_TTL: "+derived),
		env("psi-service", "CACHE_TTL_USER_FEATURES", ".CACHE_TTL_USER_FEATURES: "+derived),
		env("psi-service", "CACHE_TTL_MODEL_CACHE", ".CACHE_TTL_MODEL_CACHE: "+derived),
		env("psi-service", "CACHE_TTL_PSI_RESULTS", ".CACHE_TTL_PSI_RESULTS: "+derived),
		env("psi-service", "CACHE_TTL_CONSENT_TOKENS", ".CACHE_TTL_CONSENT_TOKENS: "+derived),
		env("psi-service", "CACHE_TTL_OTHER"),
		env("consent-service", "SECURITY_MODE", ".SECURITY_MODE: "+derived),
		env("consent-service", "AUTH_REQUIRED", ".AUTH_REQUIRED: "+derived),
		env("frontend", "AUDIT_LEVEL", ".AUDIT_LEVEL: "+derived),
		env("frontend", "DATABASE_URL", ".DATABASE_URL: "+derived),
		env("frontend", "REDIS_URL", ".REDIS_URL: "+derived),
		env("frontend", "VERSION", ".VERSION: "+derived),
		env("frontend", "JWT_ALGORITHM", ".JWT_ALGORITHM: "+derived),
		env("frontend", "ENCRYPTION_KEY", ".ENCRYPTION_KEY: "+derived),
		env("frontend", "ENCRYPTION_KEYRING", ".ENCRYPTION_KEYRING: "+derived),
	})
}

func TestValidateReplicas(t *testing.T) {
	checkRules(t, []rule{
		{"fewest", tree{"services.frontend.replicas": 1, "services.frontend.canary.replicas": 1}, nil},
		{"most", tree{"services.frontend.replicas": 100, "services.frontend.canary.replicas": 100}, nil},
		{"none", tree{"services.frontend.replicas": 0, "services.frontend.canary.replicas": 0}, []string{
			"services.frontend.canary.replicas: 0: must be 1 to 100", "services.frontend.replicas: 0: must be 1 to 100",
		}},
		{"too many", tree{"services.frontend.replicas": 101, "services.frontend.canary.replicas": 101}, []string{
			"services.frontend.canary.replicas: 101: must be 1 to 100", "services.frontend.replicas: 101: must be 1 to 100",
		}},
	})
}

func TestValidateVolume(t *testing.T) {
	const (
		model  = "services.model-serving"
		shared = `.volume.accessMode: "ReadWriteOnce": must be ReadWriteMany with more than one replica, a canary or a standby: ` +
			"their pods may be on different nodes"
	)
	single := tree{"accessMode": "ReadWriteOnce"}
	fixed := func(edits tree) tree {
		edits[model+".autoscaling.horizontal.enabled"] = false
		return edits
	}
	checkRules(t, slices.Concat(
		sameFault(model+".volume.accessMode", "must be one of ReadWriteOnce, ReadWriteMany", "", "RWX"),
		[]rule{
			{"one pod", fixed(tree{model + ".volume": single, model + ".replicas": 1}), nil},
			{"two pods", fixed(tree{model + ".volume": single, model + ".replicas": 2}), []string{model + shared}},
			{"one pod and a canary", fixed(tree{
				model + ".volume": single, model + ".replicas": 1, model + ".canary.image": "example.com/model-serving:2",
			}), []string{model + shared}},
			{"one pod and a standby", fixed(tree{model + ".volume": single, model + ".replicas": 1, model + ".standby.enabled": true}),
				[]string{model + shared}},
			{"size", tree{model + ".volume.size": "many"}, []string{
				model + `.volume.size: "many": must be a Kubernetes quantity, such as 500Gi`,
			}},
			{"on a service without one", tree{"services.frontend.volume": tree{"size": "many"}}, []string{
				"services.frontend.volume: must not be set: frontend has no volume of its own",
			}},
		},
	))
}

func TestValidateCanary(t *testing.T) {
	const (
		canary  = "services.model-serving.canary"
		badName = `must be the name of a request header: lower-case letters, digits and "-", not uri, scheme, method, authority`
		badText = "must be one or more printable ASCII characters, no space at the ends"
	)
	weighted := func(weight int) tree {
		return tree{canary: tree{"image": "example.com/model-serving:2", "weight": weight}}
	}
	checkRules(t, slices.Concat(
		sameFault(canary+".header.name", "", "x-canary", "canary"),
		sameFault(canary+".header.name", badName, "", "X-Canary", "x canary", "x_canary", "x:canary", "authority", "uri"),
		sameFault(canary+".header.value", "", "a", "a b", "~"),
		sameFault(canary+".header.value", badText, "", " a", "a ", "ä"),
		[]rule{
			{"no traffic", weighted(0), nil},
			{"all traffic", weighted(100), nil},
			{"less than none", weighted(-1), []string{canary + ".weight: -1: must be 0 to 100"}},
			{"more than all", weighted(101), []string{canary + ".weight: 101: must be 0 to 100"}},
			{"traffic to nothing", tree{canary + ".weight": 10}, []string{
				canary + ".weight: 10: must be 0 without a canary: set federated-risk:" + canary + ".image",
			}},
			{"request above the inherited limit", tree{canary + ".resources.requests.memory": "2Gi"}, []string{
				canary + `.resources.requests.memory: "2Gi": must not exceed the limit, federated-risk:` +
					canary + ".resources.limits.memory",
			}},
			{"inherited fault only where it was made", tree{"services.model-serving.resources.requests.cpu": "x"}, []string{
				`services.model-serving.resources.requests.cpu: "x": must be a Kubernetes quantity, such as 500m`,
			}},
		},
	))
}
