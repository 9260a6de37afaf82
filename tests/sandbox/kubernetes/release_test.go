package kubernetes_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/action"
	helm "helm.sh/helm/v3/pkg/release"
	"k8s.io/cli-runtime/pkg/genericclioptions"
)

const release = "kubernetes:helm.sh/v3:Release"

// writeChart writes a chart that consists of a Deployment and a Secret, with a strict schema for its values.
func writeChart(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	files := map[string]string{
		"Chart.yaml":  "apiVersion: v2\nname: shop\nversion: 1.2.3\nappVersion: 4.5.6\n",
		"values.yaml": "replicas: 1\npool: \"\"\npassword: \"\"\n",
		"values.schema.json": `{"type": "object", "additionalProperties": false, "properties": {
			"replicas": {"type": "integer"}, "pool": {"type": "string"}, "password": {"type": "string"}}}`,
		"templates/secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: {{ .Release.Name }}}\n" +
			"stringData: {password: {{ .Values.password | quote }}}\n",
		"templates/deployment.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {release: {{ .Release.Name }}}}
  template:
    metadata: {labels: {release: {{ .Release.Name }}}}
    spec:
      nodeSelector: {{ if .Values.pool }}{pool: {{ .Values.pool }}}{{ else }}{}{{ end }}
      containers: [{name: shop, image: shop}]
`,
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	return dir
}

func shop(chart, namespace, values string) string {
	return fmt.Sprintf("name: shop\nnamespace: %s\nchart: %s\ntimeout: 30\ncompat: \"true\"\nvalues: %s\n", namespace, chart, values)
}

// helmOf is Helm itself, to look at releases and tamper with them.
func (e *engine) helmOf(namespace string) *action.Configuration {
	e.t.Helper()
	flags := genericclioptions.NewConfigFlags(false)
	kubeconfig := e.cluster.Kubeconfig()
	flags.KubeConfig, flags.Namespace = &kubeconfig, &namespace
	config := &action.Configuration{}
	require.NoError(e.t, config.Init(flags, namespace, "secrets", func(string, ...any) {}))
	return config
}

func statusOf(s *state) map[string]any { return s.outputs["status"].ObjectValue().Mappable() }

func TestReleaseLifeCycle(t *testing.T) {
	e := start(t, programOptions())
	ns, chart := e.namespace(), writeChart(t)
	created := e.mustCreate(release, "shop", shop(chart, ns, "{replicas: 2, password: <secret>hunter22}"))
	assert.Equal(t, resource.ID(ns+"/shop"), created.id)
	assert.Equal(t, map[string]any{
		"appVersion": "4.5.6", "chart": "shop", "name": "shop", "namespace": ns, "revision": 1.0, "status": "deployed",
		"version": "1.2.3",
	}, statusOf(created))
	assert.Equal(t, map[string]any{"Deployment.apps/apps/v1": []any{"shop"}, "Secret/v1": []any{"shop"}},
		created.outputs["resourceNames"].ObjectValue().Mappable())
	assert.True(t, created.outputs["values"].ObjectValue()["password"].IsSecret())
	assert.NotContains(t, created.inputs, resource.PropertyKey("compat"))
	assert.NotNil(t, e.live.get("apps/v1", "Deployment", ns, "shop"))
	assert.Equal(t, created.inputs, e.refresh(created).inputs)

	step, _, err := e.update(created, shop(chart, ns, "{replicas: 2, password: <secret>hunter22}"))
	require.NoError(t, err)
	assert.Equal(t, "same", step)
	_, upgraded, err := e.update(created, shop(chart, ns, "{}"))
	require.NoError(t, err)
	assert.EqualValues(t, 2, statusOf(upgraded)["revision"])
	live := e.live.get("apps/v1", "Deployment", ns, "shop")
	assert.Equal(t, int64(1), live.Object["spec"].(map[string]any)["replicas"], "the chart's own value is back")

	require.NoError(t, os.WriteFile(filepath.Join(chart, "templates", "more.yaml"),
		[]byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n"), 0o600))
	checked := e.mustCheck(release, "shop", values(t, shop(chart, ns, "{}")), upgraded.inputs)
	assert.Equal(t, []string{"checksum"}, changed(e.diff(upgraded, checked)), "the chart has changed under its version")
	_, upgraded, err = e.update(upgraded, shop(chart, ns, "{}"))
	require.NoError(t, err)
	assert.NotNil(t, e.live.get("v1", "ConfigMap", ns, "more"))

	renamed := e.mustCheck(release, "shop", values(t, "name: other\nnamespace: "+ns+"\nchart: "+chart), upgraded.inputs)
	assert.Contains(t, changed(e.diff(upgraded, renamed)), "!name")

	require.NoError(t, e.delete(upgraded, time.Minute))
	assert.Nil(t, e.live.get("apps/v1", "Deployment", ns, "shop"))
	assert.Nil(t, e.refresh(upgraded))
	require.NoError(t, e.delete(upgraded, time.Minute))
}

func TestReleaseValuesAreCheckedInPreview(t *testing.T) {
	e := start(t, programOptions())
	ns, chart := e.namespace(), writeChart(t)
	for inputs, want := range map[string][]string{
		shop(chart, ns, "{replicass: 2, password: <secret>hunter22}"): {"values", "release " + ns + "/shop (chart " + chart + ")", "replicass"},
		shop(chart+"-none", ns, "{}"):                                 {"chart", "shop-none"},
		shop(chart, ns, "{}") + "dependencyUpdate: true\n":            {"dependencyUpdate", "vendor them"},
		shop(chart, ns, "{}") + "atomical: true\n":                    {"atomical", `no option "atomical"`},
		shop(chart, ns, "{}") + "atomic: 7\n":                         {"atomic: expected a bool"},
		shop(chart, ns, "7"):                                          {"values: expected an object"},
	} {
		_, failures := e.check(release, "shop", values(t, inputs), nil)
		require.Len(t, failures, 1, inputs)
		for _, text := range want {
			assert.Contains(t, failures[0], text)
		}
		assert.NotContains(t, failures[0], "hunter22")
	}
	checked := e.mustCheck(release, "shop", values(t, shop(chart, ns, "{password: <unknown>}")), nil)
	response, err := e.plugin.Create(t.Context(), plugin.CreateRequest{URN: urn(release, "shop"), Properties: checked, Preview: true})
	require.NoError(t, err)
	assert.True(t, response.Properties["status"].IsComputed())
	unnamed := e.mustCheck(release, "shop", values(t, "chart: "+chart), nil)
	assert.Regexp(t, `^shop-[0-9a-f]{8}$`, unnamed["name"].StringValue())
	assert.Equal(t, unnamed["name"], e.mustCheck(release, "shop", values(t, "chart: "+chart), unnamed)["name"])
}

func TestFailedInstallIsCleanedUp(t *testing.T) {
	e := start(t, programOptions())
	ns, chart := e.namespace(), writeChart(t)
	inputs := values(t, shop(chart, ns, "{pool: none, password: <secret>hunter22}"))
	inputs["timeout"] = resource.NewProperty(4.0)
	_, err := e.createFrom(release, "shop", inputs)
	require.ErrorContains(t, err, "install release "+ns+"/shop (chart "+chart+"): context deadline exceeded")
	require.ErrorContains(t, err, "Deployment "+ns+"/shop is not ready")
	require.ErrorContains(t, err, "didn't match Pod's node affinity/selector")
	require.ErrorContains(t, err, "has been removed")
	assert.Nil(t, e.live.get("apps/v1", "Deployment", ns, "shop"))
	assert.Nil(t, e.refresh(&state{urn: urn(release, "shop"), id: resource.ID(ns + "/shop"), inputs: inputs}))
	e.mustCreate(release, "shop", shop(chart, ns, "{}"))
}

func TestFailedUpgrade(t *testing.T) {
	e := start(t, programOptions())
	ns, chart := e.namespace(), writeChart(t)
	created := e.mustCreate(release, "shop", shop(chart, ns, "{}"))
	broken := values(t, shop(chart, ns, "{pool: none}"))
	broken["timeout"] = resource.NewProperty(4.0)

	atomic := broken.Copy()
	atomic["atomic"] = resource.NewProperty(true)
	atomic["timeout"] = resource.NewProperty(8.0)
	_, _, err := e.updateFrom(created, atomic)
	require.ErrorContains(t, err, "rolled back to revision 1")
	require.ErrorContains(t, err, "didn't match Pod's node affinity/selector")
	assert.Equal(t, created.inputs, e.refresh(created).inputs)

	_, failed, err := e.updateFrom(created, broken)
	require.ErrorContains(t, err, "upgrade release "+ns+"/shop")
	require.NotNil(t, failed)
	assert.Equal(t, "failed", statusOf(failed)["status"])
	_, fixed, err := e.update(failed, shop(chart, ns, "{}"))
	require.NoError(t, err)
	assert.Equal(t, "deployed", statusOf(fixed)["status"])
}

func TestReleaseLeftPendingIsRecovered(t *testing.T) {
	e := start(t, programOptions())
	ns, chart := e.namespace(), writeChart(t)
	program := shop(chart, ns, "{}")
	created := e.mustCreate(release, "shop", program)
	storage := e.helmOf(ns).Releases
	last, err := storage.Last("shop")
	require.NoError(t, err)

	t.Run("install", func(t *testing.T) {
		last.Info.Status = helm.StatusPendingInstall
		require.NoError(t, storage.Update(last))
		e := *e
		e.t = t
		created = e.mustCreate(release, "shop", program)
		assert.EqualValues(t, 1, statusOf(created)["revision"])
	})
	t.Run("upgrade", func(t *testing.T) {
		pending, err := storage.Last("shop")
		require.NoError(t, err)
		pending.Version, pending.Info.Status = 2, helm.StatusPendingUpgrade
		require.NoError(t, storage.Create(pending))
		e := *e
		e.t = t
		_, upgraded, err := e.update(created, shop(chart, ns, "{replicas: 2}"))
		require.NoError(t, err)
		assert.Equal(t, "deployed", statusOf(upgraded)["status"])
		assert.EqualValues(t, 4, statusOf(upgraded)["revision"], "2 was left pending, 3 rolled it back")
		created = upgraded
	})
	t.Run("killed before the checkpoint", func(t *testing.T) {
		e := *e
		e.t = t
		again := e.mustCreate(release, "shop", shop(chart, ns, "{replicas: 2}"))
		assert.Equal(t, "deployed", statusOf(again)["status"])
	})
}

func TestReleaseChangedByHandShowsInRefresh(t *testing.T) {
	e := start(t, programOptions())
	ns, chart := e.namespace(), writeChart(t)
	program := shop(chart, ns, "{replicas: 1, password: <secret>hunter22}")
	created := e.mustCreate(release, "shop", program)
	storage := e.helmOf(ns).Releases
	last, err := storage.Last("shop")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(`{"replicas": 3, "password": "guessed"}`), &last.Config))
	require.NoError(t, storage.Update(last))
	drifted := e.refresh(created)
	checked := e.mustCheck(release, "shop", values(t, program), drifted.inputs)
	assert.Equal(t, []string{"values.password", "values.replicas"}, changed(e.diff(drifted, checked)))
	assert.True(t, drifted.inputs["values"].ObjectValue()["password"].IsSecret())

	imported := e.refresh(&state{urn: created.urn, id: created.id})
	assert.Equal(t, "shop", imported.inputs["chart"].StringValue())
	assert.Equal(t, "1.2.3", imported.inputs["version"].StringValue())
}
