package tests

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

const (
	canaryPath  = "services.model-serving.canary"
	canaryImage = "registry.example.com/federated-risk/model-serving:1.1.0"
	modelHost   = "model-serving.federated-risk.svc.cluster.local"
)

// withCanary is a stack's config with a canary of model-serving.
func withCanary(t testing.TB, stack, weight string) *stacktest.Config {
	t.Helper()
	return stacktest.Load(t, stack).Set(t, canaryPath+".image", canaryImage).Set(t, canaryPath+".weight", weight)
}

// routeTo is a destination of model-serving in a VirtualService.
func routeTo(version string, weight int) any {
	return map[string]any{
		"destination": map[string]any{"host": modelHost, "subset": version, "port": map[string]any{"number": 7003.0}},
		"weight":      float64(weight),
	}
}

// retries of a request that the service has not seen.
var retries = map[string]any{"attempts": 2.0, "retryOn": "connect-failure,refused-stream,reset-before-request"}

// scorePaths are the alternatives that a route of model-serving at the gateway matches, with the conditions of the route.
func scorePaths(conditions map[string]any) []any {
	var match []any
	for _, uri := range []map[string]any{{"exact": "/score"}, {"prefix": "/score/"}} {
		alternative := maps.Clone(conditions)
		alternative["uri"] = uri
		match = append(match, alternative)
	}
	return match
}

func TestTrafficIsSplitByWeightAndByHeader(t *testing.T) {
	for _, stack := range stacktest.Stacks() {
		for _, mode := range modes {
			for weight, canary := range map[string]int{"0": 0, "10": 10, "50": 50, "100": 100} {
				t.Run(stack+"/"+mode.name+"/"+weight, func(t *testing.T) {
					run := deploy(t, withCanary(t, stack, weight), mode.preview)
					header := map[string]any{"headers": map[string]any{"canary": map[string]any{"exact": "true"}}}
					byHeader := map[string]any{
						"name": "canary-header", "match": []any{header}, "timeout": "30s", "retries": retries,
						"route": []any{routeTo("canary", 100)},
					}
					byWeight := map[string]any{
						"name": "weighted", "timeout": "30s", "retries": retries,
						"route": []any{routeTo("stable", 100-canary), routeTo("canary", canary)},
					}
					assert.Equal(t, map[string]any{
						"hosts": []any{modelHost}, "gateways": []any{"mesh"}, "http": []any{byHeader, byWeight},
					}, run.Find(t, "VirtualService", "model-serving-routes").Get(t, "spec"))
					byHeader["match"], byWeight["match"] = scorePaths(header), scorePaths(map[string]any{})
					public := run.Find(t, "VirtualService", "model-serving-public-routes")
					assert.Equal(t, []any{byHeader, byWeight}, public.Get(t, "spec.http"), "what comes in at the gateway")
					weights := run.StackOutputs(t)["canaryWeights"]
					assert.Equal(t, map[string]any{"model-serving": float64(canary)}, stacktest.Reveal(weights).Mappable())
				})
			}
		}
	}
}

func TestHeaderComesFromTheConfig(t *testing.T) {
	config := withCanary(t, "prod", "10").Set(t, canaryPath+".header.name", "x-early").Set(t, canaryPath+".header.value", "please")
	routes := deploy(t, config, false).Find(t, "VirtualService", "model-serving-routes")
	assert.Equal(t, map[string]any{"x-early": map[string]any{"exact": "please"}}, routes.Get(t, "spec.http[0].match[0].headers"))
}

func TestWithoutACanaryEverythingGoesToStable(t *testing.T) {
	for _, mode := range modes {
		run := deploy(t, stacktest.Load(t, "local").Remove(t, canaryPath), mode.preview)
		assert.Nil(t, run.Lookup("Deployment", "model-serving-canary"))
		everything := map[string]any{"name": "all", "timeout": "30s", "retries": retries, "route": []any{routeTo("stable", 100)}}
		assert.Equal(t, []any{everything}, run.Find(t, "VirtualService", "model-serving-routes").Get(t, "spec.http"))
		everything["match"] = scorePaths(map[string]any{})
		assert.Equal(t, []any{everything}, run.Find(t, "VirtualService", "model-serving-public-routes").Get(t, "spec.http"))
		assert.Len(t, run.OfKind("VirtualService"), 8, "one for the mesh and one for the gateway")
		assert.Len(t, run.OfKind("DestinationRule"), 4)
	}
}

func TestSubsetsAreLabelsOfTheDeployments(t *testing.T) {
	run := deploy(t, withCanary(t, "dev", "10"), false)
	for _, facts := range services {
		rule := run.Find(t, "DestinationRule", facts.name+"-destinations")
		host := facts.name + ".federated-risk.svc.cluster.local"
		assert.Equal(t, host, rule.Get(t, "spec.host"))
		assert.Equal(t, []any{host}, run.Find(t, "VirtualService", facts.name+"-routes").Get(t, "spec.hosts"))
		subsets, ok := rule.Get(t, "spec.subsets").([]any)
		require.True(t, ok)
		require.Len(t, subsets, 2, "stable and canary, whether there is a canary or not")
		for _, element := range subsets {
			subset := element.(map[string]any)
			deployment := run.Lookup("Deployment", facts.name+"-"+subset["name"].(string))
			if deployment == nil {
				assert.Equal(t, "canary", subset["name"], facts.name)
				continue
			}
			assert.Equal(t, map[string]any{"version": subset["name"]}, subset["labels"])
			assert.Subset(t, deployment.Get(t, "spec.template.metadata.labels"), subset["labels"], "the subset has no pods")
		}
	}
}

func TestRoutesOfEachServiceUseItsOwnPort(t *testing.T) {
	everyService(t, func(t *testing.T, _ string, run *stacktest.Run, facts serviceFacts, _ *stacktest.Resource) {
		routes := run.Find(t, "VirtualService", facts.name+"-routes")
		https, ok := routes.Get(t, "spec.http").([]any)
		require.True(t, ok)
		for _, http := range https {
			for _, route := range http.(map[string]any)["route"].([]any) {
				destination := route.(map[string]any)["destination"].(map[string]any)
				assert.Equal(t, map[string]any{"number": float64(facts.port)}, destination["port"])
			}
		}
	})
}

func TestTrafficPolicyComesFromTheConfig(t *testing.T) {
	const path = "services.model-serving.traffic"
	run := deploy(t, withCanary(t, "dev", "10").
		Set(t, canaryPath+".mirror", "25").
		Set(t, path+".timeoutSeconds", "120").
		Set(t, path+".retries.attempts", "1").Set(t, path+".retries.perTryTimeoutSeconds", "60").
		Set(t, path+".connections.maxConnections", "7").Set(t, path+".connections.maxPendingRequests", "0").
		Set(t, path+".connections.maxRequestsPerConnection", "9").
		Set(t, path+".outlierDetection.consecutive5xx", "3").Set(t, path+".outlierDetection.minHealthPercent", "20"), false)
	for _, name := range modelRoutes {
		for _, route := range run.Find(t, "VirtualService", name).Get(t, "spec.http").([]any) {
			assert.Equal(t, "120s", route.(map[string]any)["timeout"], name)
			assert.Equal(t, map[string]any{"attempts": 1.0, "perTryTimeout": "60s", "retryOn": retries["retryOn"]},
				route.(map[string]any)["retries"], name)
		}
		assert.Equal(t, []any{map[string]any{
			"destination": routeTo("canary", 0).(map[string]any)["destination"], "percentage": map[string]any{"value": 25.0},
		}}, run.Find(t, "VirtualService", name).Get(t, "spec.http[1].mirrors"), name)
	}
	assert.Equal(t, map[string]any{
		"connectionPool": map[string]any{
			"tcp": map[string]any{"maxConnections": 7.0}, "http": map[string]any{"maxRequestsPerConnection": 9.0},
		},
		"outlierDetection": map[string]any{
			"consecutive5xxErrors": 3.0, "interval": "10s", "baseEjectionTime": "30s", "maxEjectionPercent": 50.0, "minHealthPercent": 20.0,
		},
	}, run.Find(t, "DestinationRule", "model-serving-destinations").Get(t, "spec.trafficPolicy"))
	assert.Equal(t, map[string]any{
		"connectionPool": map[string]any{
			"tcp": map[string]any{"maxConnections": 1024.0}, "http": map[string]any{"http1MaxPendingRequests": 1024.0},
		},
		"outlierDetection": map[string]any{
			"consecutive5xxErrors": 5.0, "interval": "10s", "baseEjectionTime": "30s", "maxEjectionPercent": 50.0, "minHealthPercent": 50.0,
		},
	}, run.Find(t, "DestinationRule", "psi-service-destinations").Get(t, "spec.trafficPolicy"), "the other services keep the defaults")
}

func TestRateLimitIsOnlyWhereItIsEnabled(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		assert.Empty(t, run.OfKind("EnvoyFilter"))
	})
	const path = "services.psi-service.traffic.rateLimit"
	for burst, tokens := range map[string]float64{"0": 40, "90": 90} {
		run := deploy(t, stacktest.Load(t, "dev").Set(t, path+".enabled", "true").
			Set(t, path+".requestsPerSecond", "40").Set(t, path+".burst", burst), false)
		require.Len(t, run.OfKind("EnvoyFilter"), 1)
		filter := run.Find(t, "EnvoyFilter", "psi-service-rate-limit")
		assert.Equal(t, "kubernetes:networking.istio.io/v1alpha3:EnvoyFilter", filter.Type)
		pods := run.Find(t, "Deployment", "psi-service-stable").Get(t, "spec.template.metadata.labels")
		selected := filter.Get(t, "spec.workloadSelector.labels")
		assert.Equal(t, map[string]any{"app": "psi-service"}, selected)
		assert.Subset(t, pods, selected)
		assert.EqualValues(t, 7001, filter.Get(t, "spec.configPatches[0].match.listener.portNumber"))
		assert.Equal(t, "SIDECAR_INBOUND", filter.Get(t, "spec.configPatches[0].match.context"))
		assert.Equal(t, map[string]any{"max_tokens": tokens, "tokens_per_fill": 40.0, "fill_interval": "1s"},
			filter.Get(t, "spec.configPatches[0].patch.value.typed_config.value.token_bucket"))
		for _, share := range []string{"filter_enabled", "filter_enforced"} {
			assert.EqualValues(t, 100, filter.Get(t, "spec.configPatches[0].patch.value.typed_config.value."+share+".default_value.numerator"))
		}
	}
}

// TestCanaryDiffersFromStableInWhatTheConfigSays compares the Deployments: what differs is what config says, and the version.
func TestCanaryDiffersFromStableInWhatTheConfigSays(t *testing.T) {
	config := withCanary(t, "prod", "10").Set(t, canaryPath+".replicas", "2").Set(t, canaryPath+".resources.limits.memory", "2Gi")
	run := deploy(t, config, false)
	stable, canary := run.Find(t, "Deployment", "model-serving-stable"), run.Find(t, "Deployment", "model-serving-canary")
	assert.Equal(t, "model-serving-canary", canary.Get(t, "metadata.name"))
	assert.Equal(t, canaryImage, canary.Get(t, container+".image"))
	assert.EqualValues(t, 2, canary.Get(t, "spec.replicas"))
	assert.Equal(t, "2Gi", canary.Get(t, container+".resources.limits.memory"))
	assert.Equal(t, stable.Get(t, container+".resources.requests"), canary.Get(t, container+".resources.requests"))
	assert.Equal(t, "canary", environment(t, canary)["VERSION"])
	for _, path := range []string{
		container + ".ports", container + ".envFrom", container + ".volumeMounts", container + ".readinessProbe",
		container + ".securityContext", "spec.template.spec.volumes", "spec.template.spec.securityContext", "spec.strategy",
	} {
		require.NotNil(t, stable.Get(t, path), path)
		assert.Equal(t, stable.Get(t, path), canary.Get(t, path), path)
	}
}

// modelRoutes are the resources that a change of model-serving's weight changes: the routes at the gateway and in the mesh.
var modelRoutes = []string{"model-serving-public-routes", "model-serving-routes"}

// TestWeightChangesTheRoutesAndNothingElse is the headline, before any engine is involved.
func TestWeightChangesTheRoutesAndNothingElse(t *testing.T) {
	for _, stack := range stacktest.Stacks() {
		before := deploy(t, withCanary(t, stack, "0"), false)
		for _, weight := range []string{"10", "25", "50", "100"} {
			after := deploy(t, withCanary(t, stack, weight), false)
			assert.Equal(t, modelRoutes, changed(t, before, after), "%s: weight %s", stack, weight)
			before = after
		}
	}
}

func TestCanaryComesAndGoesWithoutTouchingStable(t *testing.T) {
	without := deploy(t, stacktest.Load(t, "local").Remove(t, canaryPath), false)
	with := deploy(t, withCanary(t, "local", "10"), false)
	assert.Equal(t, modelRoutes, changed(t, without, with), "of what both have")
	assert.Equal(t, []string{"model-serving-canary", "model-serving-canary"}, added(without, with), "its Deployment and its budget")
	assert.Empty(t, added(with, without))
}

// changed returns the names of the resources that both runs have, with different inputs or options.
func changed(t testing.TB, before, after *stacktest.Run) []string {
	t.Helper()
	var names []string
	for _, r := range before.Resources {
		other := after.ByURN(r.URN)
		if other == nil {
			continue
		}
		sameOptions := r.Request.GetProtect() == other.Request.GetProtect() && r.Request.GetProvider() == other.Request.GetProvider() &&
			slices.Equal(r.Request.GetReplaceOnChanges(), other.Request.GetReplaceOnChanges())
		if !r.Inputs.DeepEquals(other.Inputs) || !sameOptions {
			names = append(names, r.Name)
		}
	}
	require.True(t, slices.ContainsFunc(before.Resources, func(r *stacktest.Resource) bool {
		return after.ByURN(r.URN) != nil && strings.HasPrefix(string(resource.URN(r.URN).Type()), "kubernetes:")
	}), "the runs have nothing in common to compare")
	return names
}

// added returns the names of the resources that only after has.
func added(before, after *stacktest.Run) []string {
	var names []string
	for _, r := range after.Resources {
		if before.ByURN(r.URN) == nil {
			names = append(names, r.Name)
		}
	}
	return names
}
