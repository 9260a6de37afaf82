// Package judges_test has tools that know Kubernetes judge what the program declares.
package judges_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// variant is a stack with a change of its config.
type variant struct {
	name, stack string
	config      []string
}

// variants are every stack with a canary that has a share of the traffic, and without one.
var variants = []variant{
	{"dev", "dev", nil},
	{"dev-canary", "dev", canary},
	{"local", "local", []string{"services.model-serving.canary.image="}},
	{"local-canary", "local", canary},
	{"prod", "prod", nil},
	{"prod-canary", "prod", canary},
}

var canary = []string{
	"services.model-serving.canary.image=registry.example.com/federated-risk/model-serving:1.1.0",
	"services.model-serving.canary.weight=25",
}

// find returns a copy of an object that a test is about to spoil.
func find(t *testing.T, objects []*unstructured.Unstructured, kind, name string) *unstructured.Unstructured {
	t.Helper()
	for _, object := range objects {
		if object.GetKind() == kind && object.GetName() == name {
			return object.DeepCopy()
		}
	}
	t.Fatalf("the program declares no %s %s", kind, name)
	return nil
}

// container returns the first container of a Deployment, to be changed.
func container(t *testing.T, deployment *unstructured.Unstructured) map[string]any {
	t.Helper()
	spec, _ := deployment.Object["spec"].(map[string]any)
	template, _ := spec["template"].(map[string]any)
	pod, _ := template["spec"].(map[string]any)
	containers, _ := pod["containers"].([]any)
	if len(containers) == 0 {
		t.Fatalf("Deployment %s has no container", deployment.GetName())
	}
	return containers[0].(map[string]any)
}
