package e2e

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// retainPaths are the keys by which the local stack lets each volume go.
var retainPaths = []string{
	"federated-risk:postgres.storage.retain", "federated-risk:redis.storage.retain",
	"federated-risk:services.model-serving.volume.retain",
}

var (
	namespaces = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	claims     = schema.GroupVersionResource{Version: "v1", Resource: "persistentvolumeclaims"}
	clusters   = schema.GroupVersionResource{Group: "postgresql.cnpg.io", Version: "v1", Resource: "clusters"}
)

// dataOutlivesADestroy: what holds data stays, nothing else does, and the next update goes on with it, as it is
// configured by then.
func (s *suite) dataOutlivesADestroy(t *testing.T) {
	for _, path := range retainPaths {
		s.set(t, path, "true")
	}
	s.up(t)
	before := s.holdingData(t)
	require.Len(t, before, 4)

	requireSuccess(t, s.Destroy(t.Context()))
	checkpoint, err := s.Workspace.Checkpoint()
	require.NoError(t, err)
	require.Zero(t, checkpoint.Resources, "resources left in the state")
	require.Equal(t, before, s.holdingData(t), "the destroy took data with it, or left a new object")
	for _, kind := range []string{"deployments.apps", "statefulsets.apps", "secrets", "services"} {
		for key, object := range s.settled(t) {
			if object.Kind == kind && object.Namespace == namespace && len(object.Content.GetOwnerReferences()) == 0 {
				assert.Fail(t, "left over: "+key)
			}
		}
	}

	s.set(t, "federated-risk:postgres.instances", "2")
	s.up(t)
	require.Equal(t, before, s.holdingData(t), "the update did not take over what was there")
	cluster := s.get(t, clusters, namespace, "postgres")
	instances, _, err := unstructured.NestedInt64(cluster.Object, "spec", "instances")
	require.NoError(t, err)
	assert.EqualValues(t, 2, instances, "the Cluster that was kept did not learn of the config")
	s.requireConverged(t)

	require.NoError(t, s.resetConfig())
	s.up(t)
	s.requireSameAsClean(t)
	s.requireDestroyed(t)
}

// holdingData returns the UIDs of the objects that data hangs on.
func (s *suite) holdingData(t *testing.T) map[string]types.UID {
	t.Helper()
	return map[string]types.UID{
		"namespace":     s.get(t, namespaces, "", namespace).GetUID(),
		"Postgres":      s.get(t, clusters, namespace, "postgres").GetUID(),
		"Redis":         s.get(t, claims, namespace, "data-redis-0").GetUID(),
		"model-serving": s.get(t, claims, namespace, "model-serving-feast").GetUID(),
	}
}

func (s *suite) get(t *testing.T, resource schema.GroupVersionResource, namespace, name string) *unstructured.Unstructured {
	t.Helper()
	object, err := s.dynamic.Resource(resource).Namespace(namespace).Get(t.Context(), name, metav1.GetOptions{})
	require.NoError(t, err)
	return object
}
