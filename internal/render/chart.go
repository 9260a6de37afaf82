package render

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	helm "helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/releaseutil"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// What Helm puts on every object of a release when it installs it.
const (
	// ReleaseName and ReleaseNamespace are annotations.
	ReleaseName      = "meta.helm.sh/release-name"
	ReleaseNamespace = "meta.helm.sh/release-namespace"

	managedBy     = "app.kubernetes.io/managed-by"
	managedByHelm = "Helm"
)

// chartObjects renders the chart of a release, as `helm template` does. There are none if the chart is not here.
func (o Options) chartObjects(document *unstructured.Unstructured) ([]*unstructured.Unstructured, error) {
	folder, err := o.chartFolder(document)
	if folder == "" || err != nil {
		return nil, err
	}
	loaded, err := loader.LoadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("load the chart in %s: %w", folder, err)
	}
	manifests, err := renderChart(loaded, document)
	if err != nil {
		return nil, fmt.Errorf("render the chart in %s: %w", folder, err)
	}
	var objects []*unstructured.Unstructured
	for _, manifest := range manifests {
		object := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(manifest), &object.Object); err != nil {
			return nil, fmt.Errorf("the chart in %s renders no valid YAML: %w", folder, err)
		}
		if len(object.Object) == 0 {
			continue
		}
		mark(object, document)
		redactSecret(object)
		objects = append(objects, object)
	}
	return objects, nil
}

// chartFolder returns where the chart of a release is: a path in the project, or below Charts by the chart's name. It
// is empty for a chart that is neither.
func (o Options) chartFolder(document *unstructured.Unstructured) (string, error) {
	name, _, err := unstructured.NestedString(document.Object, "spec", "chart")
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(name, ".") || filepath.IsAbs(name) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(o.Config.Dir, name)
		}
		return name, nil
	}
	if o.Charts == "" {
		return "", nil
	}
	folder := filepath.Join(o.Charts, path.Base(name))
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	return folder, nil
}

// renderChart returns the manifests of a release: the chart's custom resource definitions, its objects, and its hooks
// but for tests, which no installation runs.
func renderChart(of *chart.Chart, document *unstructured.Unstructured) ([]string, error) {
	values, _, err := unstructured.NestedMap(document.Object, "spec", "values")
	if err != nil {
		return nil, err
	}
	if err := chartutil.ProcessDependenciesWithMerge(of, values); err != nil {
		return nil, fmt.Errorf("process the dependencies: %w", err)
	}
	complete, err := chartutil.ToRenderValues(of, values, chartutil.ReleaseOptions{
		Name: document.GetName(), Namespace: document.GetNamespace(), Revision: 1, IsInstall: true,
	}, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(of, complete)
	if err != nil {
		return nil, err
	}
	for file := range files {
		if extension := path.Ext(file); extension != ".yaml" && extension != ".yml" {
			delete(files, file)
		}
	}
	hooks, objects, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	if err != nil {
		return nil, err
	}
	var manifests []string
	for _, definition := range of.CRDObjects() {
		manifests = append(manifests, string(definition.File.Data))
	}
	for _, object := range objects {
		manifests = append(manifests, object.Content)
	}
	for _, hook := range hooks {
		if !isTest(hook) {
			manifests = append(manifests, hook.Manifest)
		}
	}
	return manifests, nil
}

func isTest(hook *helm.Hook) bool {
	for _, event := range hook.Events {
		if event != helm.HookTest {
			return false
		}
	}
	return true
}

// mark does what Helm does to an object that it installs, so that it can be told from the program's own.
func mark(object, document *unstructured.Unstructured) {
	annotations := object.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[ReleaseName], annotations[ReleaseNamespace] = document.GetName(), document.GetNamespace()
	object.SetAnnotations(annotations)
	labels := object.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	labels[managedBy] = managedByHelm
	object.SetLabels(labels)
}

// redactSecret replaces what a chart's Secret holds: charts draw passwords at random, at each rendering anew.
func redactSecret(object *unstructured.Unstructured) {
	if object.GetKind() != "Secret" {
		return
	}
	for field, text := range map[string]string{
		"data": base64.StdEncoding.EncodeToString([]byte(Redacted)), "stringData": Redacted,
	} {
		if entries, ok := object.Object[field].(map[string]any); ok {
			for key := range entries {
				entries[key] = text
			}
		}
	}
}
