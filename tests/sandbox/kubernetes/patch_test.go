package kubernetes_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/kube"
)

const (
	deploymentPatch = deployment + "Patch"
	configMapPatch  = configMap + "Patch"
)

// replicasPatch is a patch of the Deployment web's number of pods.
func replicasPatch(namespace, annotations string, replicas int) string {
	return fmt.Sprintf("kind: Deployment\nmetadata: {name: web, namespace: %s, annotations: {%s}}\nspec: {replicas: %d}",
		namespace, annotations, replicas)
}

// dataPatch is a patch of the ConfigMap settings.
func dataPatch(namespace, annotations, data string) string {
	return fmt.Sprintf("kind: ConfigMap\nmetadata: {name: settings, namespace: %s, annotations: {%s}}\ndata: {%s}",
		namespace, annotations, data)
}

// createUnseen creates without a preview, as an up with --skip-preview does.
func (e *engine) createUnseen(token, name, inputs string) error {
	e.t.Helper()
	checked := e.mustCheck(token, name, values(e.t, inputs), nil)
	_, err := e.plugin.Create(e.t.Context(), plugin.CreateRequest{URN: urn(token, name), Properties: checked})
	return err
}

// replicas returns how many pods the Deployment web is to have, and which managers say so.
func (l *liveCluster) replicas(namespace string) (count int64, owners []string) {
	l.t.Helper()
	live := l.get("apps/v1", "Deployment", namespace, "web")
	require.NotNil(l.t, live)
	owners, err := kube.Owners(live.GetManagedFields(), "spec", "replicas")
	require.NoError(l.t, err)
	slices.Sort(owners)
	count, _, _ = unstructured.NestedInt64(live.Object, "spec", "replicas")
	return count, owners
}

func (l *liveCluster) requireReplicas(namespace string, count int64, owners ...string) {
	l.t.Helper()
	gotCount, gotOwners := l.replicas(namespace)
	require.Equal(l.t, count, gotCount)
	require.Equal(l.t, owners, gotOwners)
}

// data returns what the ConfigMap settings holds.
func (l *liveCluster) data(namespace string) map[string]string {
	l.t.Helper()
	live := l.get("v1", "ConfigMap", namespace, "settings")
	require.NotNil(l.t, live)
	data, _, err := unstructured.NestedStringMap(live.Object, "data")
	require.NoError(l.t, err)
	return data
}

// startScaled returns an engine, and a namespace with the Deployment web, which an autoscaler has scaled to three.
func startScaled(t *testing.T) (*engine, string) {
	t.Helper()
	e := start(t, programOptions())
	ns := e.namespace()
	_, err := e.createFrom(deployment, "web", scaled(t, ns, "", "web:1"))
	require.NoError(t, err)
	e.live.scale(ns, 3)
	return e, ns
}

func TestPatchLifeCycle(t *testing.T) {
	e, ns := startScaled(t)
	before := e.live.get("apps/v1", "Deployment", ns, "web")
	const named = `pulumi.com/patchFieldManager: stop`
	created := e.mustCreate(deploymentPatch, "stop", replicasPatch(ns, named, 0))
	assert.Equal(t, resource.ID(ns+"/web"), created.id)
	e.live.requireReplicas(ns, 0, "stop")
	stopped := e.live.get("apps/v1", "Deployment", ns, "web")
	assert.Equal(t, "stop", stopped.GetAnnotations()["pulumi.com/patchFieldManager"], "the annotation is a field like any other")
	assert.Equal(t, "web:1", created.outputs["spec"].ObjectValue()["template"].ObjectValue()["spec"].ObjectValue()["containers"].
		ArrayValue()[0].ObjectValue()["image"].StringValue(), "outputs are those of the whole object")

	step, same, err := e.update(created, replicasPatch(ns, named, 0))
	require.NoError(t, err)
	assert.Equal(t, "same", step)
	assert.Equal(t, created.inputs, e.refresh(same).inputs)

	step, updated, err := e.update(same, replicasPatch(ns, named, 2))
	require.NoError(t, err)
	assert.Equal(t, "update", step)
	e.live.requireReplicas(ns, 2, "stop")

	e.live.scale(ns, 5)
	drifted := e.refresh(updated)
	assert.Equal(t, values(t, replicasPatch(ns, named, 5))["spec"], drifted.inputs["spec"])
	step, repaired, err := e.update(drifted, replicasPatch(ns, named, 2))
	require.NoError(t, err)
	assert.Equal(t, "update", step)
	e.live.requireReplicas(ns, 2, "stop")

	require.NoError(t, e.delete(repaired, time.Minute))
	e.live.requireReplicas(ns, 1)
	after := e.live.get("apps/v1", "Deployment", ns, "web")
	assert.Equal(t, before.GetUID(), after.GetUID())
	assert.NotContains(t, after.GetAnnotations(), "pulumi.com/patchFieldManager")
	require.NoError(t, e.delete(repaired, time.Minute), "what is given up is given up")
}

func TestPatchWaitsForTheObject(t *testing.T) {
	e, ns := startScaled(t)
	patch := func(annotations string) string {
		return fmt.Sprintf("kind: Deployment\nmetadata: {name: web, namespace: %s, annotations: {pulumi.com/timeoutSeconds: '3', %s}}\n"+
			"spec: {template: {spec: {nodeSelector: {disk: floppy}}}}", ns, annotations)
	}
	failed, err := e.create(deploymentPatch, "floppy", patch(""))
	require.ErrorContains(t, err, "Deployment "+ns+"/web was not ready in time after 3")
	require.NotNil(t, failed, "the engine records what has been applied")
	manager := failed.outputs["__fieldManager"].StringValue()
	assert.Regexp(t, `^pulumi-kubernetes-[0-9a-f]{8}$`, manager, "or no later run could take it back")
	require.NoError(t, e.delete(failed, time.Minute))
	_, selects, _ := unstructured.NestedMap(e.live.get("apps/v1", "Deployment", ns, "web").Object, "spec", "template", "spec", "nodeSelector")
	assert.False(t, selects)

	_, err = e.create(deploymentPatch, "floppy", patch(`pulumi.com/skipAwait: "true"`))
	require.NoError(t, err)
}

// TestPatchOfAKilledUpdate is why the platform names the field manager of what it stops.
func TestPatchOfAKilledUpdate(t *testing.T) {
	// killed creates a patch twice, the first time in an update that ended before its state was written, and deletes it.
	killed := func(e *engine, ns, annotations string) {
		e.mustCreate(deploymentPatch, "stop", replicasPatch(ns, annotations, 0))
		again := e.mustCreate(deploymentPatch, "stop", replicasPatch(ns, annotations, 0))
		require.NoError(e.t, e.delete(again, time.Minute))
	}
	t.Run("with a name", func(t *testing.T) {
		e, ns := startScaled(t)
		killed(e, ns, `pulumi.com/patchFieldManager: stop`)
		e.live.requireReplicas(ns, 1)
	})
	t.Run("without", func(t *testing.T) {
		e, ns := startScaled(t)
		killed(e, ns, "")
		count, owners := e.live.replicas(ns)
		assert.Zero(t, count)
		require.Len(t, owners, 1, "the manager whose name is lost")
		assert.Regexp(t, `^pulumi-kubernetes-[0-9a-f]{8}$`, owners[0])
	})
}

func TestPatchKeepsItsManager(t *testing.T) {
	e, ns := startScaled(t)
	created := e.mustCreate(deploymentPatch, "stop", replicasPatch(ns, "", 0))
	manager := created.outputs["__fieldManager"].StringValue()
	e.live.requireReplicas(ns, 0, manager)
	_, updated, err := e.update(e.refresh(created), replicasPatch(ns, "", 2))
	require.NoError(t, err)
	e.live.requireReplicas(ns, 2, manager)

	_, renamed, err := e.update(updated, replicasPatch(ns, "pulumi.com/patchFieldManager: stop", 2))
	require.NoError(t, err)
	e.live.requireReplicas(ns, 2, "stop")
	_, unnamed, err := e.update(renamed, replicasPatch(ns, "", 2))
	require.NoError(t, err)
	e.live.requireReplicas(ns, 2, "stop")
	require.NoError(t, e.delete(unnamed, time.Minute))
	e.live.requireReplicas(ns, 1)
}

func TestPatchPreviewChangesNothing(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	version := func() string { return e.live.get("v1", "ConfigMap", ns, "settings").GetResourceVersion() }
	e.live.apply("v1", "ConfigMap", ns, "settings", "data: {a: theirs}")
	before := version()
	checked := e.mustCheck(configMapPatch, "settings", values(t, dataPatch(ns, "", "b: ours")), nil)
	previewed, err := e.plugin.Create(t.Context(), plugin.CreateRequest{
		URN: urn(configMapPatch, "settings"), Properties: checked, Preview: true,
	})
	require.NoError(t, err)
	assert.Equal(t, checked, previewed.Properties)
	assert.Equal(t, before, version())

	created := e.mustCreate(configMapPatch, "settings", dataPatch(ns, "", "b: ours"))
	before = version()
	planned, err := e.plugin.Update(t.Context(), plugin.UpdateRequest{
		URN: created.urn, ID: created.id, OldInputs: created.inputs, OldOutputs: created.outputs, Preview: true,
		NewInputs: e.mustCheck(configMapPatch, "settings", values(t, dataPatch(ns, "", "b: ours, c: ours")), created.inputs),
	})
	require.NoError(t, err)
	assert.Equal(t, values(t, "{a: theirs, b: ours, c: ours}"), planned.Properties["data"].ObjectValue())
	assert.Equal(t, created.outputs["__fieldManager"], planned.Properties["__fieldManager"])
	assert.Equal(t, before, version())
}

func TestPatchConflicts(t *testing.T) {
	forcing, strict := start(t, programOptions()), start(t, resource.PropertyMap{})
	ns := strict.namespace()
	const conflict = `fields belong to another manager: data.a (conflict with "somebody-else"`
	strict.live.apply("v1", "ConfigMap", ns, "settings", "data: {a: theirs}")
	_, err := strict.create(configMapPatch, "settings", dataPatch(ns, "", "a: ours"))
	require.ErrorContains(t, err, "preview: ")
	require.ErrorContains(t, err, conflict)
	err = strict.createUnseen(configMapPatch, "settings", dataPatch(ns, "", "a: ours"))
	require.ErrorContains(t, err, conflict)
	err = forcing.createUnseen(configMapPatch, "settings", dataPatch(ns, `pulumi.com/patchForce: "false"`, "a: ours"))
	require.ErrorContains(t, err, conflict)
	assert.Equal(t, map[string]string{"a": "theirs"}, strict.live.data(ns))

	created := strict.mustCreate(configMapPatch, "settings", dataPatch(ns, `pulumi.com/patchForce: "true"`, "a: ours"))
	assert.Equal(t, map[string]string{"a": "ours"}, strict.live.data(ns))
	strict.live.apply("v1", "ConfigMap", ns, "settings", "data: {b: theirs}")
	_, _, err = strict.update(created, dataPatch(ns, "", "a: ours, b: ours"))
	require.ErrorContains(t, err, `data.b (conflict with "somebody-else"`)
	require.NoError(t, strict.delete(created, time.Minute))
	assert.Equal(t, map[string]string{"b": "theirs"}, strict.live.data(ns))

	created = strict.mustCreate(configMapPatch, "settings", dataPatch(ns, "", "c: ours"))
	_, _, err = strict.update(created, dataPatch(ns, "", "c: changed"))
	require.NoError(t, err, "there is no conflict with oneself")
	assert.Equal(t, map[string]string{"b": "theirs", "c": "changed"}, strict.live.data(ns))
}

func TestPatchOfAMissingObject(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	missing := "ConfigMap " + ns + "/settings does not exist, and a patch is for an object that does"
	_, err := e.create(configMapPatch, "settings", dataPatch(ns, "", "a: ours"))
	require.ErrorContains(t, err, missing)
	assert.NotContains(t, err.Error(), "preview: ", "the same update may create it")
	assert.Nil(t, e.live.get("v1", "ConfigMap", ns, "settings"))

	e.live.apply("v1", "ConfigMap", ns, "settings", "data: {b: theirs}")
	created := e.mustCreate(configMapPatch, "settings", dataPatch(ns, "", "a: ours"))
	e.live.delete("v1", "ConfigMap", ns, "settings")
	_, _, err = e.update(created, dataPatch(ns, "", "a: others"))
	require.ErrorContains(t, err, missing)
	assert.Nil(t, e.refresh(created))
	require.NoError(t, e.delete(created, time.Minute))
	assert.Nil(t, e.live.get("v1", "ConfigMap", ns, "settings"), "nor does giving up create it")
}

func TestPatchOfARequiredField(t *testing.T) {
	e, ns := startScaled(t)
	created := e.mustCreate(deploymentPatch, "image", fmt.Sprintf("kind: Deployment\nmetadata: {name: web, namespace: %s}\n"+
		"spec: {template: {spec: {containers: [{name: web, image: web:2}]}}}", ns))
	err := e.delete(created, time.Minute)
	require.ErrorContains(t, err, "Deployment "+ns+"/web needs spec.template.spec.containers[0].image, which nobody but this patch sets")
	require.ErrorContains(t, err, "retainOnDelete")
}

func TestPatchIgnoresChanges(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	e.live.apply("v1", "ConfigMap", ns, "settings", "data: {a: theirs}")
	created := e.mustCreate(configMapPatch, "settings", dataPatch(ns, "", "b: ours"))
	e.updateScaled(created, values(t, dataPatch(ns, "", "b: ours, c: ours")), "data.b")
	assert.Equal(t, map[string]string{"a": "theirs", "b": "ours", "c": "ours"}, e.live.data(ns))

	e.live.patch("v1", "ConfigMap", ns, "settings", `[{"op": "replace", "path": "/data/b", "value": "edited"}]`)
	e.updateScaled(created, values(t, dataPatch(ns, "", "b: ours, c: changed")), "data.b")
	assert.Equal(t, map[string]string{"a": "theirs", "b": "edited", "c": "changed"}, e.live.data(ns))
}

func TestPatchRefreshKeepsTheSpelling(t *testing.T) {
	e, ns := startScaled(t)
	created := e.mustCreate(deploymentPatch, "cpu", fmt.Sprintf("kind: Deployment\nmetadata: {name: web, namespace: %s}\n"+
		"spec: {template: {spec: {containers: [{name: web, resources: {requests: {cpu: 1000m}}}]}}}", ns))
	assert.Equal(t, created.inputs, e.refresh(created).inputs, "1000m is what the API server calls 1")
}

func TestPatchChangesInPlace(t *testing.T) {
	e, ns := startScaled(t)
	patch := func(name, spec string) resource.PropertyMap {
		return values(t, fmt.Sprintf("kind: Deployment\nmetadata: {name: %s, namespace: %s}\nspec: {%s}", name, ns, spec))
	}
	created, err := e.createFrom(deploymentPatch, "web", patch("web", "replicas: 1"))
	require.NoError(t, err)
	for spec, want := range map[string][]string{
		"replicas: 2": {"spec.replicas"},
		"replicas: 1, selector: {matchLabels: {app: other}}": {"spec.selector"},
	} {
		diff := e.diff(created, e.mustCheck(deploymentPatch, "web", patch("web", spec), created.inputs))
		assert.Equal(t, want, changed(diff), "though the API server would call the selector immutable")
		assert.True(t, diff.DeleteBeforeReplace, "two patches of one manager cannot exist at once")
	}
	diff := e.diff(created, e.mustCheck(deploymentPatch, "web", patch("other", "replicas: 1"), created.inputs))
	assert.Equal(t, []string{"!metadata.name"}, changed(diff))
	assert.False(t, diff.DeleteBeforeReplace)
}

func TestPatchSecretsStaySecret(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	e.live.apply("v1", "Secret", ns, "login", "stringData: {user: admin}")
	created := e.mustCreate(secret+"Patch", "login",
		fmt.Sprintf("kind: Secret\nmetadata: {name: login, namespace: %s}\nstringData: {password: hunter22}", ns))
	assert.True(t, created.outputs["data"].IsSecret(), "though the program never said so")
}

func TestPatchIsNotImported(t *testing.T) {
	e, ns := startScaled(t)
	_, err := e.plugin.Read(t.Context(), plugin.ReadRequest{URN: urn(deploymentPatch, "web"), ID: resource.ID(ns + "/web")})
	require.ErrorContains(t, err, `"`+deploymentPatch+`" cannot be imported`)
}
