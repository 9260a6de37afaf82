package render_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/federated-risk/federated-risk/internal/offline"
	"github.com/federated-risk/federated-risk/internal/render"
	"github.com/federated-risk/federated-risk/stacks"
)

const (
	root   = "../.."
	charts = "../../tests/sandbox/charts"
)

func stack(t *testing.T, name string) []*unstructured.Unstructured {
	t.Helper()
	config, err := offline.Load(root, name)
	require.NoError(t, err)
	objects, err := render.Stack(t.Context(), render.Options{Program: stacks.Deploy, Config: config, Charts: charts})
	require.NoError(t, err)
	return objects
}

func text(t *testing.T, objects []*unstructured.Unstructured, format render.Format) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, render.Write(&out, format, objects))
	return out.String()
}

func TestEqualInputGivesEqualBytes(t *testing.T) {
	for _, name := range []string{"dev", "local", "prod"} {
		first := text(t, stack(t, name), render.YAML)
		for range 3 {
			require.Equal(t, first, text(t, stack(t, name), render.YAML), name)
		}
	}
}

func TestNothingGeneratedShows(t *testing.T) {
	config, err := offline.Load(root, "prod")
	require.NoError(t, err)
	run, err := offline.Execute(t.Context(), stacks.Deploy, offline.Options{Config: config})
	require.NoError(t, err)
	require.NotEmpty(t, run.Generated)
	for _, format := range []render.Format{render.YAML, render.JSON} {
		assert.Empty(t, run.Search()("the rendering", text(t, stack(t, "prod"), format)))
	}
	for _, object := range stack(t, "local") {
		if object.GetKind() != "Secret" {
			continue
		}
		entries, _, err := unstructured.NestedStringMap(object.Object, "data")
		require.NoError(t, err)
		for key, value := range entries {
			plain, err := base64.StdEncoding.DecodeString(value)
			require.NoError(t, err, "%s %s", object.GetName(), key)
			assert.Equal(t, render.Redacted, string(plain), "%s %s", object.GetName(), key)
		}
	}
}

func TestReferencesLeadToWhatIsRendered(t *testing.T) {
	for _, name := range []string{"dev", "local", "prod"} {
		objects := stack(t, name)
		exists := map[string]bool{}
		for _, object := range objects {
			exists[object.GetKind()+" "+object.GetName()] = true
		}
		references := 0
		check := func(owner *unstructured.Unstructured, kind string, reference any) {
			if reference != nil {
				references++
				assert.Contains(t, exists, kind+" "+reference.(string), "%s: %s", name, owner.GetName())
			}
		}
		for _, object := range objects {
			if object.GetKind() == "HorizontalPodAutoscaler" {
				target := object.Object["spec"].(map[string]any)["scaleTargetRef"].(map[string]any)
				check(object, target["kind"].(string), target["name"])
			}
			if object.GetKind() != "Deployment" || object.GetAnnotations()[render.ReleaseName] != "" {
				continue
			}
			pod := object.Object["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)
			check(object, "ServiceAccount", pod["serviceAccountName"])
			for _, volume := range pod["volumes"].([]any) {
				for source, field := range map[string]string{"secret": "secretName", "persistentVolumeClaim": "claimName"} {
					if found, ok := volume.(map[string]any)[source].(map[string]any); ok {
						check(object, map[string]string{"secret": "Secret", "persistentVolumeClaim": "PersistentVolumeClaim"}[source], found[field])
					}
				}
			}
			from, _ := pod["containers"].([]any)[0].(map[string]any)["envFrom"].([]any)
			for _, source := range from {
				for reference, kind := range map[string]string{"secretRef": "Secret", "configMapRef": "ConfigMap"} {
					if found, ok := source.(map[string]any)[reference].(map[string]any); ok {
						check(object, kind, found["name"])
					}
				}
			}
		}
		assert.Greater(t, references, 10, name)
	}
}

func TestOrderIsWhatKubectlNeeds(t *testing.T) {
	at := map[string]int{}
	for i, object := range stack(t, "local") {
		if _, seen := at[object.GetKind()]; !seen {
			at[object.GetKind()] = i
		}
	}
	order := []string{"Namespace", "ServiceAccount", "Secret", "PersistentVolumeClaim", "Service", "Deployment", "VirtualService", "Release"}
	for i, kind := range order {
		require.Contains(t, at, kind)
		if i > 0 {
			assert.Less(t, at[order[i-1]], at[kind], "%s must come before %s", order[i-1], kind)
		}
	}
}

func TestReleasesSayWhatIsInstalled(t *testing.T) {
	config, err := offline.Load(root, "prod")
	require.NoError(t, err)
	objects, err := render.Stack(t.Context(), render.Options{Program: stacks.Deploy, Config: config})
	require.NoError(t, err)
	found := map[string]map[string]any{}
	for _, object := range objects {
		assert.NotContains(t, object.GetAnnotations(), render.ReleaseName, "the charts of prod are not here")
		if object.GetKind() == render.ReleaseKind {
			found[object.GetName()] = object.Object["spec"].(map[string]any)
		}
	}
	require.Len(t, found, 5)
	assert.Equal(t, "https://cloudnative-pg.github.io/charts", found["postgres"]["repository"])
	assert.Equal(t, "0.8.1", found["postgres"]["version"])
	assert.Equal(t, "oci://registry-1.docker.io/cloudpirates/redis", found["redis"]["chart"])
	assert.Contains(t, found["redis"]["values"], "extraConfig")
}

// program declares a ConfigMap with a password in it.
func program(leak func(pulumi.StringOutput) pulumi.StringOutput) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		password, err := random.NewRandomPassword(ctx, "password", &random.RandomPasswordArgs{Length: pulumi.Int(32)})
		if err != nil {
			return err
		}
		_, err = corev1.NewConfigMap(ctx, "config", &corev1.ConfigMapArgs{Data: pulumi.StringMap{"value": leak(password.Result)}})
		return err
	}
}

func TestASecretInTheClearIsRefused(t *testing.T) {
	config, err := offline.Load(root, "dev")
	require.NoError(t, err)
	_, err = render.Stack(t.Context(), render.Options{Config: config, Program: program(func(password pulumi.StringOutput) pulumi.StringOutput {
		return pulumi.Unsecret(password).(pulumi.StringOutput)
	})})
	require.ErrorContains(t, err, "ConfigMap config-rendered .data.value shows result of password")
	objects, err := render.Stack(t.Context(), render.Options{Config: config, Program: program(func(password pulumi.StringOutput) pulumi.StringOutput {
		return password
	})})
	require.NoError(t, err)
	require.Len(t, objects, 1)
	assert.Equal(t, map[string]any{"value": render.Redacted}, objects[0].Object["data"])
	assert.Equal(t, "config-rendered", objects[0].GetName())
}

func named(kind, apiVersion, namespace, name string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{}}
	object.SetKind(kind)
	object.SetAPIVersion(apiVersion)
	object.SetNamespace(namespace)
	object.SetName(name)
	return object
}

func TestFilesAreNamedApart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	objects := []*unstructured.Unstructured{
		named("Service", "v1", "a", "x"), named("Service", "v1", "b", "x"), named("Service", "v1", "b", "y"),
		named("Gateway", "one.io/v1", "a", "x"), named("Gateway", "two.io/v1", "a", "x"), named("ClusterRole", "v1", "", "system:x"),
	}
	require.NoError(t, render.WriteDir(dir, render.YAML, objects))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	assert.Equal(t, []string{
		"clusterrole-system_x.yaml", "gateway-x-a-one.io.yaml", "gateway-x-a-two.io.yaml", "service-x-a.yaml", "service-x-b.yaml", "service-y.yaml",
	}, names)
	require.ErrorContains(t, render.WriteDir(dir, render.YAML, objects), "is not empty")
	twice := []*unstructured.Unstructured{objects[0], objects[0]}
	require.ErrorContains(t, render.WriteDir(filepath.Join(t.TempDir(), "out"), render.YAML, twice), "two objects are Service x")
}

func TestJSONIsAList(t *testing.T) {
	var list unstructured.UnstructuredList
	require.NoError(t, list.UnmarshalJSON([]byte(text(t, stack(t, "dev"), render.JSON))))
	assert.Len(t, list.Items, strings.Count("\n"+text(t, stack(t, "dev"), render.YAML), "\n---\n"))
}
