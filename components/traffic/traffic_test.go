package traffic

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func valid(canary *Canary) *Args {
	return &Args{
		Namespace: pulumi.String("risk"), NamespaceName: "risk", ServiceName: "scoring", Port: 7003, Canary: canary,
		Public: &Public{Host: "api.example.com", PathPrefix: "/score", Gateway: "risk/gate"},
		Policy: Policy{TimeoutSeconds: 30, Retries: Retries{Attempts: 2}},
	}
}

func TestCheckReportsEveryFaultAtOnce(t *testing.T) {
	require.NoError(t, valid(nil).check())
	require.NoError(t, valid(&Canary{Weight: 100, Mirror: 100, HeaderName: "canary", HeaderValue: "true"}).check())
	require.ErrorContains(t, (*Args)(nil).check(), "args is nil")
	for _, percent := range []int{-1, 101} {
		err := (&Args{
			Public:    &Public{PathPrefix: "score"},
			Canary:    &Canary{Weight: percent, Mirror: percent},
			Policy:    Policy{TimeoutSeconds: -1, OutlierDetection: OutlierDetection{Consecutive5xx: 1}},
			RateLimit: &RateLimit{RequestsPerSecond: 10, Burst: 9},
		}).check()
		for _, fault := range []string{
			"args.Namespace", "args.ServiceName", "args.Port is 0", `args.Public is "", path "score"`,
			"args.Canary.Weight is", "args.Canary.Mirror is", "args.Canary.HeaderName", "args.Canary.HeaderValue",
			"args.Policy.TimeoutSeconds is -1", "args.Policy.OutlierDetection.IntervalSeconds",
			"args.RateLimit is 10 requests per second with bursts of 9",
		} {
			assert.ErrorContains(t, err, fault)
		}
	}
}

func TestNewRefusesBadArgs(t *testing.T) {
	_, err := New(nil, "routes", nil)
	require.EqualError(t, err, `traffic "routes": args is nil`)
	_, err = NewGateway(nil, "gateway", nil)
	require.EqualError(t, err, `gateway "gateway": args is nil`)
	_, err = NewIngress(nil, "ingress", nil)
	require.EqualError(t, err, `ingress "ingress": args is nil`)
}

func TestGatewayAndIngressReportEveryFaultAtOnce(t *testing.T) {
	err := (&GatewayArgs{}).check()
	for _, fault := range []string{"args.Namespace", "args.Selector", "args.Hosts", "args.CertificateSecretName"} {
		require.ErrorContains(t, err, fault)
	}
	err = (&IngressArgs{}).check()
	for _, fault := range []string{"args.Namespace", "args.Class", "args.Rules", "args.CertificateSecretName"} {
		require.ErrorContains(t, err, fault)
	}
}

// TestSplitIsWholeForEveryWeight looks at all weights: Istio refuses or skews routes whose weights do not sum to 100.
func TestSplitIsWholeForEveryWeight(t *testing.T) {
	for weight := range 101 {
		args := valid(&Canary{Weight: weight, HeaderName: "canary", HeaderValue: "true"})
		for _, rules := range []map[string]any{args.meshRoutes(), args.publicRoutes()} {
			routes := rules["http"].([]any)
			require.Len(t, routes, 2)
			for i, route := range routes {
				total := 0
				for _, share := range shares(t, route) {
					assert.GreaterOrEqual(t, share, 0)
					total += share
				}
				assert.Equal(t, 100, total, "route %d at weight %d", i, weight)
			}
			assert.NotEmpty(t, headers(routes[0]), "the header must come first: the first route that matches wins")
			assert.Empty(t, headers(routes[1]))
			assert.Equal(t, map[string]int{"canary": 100}, shares(t, routes[0]))
			assert.Equal(t, map[string]int{"stable": 100 - weight, "canary": weight}, shares(t, routes[1]))
		}
	}
	for _, rules := range []map[string]any{valid(nil).meshRoutes(), valid(nil).publicRoutes()} {
		routes := rules["http"].([]any)
		require.Len(t, routes, 1)
		assert.Equal(t, map[string]int{"stable": 100}, shares(t, routes[0]))
	}
}

func TestRoutesOfTheMeshAndTheGatewayDifferInHostAndPathOnly(t *testing.T) {
	args := valid(&Canary{Weight: 10, Mirror: 5, HeaderName: "canary", HeaderValue: "true"})
	mesh, public := args.meshRoutes(), args.publicRoutes()
	assert.Equal(t, []any{"scoring.risk.svc.cluster.local"}, mesh["hosts"])
	assert.Equal(t, []any{"mesh"}, mesh["gateways"])
	assert.Equal(t, []any{"api.example.com"}, public["hosts"])
	assert.Equal(t, []any{"risk/gate"}, public["gateways"])
	for i, route := range public["http"].([]any) {
		inMesh := mesh["http"].([]any)[i].(map[string]any)
		for key, value := range route.(map[string]any) {
			if key != "match" {
				assert.Equal(t, inMesh[key], value, key)
			}
		}
		for _, match := range route.(map[string]any)["match"].([]any) {
			delete(match.(map[string]any), "uri")
		}
	}
	assert.Equal(t, headers(mesh["http"].([]any)[0]), headers(public["http"].([]any)[0]))
}

func TestAControllerInTheMeshFindsTheSplitUnderThePublicHost(t *testing.T) {
	args := valid(nil)
	args.Public.Gateway = ""
	assert.Equal(t, []any{"scoring.risk.svc.cluster.local", "api.example.com"}, args.meshRoutes()["hosts"])
	args.Public = nil
	assert.Equal(t, []any{"scoring.risk.svc.cluster.local"}, args.meshRoutes()["hosts"])
}

func TestPathsEndAtASegment(t *testing.T) {
	assert.Equal(t, []map[string]any{{"prefix": "/"}}, pathsBelow("/"))
	assert.Equal(t, []map[string]any{{"exact": "/score"}, {"prefix": "/score/"}}, pathsBelow("/score"))
	public := valid(&Canary{Weight: 10, HeaderName: "canary", HeaderValue: "true"}).publicRoutes()["http"].([]any)
	header := map[string]any{"canary": map[string]any{"exact": "true"}}
	assert.Equal(t, []any{
		map[string]any{"uri": map[string]any{"exact": "/score"}, "headers": header},
		map[string]any{"uri": map[string]any{"prefix": "/score/"}, "headers": header},
	}, public[0].(map[string]any)["match"], "path and header must both fit, whichever the path")
}

func TestRetriesAndTimeout(t *testing.T) {
	for name, check := range map[string]struct {
		policy  Policy
		retries map[string]any
		timeout any
	}{
		"neither": {Policy{}, map[string]any{"attempts": 0}, nil},
		"both": {
			Policy{TimeoutSeconds: 3600, Retries: Retries{Attempts: 3}},
			map[string]any{"attempts": 3, "retryOn": "connect-failure,refused-stream,reset-before-request"}, "3600s",
		},
		"each try": {
			Policy{Retries: Retries{Attempts: 1, PerTryTimeoutSeconds: 7}},
			map[string]any{
				"attempts": 1, "perTryTimeout": "7s", "retryOn": "connect-failure,refused-stream,reset-before-request",
			}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			args := valid(&Canary{HeaderName: "canary", HeaderValue: "true"})
			args.Policy = check.policy
			for _, route := range args.routes(nil) {
				assert.Equal(t, check.retries, route.(map[string]any)["retries"], "without retries of its own, a route gets Istio's")
				assert.Equal(t, check.timeout, route.(map[string]any)["timeout"])
			}
		})
	}
}

func TestMirrorCopiesWhatTheWeightsShareOut(t *testing.T) {
	routes := valid(&Canary{Weight: 5, Mirror: 40, HeaderName: "canary", HeaderValue: "true"}).routes(nil)
	assert.NotContains(t, routes[0], "mirrors", "the canary has these already")
	assert.Equal(t, []any{map[string]any{
		"destination": map[string]any{
			"host": "scoring.risk.svc.cluster.local", "subset": "canary", "port": map[string]any{"number": 7003},
		},
		"percentage": map[string]any{"value": 40},
	}}, routes[1].(map[string]any)["mirrors"])
	for _, route := range valid(&Canary{HeaderName: "canary", HeaderValue: "true"}).routes(nil) {
		assert.NotContains(t, route, "mirrors")
	}
}

func TestDestinationRuleHasOnlyWhatIsBounded(t *testing.T) {
	args := valid(nil)
	assert.NotContains(t, args.destinationRule(), "trafficPolicy")
	args.Policy.Connections = Connections{MaxRequestsPerConnection: 3}
	assert.Equal(t, map[string]any{"connectionPool": map[string]any{"http": map[string]any{"maxRequestsPerConnection": 3}}},
		args.destinationRule()["trafficPolicy"])
	args.Policy.Connections = Connections{MaxConnections: 1, MaxPendingRequests: 2}
	args.Policy.OutlierDetection = OutlierDetection{
		Consecutive5xx: 4, IntervalSeconds: 5, BaseEjectionSeconds: 6, MaxEjectionPercent: 0, MinHealthPercent: 8,
	}
	assert.Equal(t, map[string]any{
		"connectionPool": map[string]any{
			"tcp": map[string]any{"maxConnections": 1}, "http": map[string]any{"http1MaxPendingRequests": 2},
		},
		"outlierDetection": map[string]any{
			"consecutive5xxErrors": 4, "interval": "5s", "baseEjectionTime": "6s", "maxEjectionPercent": 0, "minHealthPercent": 8,
		},
	}, args.destinationRule()["trafficPolicy"])
}

// shares are the weights of a route by subset.
func shares(t *testing.T, route any) map[string]int {
	t.Helper()
	weights := map[string]int{}
	for _, element := range route.(map[string]any)["route"].([]any) {
		destination := element.(map[string]any)["destination"].(map[string]any)
		assert.Equal(t, "scoring.risk.svc.cluster.local", destination["host"])
		assert.Equal(t, map[string]any{"number": 7003}, destination["port"])
		weights[destination["subset"].(string)] = element.(map[string]any)["weight"].(int)
	}
	return weights
}

// headers are the header matches of a route, one for each alternative that has one.
func headers(route any) []any {
	var found []any
	alternatives, _ := route.(map[string]any)["match"].([]any)
	for _, alternative := range alternatives {
		if header, ok := alternative.(map[string]any)["headers"]; ok && len(found) == 0 {
			found = append(found, header)
		}
	}
	return found
}
