package kubernetes_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const (
	deployment = "kubernetes:apps/v1:Deployment"
	service    = "kubernetes:core/v1:Service"
	configMap  = "kubernetes:core/v1:ConfigMap"
	secret     = "kubernetes:core/v1:Secret"
)

func web(namespace, image, more string) string {
	return fmt.Sprintf(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: %s}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: %s
        resources: {requests: {cpu: 1000m, memory: 64Mi}}
        env:
        - {name: LOG_LEVEL, value: info}
        - {name: TOKEN, value: <secret>hunter22}
%s`, namespace, image, more)
}

func TestDeploymentLifeCycle(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	created := e.mustCreate(deployment, "web", web(ns, "shop/web:1", ""))
	assert.Equal(t, resource.ID(ns+"/web"), created.id)

	live := e.live.get("apps/v1", "Deployment", ns, "web")
	ready, _, _ := unstructured.NestedInt64(live.Object, "status", "readyReplicas")
	assert.Equal(t, int64(2), ready, "create waits until the deployment is ready")
	status := created.outputs["status"].ObjectValue()
	assert.Equal(t, 2, int(status["readyReplicas"].NumberValue()), "outputs are the live object's")
	assert.NotContains(t, created.outputs["metadata"].ObjectValue(), resource.PropertyKey("managedFields"))

	env := created.outputs["spec"].ObjectValue()["template"].ObjectValue()["spec"].ObjectValue()["containers"].
		ArrayValue()[0].ObjectValue()["env"].ArrayValue()
	assert.True(t, env[1].ObjectValue()["value"].IsSecret(), "a secret input is a secret output")
	assert.False(t, env[0].ObjectValue()["value"].ContainsSecrets())

	step, same, err := e.update(created, web(ns, "shop/web:1", ""))
	require.NoError(t, err)
	assert.Equal(t, "same", step)

	checked := e.mustCheck(deployment, "web", values(t, web(ns, "shop/web:2", "")), same.inputs)
	assert.Equal(t, []string{"spec.template.spec.containers[0].image"}, changed(e.diff(same, checked)))
	step, updated, err := e.update(same, web(ns, "shop/web:2", ""))
	require.NoError(t, err)
	assert.Equal(t, "update", step)

	moved := values(t, web(ns, "shop/web:2", ""))
	moved["spec"].ObjectValue()["selector"] = resource.NewProperty(values(t, "matchLabels: {app: web, tier: front}"))
	moved["spec"].ObjectValue()["template"].ObjectValue()["metadata"] = resource.NewProperty(
		values(t, "labels: {app: web, tier: front}"))
	diff := e.diff(updated, e.mustCheck(deployment, "web", moved, updated.inputs))
	assert.Equal(t, []string{"!spec.selector.matchLabels.tier", "spec.template.metadata.labels.tier"}, changed(diff))
	assert.True(t, diff.DeleteBeforeReplace, "the successor has the same name")

	require.NoError(t, e.delete(updated, time.Minute))
	assert.Nil(t, e.live.get("apps/v1", "Deployment", ns, "web"))
	require.NoError(t, e.delete(updated, time.Minute), "what is gone is deleted")
	assert.Nil(t, e.refresh(updated))
}

func TestAwaitTimeoutTellsWhy(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	stuck := web(ns, "shop/web:1", "      nodeSelector: {disk: <secret>floppy}\n")
	inputs := values(t, stuck)
	inputs["metadata"].ObjectValue()["annotations"] = resource.NewProperty(values(t, `pulumi.com/timeoutSeconds: "3"`))
	failed, err := e.createFrom(deployment, "web", inputs)
	require.Error(t, err)
	require.ErrorContains(t, err, "Deployment "+ns+"/web was not ready in time after 3")
	require.ErrorContains(t, err, "condition Available=False (MinimumReplicasUnavailable")
	require.ErrorContains(t, err, "didn't match Pod's node affinity/selector")
	require.NotNil(t, failed, "the engine records what exists")
	assert.Equal(t, resource.ID(ns+"/web"), failed.id)

	step, fixed, err := e.update(failed, web(ns, "shop/web:1", ""))
	require.NoError(t, err)
	assert.Equal(t, "update", step)
	require.NoError(t, e.delete(fixed, time.Minute))
}

func TestRefreshShowsManualEdits(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	program := web(ns, "shop/web:1", "")
	created := e.mustCreate(deployment, "web", program)
	assert.Equal(t, created.inputs, e.refresh(created).inputs, "defaults and other spellings (cpu: 1000m) are no drift")

	e.live.apply("apps/v1", "Deployment", ns, "web", "metadata: {labels: {team: other}}")
	assert.Equal(t, created.inputs, e.refresh(created).inputs, "nor are other managers' fields")

	e.live.patch("apps/v1", "Deployment", ns, "web", `[
		{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "evil/web:6"},
		{"op": "remove", "path": "/spec/template/spec/containers/0/env/0"},
		{"op": "add", "path": "/spec/template/spec/containers/0/env/-", "value": {"name": "DEBUG", "value": "1"}}]`)
	drifted := e.refresh(created)
	container := drifted.inputs["spec"].ObjectValue()["template"].ObjectValue()["spec"].ObjectValue()["containers"].
		ArrayValue()[0].ObjectValue()
	assert.Equal(t, "evil/web:6", container["image"].StringValue())
	assert.Equal(t, "1000m", container["resources"].ObjectValue()["requests"].ObjectValue()["cpu"].StringValue())
	env := container["env"]
	assert.True(t, env.ContainsSecrets(), "%v", env)

	step, repaired, err := e.update(drifted, program)
	require.NoError(t, err)
	assert.Equal(t, "update", step)
	live := e.live.get("apps/v1", "Deployment", ns, "web")
	containers, _, _ := unstructured.NestedSlice(live.Object, "spec", "template", "spec", "containers")
	assert.Equal(t, "shop/web:1", containers[0].(map[string]any)["image"])
	assert.Len(t, containers[0].(map[string]any)["env"], 3, "the other manager's variable stays")
	assert.Equal(t, repaired.inputs, e.refresh(repaired).inputs)
	assert.Equal(t, "other", live.GetLabels()["team"])
}

func TestRefreshOfAtomicLists(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	const token = "kubernetes:networking.istio.io/v1:VirtualService"
	program := fmt.Sprintf(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: scoring, namespace: %s}
spec:
  hosts: [scoring]
  http:
  - name: split
    route:
    - {destination: {host: scoring, subset: stable}, weight: 90}
    - {destination: {host: scoring, subset: canary}, weight: 10}`, ns)
	created := e.mustCreate(token, "scoring", program)
	assert.Equal(t, created.inputs, e.refresh(created).inputs)
	e.live.patch("networking.istio.io/v1", "VirtualService", ns, "scoring", `[
		{"op": "replace", "path": "/spec/http/0/route/0/weight", "value": 50},
		{"op": "replace", "path": "/spec/http/0/route/1/weight", "value": 50}]`)
	drifted := e.refresh(created)
	diff := e.diff(drifted, e.mustCheck(token, "scoring", values(t, program), drifted.inputs))
	assert.Equal(t, []string{"spec.http[0].route[0].weight", "spec.http[0].route[1].weight"}, changed(diff))
	_, _, err := e.update(drifted, program)
	require.NoError(t, err)
	assert.Equal(t, created.inputs, e.refresh(created).inputs)
}

func TestSecretStaysSecret(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	program := func(password string) string {
		return fmt.Sprintf("apiVersion: v1\nkind: Secret\nmetadata: {namespace: %s}\nstringData: {password: %s}", ns, password)
	}
	created := e.mustCreate(secret, "login", program("hunter22"))
	name := created.inputs["metadata"].ObjectValue()["name"].StringValue()
	assert.Regexp(t, `^login-[0-9a-f]{8}$`, name)
	assert.True(t, created.outputs["data"].IsSecret(), "though the program never said so")
	assert.Equal(t, created.inputs, e.refresh(created).inputs)

	checked := e.mustCheck(secret, "login", values(t, program("other")), created.inputs)
	assert.Equal(t, name, checked["metadata"].ObjectValue()["name"].StringValue(), "the made-up name is kept")
	diff := e.diff(created, checked)
	assert.Equal(t, []string{"stringData.password"}, changed(diff))
	assert.False(t, diff.DeleteBeforeReplace, "a successor gets another name")

	e.live.patch("v1", "Secret", ns, name, `[{"op": "replace", "path": "/data/password", "value": "Z3Vlc3NlZA=="}]`)
	drifted := e.refresh(created)
	require.True(t, drifted.inputs["stringData"].IsSecret())
	assert.Equal(t, "guessed", drifted.inputs["stringData"].SecretValue().Element.ObjectValue()["password"].StringValue())
	step, _, err := e.update(drifted, program("hunter22"))
	require.NoError(t, err)
	assert.Equal(t, "update", step)
	assert.Equal(t, created.inputs, e.refresh(created).inputs)

	frozen := start(t, resource.PropertyMap{})
	assert.Equal(t, []string{"!stringData.password"}, changed(frozen.diff(created, checked)), "unless enableSecretMutable")
}

func TestJobRunsToCompletion(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	job := values(t, fmt.Sprintf(`
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, namespace: %s}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
      - {name: main, image: shop/migrate:1, env: [{name: TOKEN, value: <secret>hunter22}]}`, ns))
	created, err := e.createFrom("kubernetes:batch/v1:Job", "migrate", job)
	require.NoError(t, err)
	live := e.live.get("batch/v1", "Job", ns, "migrate")
	done, _, _ := unstructured.NestedInt64(live.Object, "status", "succeeded")
	assert.Equal(t, int64(1), done, "create waits until the job has completed")

	changedJob := values(t, `{}`)
	for key, value := range created.inputs {
		changedJob[key] = value
	}
	changedJob["spec"] = resource.NewProperty(values(t, `
template:
  spec:
    restartPolicy: Never
    containers:
    - {name: main, image: shop/migrate:2, env: [{name: TOKEN, value: <secret>hunter23}]}`))
	diff := e.diff(created, e.mustCheck("kubernetes:batch/v1:Job", "migrate", changedJob, created.inputs))
	assert.Equal(t, []string{
		"!spec.template.spec.containers[0].env[0].value", "!spec.template.spec.containers[0].image",
	}, changed(diff))
}

func TestErrorsHoldNoSecrets(t *testing.T) {
	e := start(t, programOptions())
	ns := e.namespace()
	program := func(host string) resource.PropertyMap {
		return values(t, fmt.Sprintf(
			"metadata: {name: out, namespace: %s}\nspec: {type: ExternalName, externalName: %s}", ns, host))
	}
	_, err := e.createFrom(service, "out", program("<secret>Hunter_22"))
	require.ErrorContains(t, err, "spec.externalName")
	assert.NotContains(t, err.Error(), "Hunter_22")

	created, err := e.createFrom(service, "out", program("<secret>hunter22"))
	require.NoError(t, err)
	_, _, err = e.updateFrom(created, program("<secret>Hunter_22"))
	require.ErrorContains(t, err, "spec.externalName")
	assert.NotContains(t, err.Error(), "Hunter_22")

	_, failures := e.check(secret, "login", values(t, "stringData: {a: [hunter22]}\ndata: hunter22"), nil)
	assert.Equal(t, []string{
		"data: expected an object, got a string", "stringData.a: expected a string, got a list",
	}, failures)
}
