package mesh

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/federated-risk/federated-risk/tests/sandbox/istio"
)

// TestPolicyReachesEveryCaller sets each value of services.<name>.traffic to a number of its own and finds it again in
// the configuration of both proxies.
func TestPolicyReachesEveryCaller(t *testing.T) {
	w := start(t)
	const path = "services.model-serving."
	p := w.deploy(t, "policy", path+"canary.weight=10", path+"canary.mirror=6",
		path+"traffic.timeoutSeconds=17", path+"traffic.retries.attempts=4", path+"traffic.retries.perTryTimeoutSeconds=3",
		path+"traffic.connections.maxConnections=21", path+"traffic.connections.maxPendingRequests=22",
		path+"traffic.connections.maxRequestsPerConnection=23",
		path+"traffic.outlierDetection.consecutive5xx=9", path+"traffic.outlierDetection.intervalSeconds=11",
		path+"traffic.outlierDetection.baseEjectionSeconds=12", path+"traffic.outlierDetection.maxEjectionPercent=41",
		path+"traffic.outlierDetection.minHealthPercent=42")
	for _, view := range p.views(t) {
		t.Run(view.name, func(t *testing.T) {
			request := view.request(modelServing)
			config, answer := requireRoute(t, view.stream, request, p.split(modelServing, 10))
			action := answer.Route.GetRoute()
			assert.Equal(t, 17*time.Second, action.GetTimeout().AsDuration())
			assert.EqualValues(t, 4, action.GetRetryPolicy().GetNumRetries().GetValue())
			assert.Equal(t, 3*time.Second, action.GetRetryPolicy().GetPerTryTimeout().AsDuration())
			require.Len(t, action.GetRequestMirrorPolicies(), 1)
			mirror := action.GetRequestMirrorPolicies()[0]
			assert.Equal(t, p.cluster(modelServing, "canary"), mirror.GetCluster())
			share := mirror.GetRuntimeFraction().GetDefaultValue()
			assert.Equal(t, "60000/MILLION", fmt.Sprintf("%d/%s", share.GetNumerator(), share.GetDenominator()))

			header, err := config.Resolve(withHeader(request, "canary", "true"))
			require.NoError(t, err)
			assert.Empty(t, header.Route.GetRoute().GetRequestMirrorPolicies(), "the canary would get such a request twice")

			for _, version := range []string{"stable", "canary"} {
				cluster := config.Clusters[p.cluster(modelServing, version)]
				limits := cluster.GetCircuitBreakers().GetThresholds()[0]
				assert.Equal(t, []uint32{21, 22}, []uint32{limits.GetMaxConnections().GetValue(), limits.GetMaxPendingRequests().GetValue()}, version)
				outliers := cluster.GetOutlierDetection()
				assert.Equal(t, []uint32{9, 41}, []uint32{outliers.GetConsecutive_5Xx().GetValue(), outliers.GetMaxEjectionPercent().GetValue()}, version)
				assert.Equal(t, []time.Duration{11 * time.Second, 12 * time.Second},
					[]time.Duration{outliers.GetInterval().AsDuration(), outliers.GetBaseEjectionTime().AsDuration()}, version)
				assert.InDelta(t, 42, cluster.GetCommonLbConfig().GetHealthyPanicThreshold().GetValue(), 0, version)
			}
		})
	}
}

// TestRateLimitStandsBeforeTheService looks into the sidecar of the service's own pods.
func TestRateLimitStandsBeforeTheService(t *testing.T) {
	w := start(t)
	p := w.deploy(t, "limits", "services.model-serving.traffic.rateLimit.enabled=true")
	for s, limited := range map[service]bool{modelServing: true, services[0]: false} {
		stream := p.sidecar(t, p.pod(t, s, "stable"))
		_, err := stream.Await(t.Context(), func(config *istio.Config) error {
			chains := config.Inbound(s.port)
			if len(chains) == 0 {
				return fmt.Errorf("the sidecar of %s has no chain for port %d", s.name, s.port)
			}
			for _, chain := range chains {
				filters, err := istio.HTTPFilters(chain)
				if err != nil {
					return err
				}
				if slices.Contains(filters, "envoy.filters.http.local_ratelimit") != limited {
					return fmt.Errorf("%s: rate limit wanted: %t; the filters are %v", s.name, limited, filters)
				}
			}
			return nil
		})
		require.NoError(t, err)
	}
}

// TestPlainTextIsRefusedWhereTheStackSaysSo compares what the sidecars accept with the stack's PeerAuthentications.
func TestPlainTextIsRefusedWhereTheStackSaysSo(t *testing.T) {
	w := start(t)
	p := w.deploy(t, "strict")
	objects := p.objects(t)
	for _, s := range services {
		requireMutualTLS(t, p.sidecar(t, p.pod(t, s, "stable")), s.port, strict(objects, s))
	}
}

// strict reports whether the objects want mutual TLS alone on the service's port: what is said of the port holds before
// what is said of the pods, and that before what is said of the namespace.
func strict(objects []*unstructured.Unstructured, s service) bool {
	ofNamespace, ofPods, ofPort := "", "", ""
	for _, object := range objects {
		if object.GetKind() != "PeerAuthentication" {
			continue
		}
		mode, _, _ := unstructured.NestedString(object.Object, "spec", "mtls", "mode")
		selected, selective, _ := unstructured.NestedString(object.Object, "spec", "selector", "matchLabels", "app")
		switch {
		case !selective:
			ofNamespace = mode
		case selected == s.name:
			ofPods = mode
			ofPort, _, _ = unstructured.NestedString(object.Object, "spec", "portLevelMtls", strconv.Itoa(s.port), "mode")
		}
	}
	return cmp.Or(ofPort, ofPods, ofNamespace, "PERMISSIVE") == "STRICT"
}

// requireMutualTLS waits until the sidecar takes nothing but mutual TLS on its pod's port, or plain text too.
func requireMutualTLS(t *testing.T, stream *istio.Stream, port int, only bool) {
	t.Helper()
	_, err := stream.Await(t.Context(), func(config *istio.Config) error {
		chains := config.Inbound(port)
		if len(chains) == 0 {
			return fmt.Errorf("no chain for port %d", port)
		}
		plain := 0
		for _, chain := range chains {
			mutual, err := istio.RequiresClientCertificate(chain)
			if err != nil {
				return err
			}
			if !mutual {
				plain++
			}
		}
		if only != (plain == 0) {
			return fmt.Errorf("%d of %d chains for port %d take requests without a client's certificate", plain, len(chains), port)
		}
		return nil
	})
	require.NoError(t, err)
}
