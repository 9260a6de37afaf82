package e2e

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// canaryWeight is what the platform exists for: a change of the weight changes the route and nothing else.
func (s *suite) canaryWeight(t *testing.T) {
	require.Equal(t, []int64{100, 0}, s.routeWeights(t), "weights at the start")
	for _, weight := range []int64{10, 50, 0} {
		t.Run(fmt.Sprint(weight), func(t *testing.T) {
			before := s.settled(t)
			s.set(t, canaryPath+".weight", fmt.Sprint(weight))
			result := s.up(t)
			requireChanges(t, result, "update "+canaryRoute)
			assert.Empty(t, result.Problems(), result.Describe())
			assert.Equal(t, []int64{100 - weight, weight}, s.routeWeights(t))
			assert.Equal(t, []string{"~ virtualservices.networking.istio.io federated-risk/model-serving"},
				before.Changes(s.settled(t)), "what changed in the cluster")

			outputs, err := s.Outputs(t.Context())
			require.NoError(t, err)
			assert.Equal(t, map[string]any{"model-serving": float64(weight)}, outputs["canaryWeights"].Value)
		})
	}
}

// routeWeights returns the weights of the stable version and the canary on model-serving's live route, and requires that
// the header match comes before them.
func (s *suite) routeWeights(t *testing.T) []int64 {
	t.Helper()
	object, err := s.dynamic.Resource(virtualServices).Namespace(namespace).Get(t.Context(), "model-serving", metav1.GetOptions{})
	require.NoError(t, err)
	routes, _, err := unstructured.NestedSlice(object.Object, "spec", "http")
	require.NoError(t, err)
	require.Len(t, routes, 2)
	match, _, err := unstructured.NestedSlice(routes[0].(map[string]any), "match")
	require.NoError(t, err)
	require.Equal(t, []any{map[string]any{"headers": map[string]any{"canary": map[string]any{"exact": "true"}}}}, match)

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
