package charts_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

const namespace = "federated-risk"

// monitoringKinds are the API versions that a cluster with the Prometheus operator's CRDs reports.
var monitoringKinds = chartutil.VersionSet{
	"monitoring.coreos.com/v1",
	"monitoring.coreos.com/v1/PodMonitor",
	"monitoring.coreos.com/v1/PrometheusRule",
	"monitoring.coreos.com/v1/ServiceMonitor",
}

// objects are a release's rendered objects by "Kind/name".
type objects map[string]*unstructured.Unstructured

// render renders a chart of this folder as `helm template` would. values is YAML.
func render(t *testing.T, chartName, release, values string, apiVersions ...string) (objects, error) {
	t.Helper()
	chart, err := loader.LoadDir(chartName)
	require.NoError(t, err)
	var parsed map[string]any
	require.NoError(t, yaml.UnmarshalStrict([]byte(values), &parsed))

	install := action.NewInstall(&action.Configuration{})
	install.DryRun, install.ClientOnly = true, true
	install.ReleaseName, install.Namespace = release, namespace
	install.KubeVersion = &chartutil.KubeVersion{Version: "v1.36.4", Major: "1", Minor: "36"}
	install.APIVersions = apiVersions
	rendered, err := install.Run(chart, parsed)
	if err != nil {
		return nil, err
	}

	found := objects{}
	decoder := utilyaml.NewYAMLOrJSONDecoder(strings.NewReader(rendered.Manifest), 4096)
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		require.NoError(t, err, rendered.Manifest)
		if len(object.Object) == 0 {
			continue
		}
		key := object.GetKind() + "/" + object.GetName()
		require.NotContains(t, found, key, "rendered twice")
		found[key] = object
	}
}

// mustRender is render where an error ends the test.
func mustRender(t *testing.T, chartName, release, values string, apiVersions ...string) objects {
	t.Helper()
	found, err := render(t, chartName, release, values, apiVersions...)
	require.NoError(t, err)
	return found
}

// at returns what is at a path of an object, where the path's elements are map keys, and list indices as int.
func (o objects) at(t *testing.T, key string, path ...any) any {
	t.Helper()
	require.Contains(t, o, key)
	var value any = o[key].Object
	for _, element := range path {
		switch element := element.(type) {
		case string:
			fields, ok := value.(map[string]any)
			require.True(t, ok, "%s: %v of %v is not in a map", key, element, path)
			value = fields[element]
		case int:
			items, ok := value.([]any)
			require.True(t, ok && element < len(items), "%s: no item %d of %v", key, element, path)
			value = items[element]
		}
	}
	return value
}

// keys returns the "Kind/name" of every object.
func (o objects) keys() []string {
	keys := make([]string, 0, len(o))
	for key := range o {
		keys = append(keys, key)
	}
	return keys
}
