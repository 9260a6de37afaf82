package mesh

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/istio"
)

// TestWeightsReachTheProxies changes the canary's weight as an operator does. The proxies stay connected all the time: the
// weights must be pushed to them.
func TestWeightsReachTheProxies(t *testing.T) {
	w := start(t)
	weighted := func(weight int) string { return fmt.Sprintf("services.model-serving.canary.weight=%d", weight) }
	p := w.deploy(t, "weights", weighted(0))
	views := p.views(t)
	for _, weight := range []int{0, 10, 50, 100, 0} {
		p.update(t, weighted(weight))
		for _, view := range views {
			t.Run(fmt.Sprintf("%d %% by %s", weight, view.name), func(t *testing.T) {
				request := view.request(modelServing)
				config, answer := requireRoute(t, view.stream, request, p.split(modelServing, weight))
				// The same answer for whatever is below the path, and for any other value of the header.
				for _, similar := range []istio.Request{withHeader(request, "canary", "false"), below(request)} {
					other, err := config.Resolve(similar)
					require.NoError(t, err)
					assert.Equal(t, answer.Shares, other.Shares)
				}
				canary, err := config.Resolve(withHeader(request, "canary", "true"))
				require.NoError(t, err)
				assert.Equal(t, p.split(modelServing, 100), canary.Shares, "with the header")
				require.NoError(t, dangling(config, canary))
				assert.NotEmpty(t, canary.Route.GetMatch().GetHeaders(), "the route of the header has taken the request")
			})
		}
	}
}

func below(request istio.Request) istio.Request {
	if request.Path == "/" {
		request.Path = ""
	}
	request.Path += "/v1/x"
	return request
}

func TestEveryServiceIsReachedByNameAndByPath(t *testing.T) {
	w := start(t)
	p := w.deploy(t, "services")
	for _, view := range p.views(t) {
		t.Run(view.name, func(t *testing.T) {
			for _, s := range services {
				config, answer := requireRoute(t, view.stream, view.request(s), p.split(s, 0))
				assert.Equal(t, s.port, answer.Shares[0].Port())
				_, err := config.Resolve(below(view.request(s)))
				require.NoError(t, err)
			}
		})
	}
}

// TestSubsetsHoldThePodsOfTheirVersion compares the endpoints with the pods that the cluster has.
func TestSubsetsHoldThePodsOfTheirVersion(t *testing.T) {
	w := start(t)
	p := w.deploy(t, "subsets", "services.model-serving.canary.replicas=2")
	for _, view := range p.views(t) {
		stable := p.requireMembers(t, view, "stable", 1)
		canary := p.requireMembers(t, view, "canary", 2)
		assert.NotSubset(t, stable, canary, view.name)
	}
}

// requireMembers waits until the proxy knows exactly the pods of the version, at least so many, and returns them.
func (p *platform) requireMembers(t *testing.T, view view, version string, count int) []string {
	t.Helper()
	var want []string
	_, err := view.stream.Await(t.Context(), func(config *istio.Config) error {
		want = addresses(p.pods(t, p.namespace, "app=model-serving,version="+version, count))
		if found := config.Addresses(p.cluster(modelServing, version)); !slices.Equal(want, found) {
			return fmt.Errorf("the %s pods are %v, those of the cluster %v", version, want, found)
		}
		return nil
	})
	require.NoError(t, err, view.name)
	return want
}
