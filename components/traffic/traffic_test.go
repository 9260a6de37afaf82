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
	}
}

func TestCheckReportsEveryFaultAtOnce(t *testing.T) {
	require.NoError(t, valid(nil).check())
	require.NoError(t, valid(&Canary{Weight: 100, HeaderName: "canary", HeaderValue: "true"}).check())
	require.ErrorContains(t, (*Args)(nil).check(), "args is nil")
	for _, weight := range []int{-1, 101} {
		err := (&Args{Canary: &Canary{Weight: weight}}).check()
		for _, fault := range []string{
			"args.Namespace", "args.ServiceName", "args.Port is 0", "args.Canary.Weight is", "args.Canary.HeaderName", "args.Canary.HeaderValue",
		} {
			assert.ErrorContains(t, err, fault)
		}
	}
}

func TestNewRefusesBadArgs(t *testing.T) {
	_, err := New(nil, "routes", nil)
	assert.EqualError(t, err, `traffic "routes": args is nil`)
}

// TestSplitIsWholeForEveryWeight looks at all weights: Istio refuses or skews routes whose weights do not sum to 100.
func TestSplitIsWholeForEveryWeight(t *testing.T) {
	for weight := range 101 {
		routes := valid(&Canary{Weight: weight, HeaderName: "canary", HeaderValue: "true"}).split()
		require.Len(t, routes, 2)
		for i, route := range routes {
			total := 0
			for _, share := range shares(t, route) {
				assert.GreaterOrEqual(t, share, 0)
				total += share
			}
			assert.Equal(t, 100, total, "route %d at weight %d", i, weight)
		}
		header, weighted := routes[0].(map[string]any), routes[1].(map[string]any)
		assert.Contains(t, header, "match", "the header must come first: the first route that matches wins")
		assert.NotContains(t, weighted, "match")
		assert.Equal(t, map[string]int{"canary": 100}, shares(t, header))
		assert.Equal(t, map[string]int{"stable": 100 - weight, "canary": weight}, shares(t, weighted))
	}
	routes := valid(nil).split()
	require.Len(t, routes, 1)
	assert.Equal(t, map[string]int{"stable": 100}, shares(t, routes[0]))
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
