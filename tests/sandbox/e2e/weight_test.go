package e2e

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/federated-risk/federated-risk/tests/sandbox/e2e/platformtest"
)

// shiftWeight is what the platform exists for: a change of the weight changes the routes, in the mesh and at the gateway,
// and nothing else in the whole cluster.
func (s *suite) shiftWeight(t *testing.T, before platformtest.Inventory, weight int64) {
	t.Helper()
	s.set(t, canaryPath+".weight", fmt.Sprint(weight))
	result := s.up(t)
	requireChanges(t, result, "update "+canaryRoute, "update "+publicRoute)
	assert.Empty(t, result.Problems(), result.Describe())
	assert.Equal(t, []int64{100 - weight, weight}, s.routeWeights(t))
	assert.ElementsMatch(t, weighted, before.Changes(s.settled(t)), "what changed in the cluster")

	outputs, err := s.Outputs(t.Context())
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"model-serving": float64(weight)}, outputs["canaryWeights"].Value)
}

// weighted is what a new weight changes in the cluster.
var weighted = []string{
	"~ virtualservices.networking.istio.io federated-risk/model-serving",
	"~ virtualservices.networking.istio.io federated-risk/model-serving-public",
}

// routeWeights returns the weights of the stable version and the canary on model-serving's live routes, and requires that
// those of the mesh and those of the gateway are the same.
func (s *suite) routeWeights(t *testing.T) []int64 {
	t.Helper()
	inMesh := s.liveWeights(t, "model-serving")
	require.Equal(t, inMesh, s.liveWeights(t, "model-serving-public"), "weights at the gateway")
	return inMesh
}

// liveWeights returns the weights on one VirtualService, and requires that the header match comes before them.
func (s *suite) liveWeights(t *testing.T, name string) []int64 {
	t.Helper()
	object, err := s.dynamic.Resource(virtualServices).Namespace(namespace).Get(t.Context(), name, metav1.GetOptions{})
	require.NoError(t, err)
	routes, _, err := unstructured.NestedSlice(object.Object, "spec", "http")
	require.NoError(t, err)
	require.Len(t, routes, 2)
	match, _, err := unstructured.NestedSlice(routes[0].(map[string]any), "match")
	require.NoError(t, err)
	require.NotEmpty(t, match)
	for _, alternative := range match {
		require.Equal(t, map[string]any{"canary": map[string]any{"exact": "true"}}, alternative.(map[string]any)["headers"])
	}

	destinations, _, err := unstructured.NestedSlice(routes[1].(map[string]any), "route")
	require.NoError(t, err)
	require.Len(t, destinations, 2)
	var weights []int64
	for i, subset := range []string{"stable", "canary"} {
		destination := destinations[i].(map[string]any)
		name, _, err := unstructured.NestedString(destination, "destination", "subset")
		require.NoError(t, err)
		require.Equal(t, subset, name)
		// A weight of zero may be left out.
		weight, _, err := unstructured.NestedInt64(destination, "weight")
		require.NoError(t, err)
		weights = append(weights, weight)
	}
	return weights
}
