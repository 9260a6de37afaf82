package mesh

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/federated-risk/federated-risk/tests/sandbox/istio"
)

var errUnchanged = errors.New("the fault has not reached the proxy")

// TestFaultsShowInTheProxies breaks the program's own VirtualService, one fault at a time, and requires that what the
// other tests rest on tells.
func TestFaultsShowInTheProxies(t *testing.T) {
	w := start(t)
	const weight = "services.model-serving.canary.weight=10"
	p := w.deploy(t, "faults", weight)
	sidecar := p.views(t)[0].stream
	request, split := p.inside(modelServing), p.split(modelServing, 10)
	requireRoute(t, sidecar, request, split)
	for name, fault := range map[string]func(destination map[string]any){
		"a subset that no DestinationRule has":  func(destination map[string]any) { destination["subset"] = "missing" },
		"a port that the Service does not have": func(destination map[string]any) { destination["port"] = map[string]any{"number": int64(7999)} },
		"a host that is no Service":             func(destination map[string]any) { destination["host"] = "nobody.faults.svc.cluster.local" },
	} {
		t.Run(name, func(t *testing.T) {
			p.apply(t, editDestinations(t, p.virtualService(t, weight), fault))
			var answer *istio.Answer
			config, err := sidecar.Await(t.Context(), func(config *istio.Config) (err error) {
				if answer, err = config.Resolve(request); err == nil && answer.Shares[0] == split[0] {
					return errUnchanged
				}
				return err
			})
			require.NoError(t, err)
			require.ErrorIs(t, dangling(config, answer), errDangling)

			p.apply(t, p.virtualService(t, weight))
			requireRoute(t, sidecar, request, split)
		})
	}
}

// virtualService is the one that decides how pods reach model-serving.
func (p *platform) virtualService(t *testing.T, overrides ...string) *unstructured.Unstructured {
	t.Helper()
	for _, object := range p.objects(t, overrides...) {
		if object.GetKind() == "VirtualService" && object.GetName() == modelServing.name {
			return object
		}
	}
	require.Fail(t, "no VirtualService is called "+modelServing.name)
	return nil
}

// editDestinations changes every destination of a VirtualService.
func editDestinations(t *testing.T, object *unstructured.Unstructured, change func(map[string]any)) *unstructured.Unstructured {
	t.Helper()
	return editShares(t, object, func(share map[string]any) { change(share["destination"].(map[string]any)) })
}

// editShares changes every destination of a VirtualService with its weight.
func editShares(t *testing.T, object *unstructured.Unstructured, change func(map[string]any)) *unstructured.Unstructured {
	t.Helper()
	routes, _, err := unstructured.NestedSlice(object.Object, "spec", "http")
	require.NoError(t, err)
	require.NotEmpty(t, routes)
	for _, entry := range routes {
		for _, share := range entry.(map[string]any)["route"].([]any) {
			change(share.(map[string]any))
		}
	}
	require.NoError(t, unstructured.SetNestedSlice(object.Object, routes, "spec", "http"))
	return object
}
