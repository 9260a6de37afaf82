package kubernetes

import (
	"errors"
	"io"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// declaredKinds are the kinds that custom resource definitions of this very run will add to the API server. In a
// preview they are the only evidence that a kind is going to exist. It is safe for concurrent use.
type declaredKinds struct {
	mu         sync.RWMutex
	namespaced map[schema.GroupKind]bool
}

func newDeclaredKinds() *declaredKinds {
	return &declaredKinds{namespaced: map[schema.GroupKind]bool{}}
}

// add takes note of object if it is a custom resource definition.
func (d *declaredKinds) add(object map[string]any) {
	definition := &unstructured.Unstructured{Object: object}
	if definition.GroupVersionKind().GroupKind() != definitionKind {
		return
	}
	group, _, _ := unstructured.NestedString(object, "spec", "group")
	kind, _, _ := unstructured.NestedString(object, "spec", "names", "kind")
	scope, _, _ := unstructured.NestedString(object, "spec", "scope")
	d.mu.Lock()
	defer d.mu.Unlock()
	d.namespaced[schema.GroupKind{Group: group, Kind: kind}] = scope == "Namespaced"
}

// addManifest takes note of the custom resource definitions in a stream of YAML documents.
func (d *declaredKinds) addManifest(manifest string) {
	documents := yaml.NewYAMLOrJSONDecoder(strings.NewReader(manifest), 4096)
	for {
		var object map[string]any
		err := documents.Decode(&object)
		if errors.Is(err, io.EOF) {
			return
		}
		if err == nil && object != nil {
			d.add(object)
		} else if err != nil {
			return // whoever installs the manifest will say what is wrong with it
		}
	}
}

// scope tells whether kind will exist, and whether its objects are in namespaces.
func (d *declaredKinds) scope(kind schema.GroupKind) (namespaced, declared bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	namespaced, declared = d.namespaced[kind]
	return namespaced, declared
}

var definitionKind = schema.GroupKind{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}
