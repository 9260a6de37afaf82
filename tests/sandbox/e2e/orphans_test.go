package e2e

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/federated-risk/federated-risk/tests/sandbox/e2e/platformtest"
)

// orphanKinds are the kinds of which the program declares objects without a name of their own.
var orphanKinds = map[string]schema.GroupVersionResource{
	"kubernetes:core/v1:Secret":    {Version: "v1", Resource: "secrets"},
	"kubernetes:core/v1:ConfigMap": {Version: "v1", Resource: "configmaps"},
}

// nameMade ends a name that Pulumi made.
var nameMade = regexp.MustCompile(`-[0-9a-f]{8}$`)

// removeOrphans removes what an engine has left that was killed between the making of an object and the state that tells of
// it (docs/decisions.md): objects of the platform with names made by Pulumi that the state does not know. Anything else that
// a killed engine leaves is a defect.
func (s *suite) removeOrphans(t *testing.T) {
	t.Helper()
	known := s.namesInState(t)
	for kind, resource := range orphanKinds {
		client := s.dynamic.Resource(resource).Namespace(namespace)
		list, err := client.List(t.Context(), metav1.ListOptions{LabelSelector: "app.kubernetes.io/managed-by=pulumi"})
		require.NoError(t, err)
		require.NotEmpty(t, list.Items, kind)
		for _, object := range list.Items {
			if name := object.GetName(); nameMade.MatchString(name) && !known[kind+" "+name] {
				platformtest.Progress("  an engine left " + kind + " " + name)
				require.NoError(t, client.Delete(t.Context(), name, metav1.DeleteOptions{}))
			}
		}
	}
}

// namesInState are the objects that the state knows, each "<type> <name in the cluster>".
func (s *suite) namesInState(t *testing.T) map[string]bool {
	t.Helper()
	var resources []struct {
		Type    string
		Outputs struct {
			Metadata struct{ Name string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(s.stateResources(t)), &resources))
	known := map[string]bool{}
	for _, resource := range resources {
		known[resource.Type+" "+resource.Outputs.Metadata.Name] = true
	}
	return known
}
