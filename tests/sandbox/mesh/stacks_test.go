package mesh

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/istio"
)

// TestStacksOfOneClusterKeepApart has two stacks share a cluster and its ingress gateway, as a blue and a green one may.
func TestStacksOfOneClusterKeepApart(t *testing.T) {
	w := start(t)
	one, two := w.deploy(t, "stack-one", "services.model-serving.canary.weight=10"), w.deploy(t, "stack-two", "services.model-serving.canary.weight=50")
	outside := w.gateway(t)
	requireRoute(t, outside, one.outside(modelServing), one.split(modelServing, 10))
	config, _ := requireRoute(t, outside, two.outside(modelServing), two.split(modelServing, 50))

	t.Run("the host of the other on a connection to the one", func(t *testing.T) {
		mixed := one.outside(modelServing)
		mixed.Host = two.publicHost(modelServing)
		// The gateway may serve both hosts on one port, then the route must still be that of the host.
		answer, err := config.Resolve(mixed)
		if err == nil {
			require.Equal(t, two.split(modelServing, 50), answer.Shares)
		} else {
			require.ErrorIs(t, err, istio.ErrNoRoute)
		}
	})
	t.Run("a host of neither", func(t *testing.T) {
		_, err := config.Resolve(istio.Request{Port: gatewayPort, ServerName: "api.stack-three.example", Host: "api.stack-three.example", Path: "/score"})
		require.ErrorIs(t, err, istio.ErrNoRoute)
	})
	t.Run("a path that is no service's", func(t *testing.T) {
		request := one.outside(modelServing)
		for _, path := range []string{"/", "/scores", "/metrics"} {
			request.Path = path
			_, err := config.Resolve(request)
			require.ErrorIs(t, err, istio.ErrNoRoute, path)
		}
	})
}
