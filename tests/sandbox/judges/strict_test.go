package judges_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster/clustertest"
	"github.com/federated-risk/federated-risk/tests/sandbox/rendertest"
)

// server is a real API server.
type server struct {
	client dynamic.Interface
	mapper meta.RESTMapper
}

func newServer(t *testing.T) *server {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a control plane")
	}
	config, err := clustertest.Start(t).RESTConfig()
	require.NoError(t, err)
	// It warns of every certificate, which reads "(secret)" here.
	config.WarningHandler = rest.NoWarnings{}
	client, err := dynamic.NewForConfig(config)
	require.NoError(t, err)
	known, err := discovery.NewDiscoveryClientForConfig(config)
	require.NoError(t, err)
	return &server{client, restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(known))}
}

// apply applies an object server-side, and dry unless told otherwise. A field that the API server does not know is an
// error, and so is a kind.
func (s *server) apply(ctx context.Context, object *unstructured.Unstructured, dryRun ...string) error {
	kind := object.GroupVersionKind()
	mapping, err := s.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return err
	}
	var resource dynamic.ResourceInterface = s.client.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		namespace := object.GetNamespace()
		if namespace == "" {
			namespace = object.GetAnnotations()[rendertest.ReleaseNamespace]
		}
		resource = s.client.Resource(mapping.Resource).Namespace(namespace)
	}
	content, err := object.MarshalJSON()
	if err != nil {
		return err
	}
	_, err = resource.Patch(ctx, object.GetName(), types.ApplyPatchType, content, metav1.PatchOptions{
		DryRun: dryRun, FieldManager: "judges", FieldValidation: metav1.FieldValidationStrict,
	})
	return err
}

// stack renders a variant in namespaces of its own and makes these.
func (s *server) stack(t *testing.T, v variant) []*unstructured.Unstructured {
	t.Helper()
	objects := rendertest.WithCharts(t, v.stack, append([]string{"namespace=judges-" + v.name}, v.config...)...)
	for _, object := range objects {
		if object.GetKind() == "Namespace" {
			require.NoError(t, s.apply(t.Context(), object))
		}
	}
	return objects
}

func TestAPIServerAcceptsEveryObjectStrictly(t *testing.T) {
	s := newServer(t)
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			for _, object := range s.stack(t, v) {
				assert.NoError(t, s.apply(t.Context(), object, metav1.DryRunAll), "%s %s", object.GetKind(), object.GetName())
			}
		})
	}
}

func TestAPIServerRefusesWhatIsWrong(t *testing.T) {
	s := newServer(t)
	objects := s.stack(t, variant{"wrong", "local", nil})
	dry := func(object *unstructured.Unstructured) error { return s.apply(t.Context(), object, metav1.DryRunAll) }

	deployment := find(t, objects, "Deployment", "frontend")
	require.NoError(t, dry(deployment))
	container(t, deployment)["imagPullPolicy"] = "Always"
	require.ErrorContains(t, dry(deployment), "imagPullPolicy")

	route := find(t, objects, "VirtualService", "model-serving")
	require.NoError(t, dry(route))
	route.Object["spec"].(map[string]any)["gateway"] = []any{"mesh"}
	require.ErrorContains(t, dry(route), "gateway")

	database := find(t, objects, "Cluster", "postgres")
	require.NoError(t, dry(database))
	database.Object["spec"].(map[string]any)["instances"] = "three"
	require.ErrorContains(t, dry(database), "instances")

	unheardOf := find(t, objects, "Deployment", "frontend")
	unheardOf.SetGroupVersionKind(schema.GroupVersionKind{Group: "example.com", Version: "v1", Kind: "Unheard"})
	assert.True(t, meta.IsNoMatchError(dry(unheardOf)), "a kind without a CRD must not pass")
}
