package tests

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// sharedReleases by key of config: resource, name that Helm knows it by, namespace, and the chart that was checked.
var sharedReleases = map[string]struct{ resource, helmName, namespace, chart, version string }{
	"istioBase":         {"istio-base", "federated-risk-istio-base", "istio-system", "base", "1.30.3"},
	"istiod":            {"istio-istiod", "federated-risk-istiod", "istio-system", "istiod", "1.30.3"},
	"istioGateway":      {"istio-gateway", "federated-risk-istio-gateway", "istio-ingress", "gateway", "1.30.3"},
	"vpa":               {"vpa", "vpa", "federated-risk-vpa", "vpa", "5.0.0"},
	"prometheusAdapter": {"prometheus-adapter", "prometheus-adapter", "federated-risk-prometheus-adapter", "oci://ghcr.io/prometheus-community/charts/prometheus-adapter", "5.3.0"},
}

// installEverything sets every install flag of a stack.
func installEverything(t testing.TB, stack string) *stacktest.Config {
	t.Helper()
	config := stacktest.Load(t, stack)
	for key := range sharedReleases {
		config.Set(t, "releases."+key+".install", "true")
	}
	return config
}

func TestSharedReleasesAreFoundInPlaceUnlessConfigInstallsThem(t *testing.T) {
	everywhere(t, func(t *testing.T, stack string, run *stacktest.Run) {
		for key, want := range sharedReleases {
			assert.Nil(t, run.Lookup("Release", want.resource), key)
			if stack != "local" {
				config := stacktest.Load(t, stack)
				assert.Equal(t, want.chart, config.Value(t, "releases."+key+".chart"), key)
				assert.Equal(t, want.version, config.Value(t, "releases."+key+".version"), "%s: before another version goes out, "+
					"check the values that components set against the chart's own", key)
			}
		}
		assert.Empty(t, run.OfKind("istio:Istio"))
	})
}

func TestSharedReleasesThatConfigInstalls(t *testing.T) {
	for _, mode := range modes {
		run := deploy(t, installEverything(t, "prod"), mode.preview)
		for key, want := range sharedReleases {
			release := run.Find(t, "Release", want.resource)
			assert.Equal(t, want.helmName, release.Get(t, "name"), key)
			assert.Equal(t, want.namespace, release.Get(t, "namespace"), key)
			assert.Equal(t, want.chart, release.Get(t, "chart"), key)
			assert.Nil(t, release.Get(t, "takeOwnership"), "%s: a second installation must fail", key)
		}
		order := []string{"istio-base", "istio-istiod", "istio-gateway"}
		for i, name := range order {
			want := slices.Sorted(slices.Values(order[:i]))
			assert.Equal(t, append([]string(nil), want...), append([]string(nil), releasesOf(run, run.Find(t, "Release", name))...), name)
		}
		istioSystem := map[string]any{"global": map[string]any{"istioNamespace": "istio-system"}}
		assert.Equal(t, istioSystem, run.Find(t, "Release", "istio-base").Get(t, "values"))
		assert.Equal(t, istioSystem, run.Find(t, "Release", "istio-istiod").Get(t, "values"))
		assert.Equal(t, map[string]any{"name": "istio-ingress", "labels": map[string]any{"istio": "ingress"}},
			run.Find(t, "Release", "istio-gateway").Get(t, "values"))
		adapter := run.Find(t, "Release", "prometheus-adapter")
		assert.Equal(t, map[string]any{"url": "http://prometheus-operated.federated-risk-monitoring.svc", "port": 9090.0},
			adapter.Get(t, "values.prometheus"))
		assert.Equal(t, false, adapter.Get(t, "values.rules.default"), "it would serve every series of every namespace")
		assert.Equal(t, "request_queue_length", adapter.Get(t, "values.rules.custom[0].name.as"))
		assert.Equal(t, "http_request_duration_p95", adapter.Get(t, "values.rules.custom[1].name.as"))
		assert.Len(t, adapter.Get(t, "values.rules.custom"), 2)
		// Others find Istio in place too; what is in the other namespaces is this stack's alone.
		assert.Equal(t, []string{"istio-base-namespace", "istio-gateway-namespace", "model-serving-feast", "namespace"}, retained(run))
	}
}

// TestPodsAndRoutesWaitForTheIstioOfTheStack: a pod that comes before the control plane has no sidecar.
func TestPodsAndRoutesWaitForTheIstioOfTheStack(t *testing.T) {
	run := deploy(t, installEverything(t, "dev"), false)
	for _, r := range slices.Concat(run.OfKind("Deployment"), run.OfKind("VirtualService"), run.OfKind("DestinationRule")) {
		waits := dependencies(run, r)
		assert.Contains(t, waits, "istio-base", "%s %s", r.Type, r.Name)
		assert.Contains(t, waits, "istio-istiod", "%s %s", r.Type, r.Name)
	}
	for _, name := range []string{"postgres-cluster", "redis"} {
		assert.NotContains(t, releasesOf(run, run.Find(t, "Release", name)), "istio-base", "%s has no sidecar", name)
	}
}

// TestTwoStacksHaveNothingInCommon but what is shared on purpose, in which Helm tells them apart by the release.
func TestTwoStacksHaveNothingInCommon(t *testing.T) {
	names := func(namespace string) map[string]bool {
		found := map[string]bool{}
		for _, r := range deploy(t, installEverything(t, "dev").Set(t, "namespace", namespace), false).Resources {
			switch {
			case strings.HasSuffix(r.Type, ":Namespace") && !strings.HasPrefix(r.Type, "federated-risk:"):
				found["namespace "+r.Get(t, "metadata.name").(string)] = true
			case strings.HasSuffix(r.Type, ":Release"):
				found["release "+r.Get(t, "namespace").(string)+"/"+r.Get(t, "name").(string)] = true
			}
		}
		return found
	}
	one, other := names("one"), names("other")
	var common []string
	for name := range one {
		if other[name] {
			common = append(common, name)
		}
	}
	assert.ElementsMatch(t, []string{"namespace istio-system", "namespace istio-ingress"}, common)
	assert.Greater(t, len(one), 10)
}
