package kubernetes_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
)

// scaled is a Deployment with as many replicas, or none declared for "".
func scaled(t *testing.T, namespace, replicas, image string) resource.PropertyMap {
	t.Helper()
	return values(t, fmt.Sprintf("metadata: {name: web, namespace: %s}\nspec: {%s selector: {matchLabels: {app: web}}, "+
		"template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: %s}]}}}", namespace, replicas, image))
}

// updateScaled updates in place what an autoscaler counts: the engine has put the old value of an ignored field into the
// new inputs.
func (e *engine) updateScaled(old *state, inputs resource.PropertyMap, ignored ...string) *state {
	e.t.Helper()
	inputs = e.mustCheck(string(old.urn.Type()), old.urn.Name(), inputs, old.inputs)
	request := plugin.UpdateRequest{
		URN: old.urn, ID: old.id, OldInputs: old.inputs, OldOutputs: old.outputs, NewInputs: inputs, IgnoreChanges: ignored, Preview: true,
	}
	_, err := e.plugin.Update(e.t.Context(), request)
	require.NoError(e.t, err)
	request.Preview = false
	response, err := e.plugin.Update(e.t.Context(), request)
	require.NoError(e.t, err)
	return &state{urn: old.urn, id: old.id, inputs: inputs, outputs: response.Properties}
}

// counts records every number of replicas that a Deployment was told to have, until the returned function is called.
func (l *liveCluster) counts(namespace string) func() []int64 {
	l.t.Helper()
	watcher, err := l.resource("apps/v1", "Deployment", namespace).Watch(context.Background(), metav1.ListOptions{})
	require.NoError(l.t, err)
	seen, ended := []int64{}, make(chan struct{})
	go func() {
		defer close(ended)
		for event := range watcher.ResultChan() {
			object, ok := event.Object.(*unstructured.Unstructured)
			if !ok || event.Type == watch.Deleted {
				continue
			}
			replicas, _, _ := unstructured.NestedInt64(object.Object, "spec", "replicas")
			if len(seen) == 0 || seen[len(seen)-1] != replicas {
				seen = append(seen, replicas)
			}
			if object.GetAnnotations()["test/end"] != "" {
				watcher.Stop()
			}
		}
	}()
	return func() []int64 {
		// Events come in order: once the mark has come, so has all before it.
		l.patch("apps/v1", "Deployment", namespace, "web", `[{"op":"add","path":"/metadata/annotations/test~1end","value":"1"}]`)
		select {
		case <-ended:
		case <-time.After(30 * time.Second):
			l.t.Fatal("the watch does not end")
		}
		return seen
	}
}

// scale sets the number of replicas as an autoscaler does.
func (l *liveCluster) scale(namespace string, replicas int) {
	l.t.Helper()
	_, err := l.resource("apps/v1", "Deployment", namespace).Patch(context.Background(), "web", "application/merge-patch+json",
		fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, replicas), metav1.PatchOptions{FieldManager: "kube-controller-manager"}, "scale")
	require.NoError(l.t, err)
}

// TestReplicasThatADeclarationGivesUpBecomeOne is why the platform ignores changes of spec.replicas.
func TestReplicasThatADeclarationGivesUpBecomeOne(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	web, err := e.createFrom(deployment, "web", scaled(t, ns, "replicas: 3,", "web:1"))
	require.NoError(t, err)
	e.updateScaled(web, scaled(t, ns, "", "web:1"))
	replicas, _, _ := unstructured.NestedInt64(e.live.get("apps/v1", "Deployment", ns, "web").Object, "spec", "replicas")
	assert.EqualValues(t, 1, replicas)
}

func TestAnAutoscalerTakesOverWithoutLosingAPod(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	web, err := e.createFrom(deployment, "web", scaled(t, ns, "replicas: 3,", "web:1"))
	require.NoError(t, err)
	counted := e.live.counts(ns)

	// The autoscaler is there but has not decided anything yet.
	web = e.updateScaled(web, scaled(t, ns, "replicas: 3,", "web:2"), "spec.replicas")
	e.live.scale(ns, 5)
	web = e.updateScaled(web, scaled(t, ns, "replicas: 3,", "web:3"), "spec.replicas")
	e.live.scale(ns, 4)
	web = e.updateScaled(web, scaled(t, ns, "replicas: 3,", "web:4"), "spec.replicas")
	// The autoscaler goes, and the program decides again.
	e.updateScaled(web, scaled(t, ns, "replicas: 2,", "web:4"))
	assert.Equal(t, []int64{3, 5, 4, 2}, counted())
}

func TestAnAutoscalerCountsFromTheStart(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	web, err := e.createFrom(deployment, "web", scaled(t, ns, "", "web:1"))
	require.NoError(t, err)
	counted := e.live.counts(ns)
	e.live.scale(ns, 2)
	e.updateScaled(web, scaled(t, ns, "", "web:2"), "spec.replicas")
	assert.Equal(t, []int64{1, 2}, counted())
}
