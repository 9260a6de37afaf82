package stacks_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/stacks"
)

func TestParseReportsEveryFaultAtOnceSortedByPath(t *testing.T) {
	_, err := stacks.Parse(leastSource(t, tree{
		"profile": "prod",
		"postgrs": tree{},
		"services.model-serving.canary": tree{
			"weight": 130,
			"image":  "registry.example.com/model-serving:2",
		},
		"services.frontend.image":        removed{},
		"services.psi-service.replcas":   3,
		"services.consent-service.image": 5,
		"redis.replicas":                 "3",
	}))

	require.EqualError(t, err, `Pulumi.test.yaml: 7 faults in the stack config, nothing was changed:
  federated-risk:postgrs: unknown key: did you mean "postgres"? (known: app, cluster, domain, images, incident, ingress, monitoring, namespace, policy, postgres, profile, prometheus, redis, releases, rotation, services, tls)
  federated-risk:profile: "prod": must be one of minimum, recommended, production
  federated-risk:redis.replicas: "3": must be a whole number, without quotes
  federated-risk:services.consent-service.image: 5: must be a string: put it in quotes, or use config set --type string (YAML turns 1.10 into 1.1)
  federated-risk:services.frontend.image: is not set: give the image of frontend with its registry and a tag or digest
  federated-risk:services.model-serving.canary.weight: 130: must be 0 to 100
  federated-risk:services.psi-service.replcas: unknown key: did you mean "replicas"? (known: autoscaling, canary, env, image, reencryption, replicas, resources, scratch, standby, traffic, volume)`)
}

func TestParseCountsASingleFaultInTheSingular(t *testing.T) {
	_, err := stacks.Parse(leastSource(t, tree{"profile": "prod"}))
	require.ErrorContains(t, err, "Pulumi.test.yaml: 1 fault in the stack config, nothing was changed:\n  federated-risk:profile:")
}

func TestParseOfACompleteConfigReturnsTheSameConfig(t *testing.T) {
	for _, profile := range []string{"minimum", "recommended", "production"} {
		t.Run(profile, func(t *testing.T) {
			first, err := stacks.Parse(leastSource(t, tree{
				"profile":                            profile,
				"services.frontend.env":              tree{"LOG_LEVEL": "debug"},
				"services.model-serving.canary":      tree{"image": "registry.example.com/m:2", "weight": 25},
				"releases.postgresOperator.install":  false,
				"redis.architecture":                 "replication",
				"postgres.storage.storageClass":      "fast",
				"cluster":                            tree{"context": "a context", "kubeconfig": "~/kubeconfig"},
				"services.psi-service.canary.header": tree{"name": "x-canary"},
			}))
			require.NoError(t, err)

			encoded, err := json.Marshal(first)
			require.NoError(t, err)
			var values tree
			require.NoError(t, json.Unmarshal(encoded, &values))
			second, err := stacks.Parse(source(t, values))
			require.NoError(t, err)
			assert.Equal(t, first, second)
		})
	}
}

func TestParseShowsNoValueOfASecretTree(t *testing.T) {
	src := leastSource(t, tree{
		"services.frontend.image":                         "hush-1",
		"services.frontend.volume":                        tree{"accessMode": "hush-2"},
		"services.frontend.env":                           tree{"A": 190001},
		"services.consent-service.resources.requests.cpu": "hush-3",
		"services.psi-service.canary":                     tree{"weight": 190002, "image": []string{"hush-4"}},
		"services.model-serving":                          "hush-5",
		"profile":                                         "prod",
	})
	src.Secret["services"] = true

	_, err := stacks.Parse(src)
	assert.NotContains(t, err.Error(), "hush")
	assert.NotContains(t, err.Error(), "19000")
	lines := faultLines(t, err)
	assert.Contains(t, lines, "federated-risk:services.psi-service.canary.weight: (secret): must be 0 to 100")
	assert.Contains(t, lines, `federated-risk:profile: "prod": must be one of minimum, recommended, production`)

	src = leastSource(t, nil)
	src.Values["services"] = "hush-6"
	src.Secret["services"] = true
	_, err = stacks.Parse(src)
	assert.NotContains(t, err.Error(), "hush")
}

func TestParseRefusesSecretsBecauseNothingWouldKeepThem(t *testing.T) {
	src := leastSource(t, tree{"services.frontend.env": tree{"API_TOKEN": "hush"}})
	src.Secret["services"] = true
	_, err := stacks.Parse(src)
	assert.Equal(t, []string{"federated-risk:services: must not be encrypted: these values end up in the clear in " +
		"Kubernetes objects and in the state; set them without --secret, and keep secrets in a Secret"}, faultLines(t, err))
}

// The paths of faults are those that the CLI takes back.
func TestParseWritesPathsInPulumisSyntax(t *testing.T) {
	for key, want := range map[string]string{
		"a.b":     `federated-risk:services["a.b"]`,
		`say "x"`: `federated-risk:services["say \"x\""]`,
		"a[0]":    `federated-risk:services["a[0]"]`,
		"":        `federated-risk:services[""]`,
		"a-b_1$":  `federated-risk:services.a-b_1$`,
		"名":       `federated-risk:services["名"]`,
	} {
		values := leastConfig()
		values["services"].(tree)[key] = tree{}
		_, err := stacks.Parse(source(t, values))
		lines := faultLines(t, err)
		require.Len(t, lines, 1, key)
		path, _, _ := strings.Cut(lines[0], ": unknown service")
		assert.Equal(t, want, path)
		elements, err := resource.ParsePropertyPathStrict(strings.TrimPrefix(path, "federated-risk:"))
		require.NoError(t, err, path)
		assert.Equal(t, resource.PropertyPath{"services", key}, elements)
	}
}

func TestParseQuotesAnOddTopLevelKey(t *testing.T) {
	src := leastSource(t, nil)
	src.Values["post.gres"] = "{}"
	_, err := stacks.Parse(src)
	require.ErrorContains(t, err, `federated-risk:["post.gres"]: unknown key: did you mean "postgres"?`)
}
