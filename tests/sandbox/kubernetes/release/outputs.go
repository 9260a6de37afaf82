package release

import (
	"errors"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	helm "helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/releaseutil"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/property"
)

func (a args) id() resource.ID { return resource.ID(a.Namespace + "/" + a.Name) }

// parseID returns the namespace and name in id, or else those of the release.
func parseID(id resource.ID, release args) (namespace, name string) {
	if before, after, ok := strings.Cut(string(id), "/"); ok {
		return before, after
	}
	return release.Namespace, release.Name
}

// toOutputs returns the inputs, what became of them, and the names of the release's objects by kind. The manifests,
// which may hold secrets, are not among them.
func toOutputs(inputs resource.PropertyMap, last *helm.Release) resource.PropertyMap {
	outputs := inputs.Copy()
	outputs["status"] = resource.NewProperty(resource.PropertyMap{
		"appVersion": resource.NewProperty(last.Chart.Metadata.AppVersion),
		"chart":      resource.NewProperty(last.Chart.Metadata.Name),
		"name":       resource.NewProperty(last.Name),
		"namespace":  resource.NewProperty(last.Namespace),
		"revision":   resource.NewProperty(float64(last.Version)),
		"status":     resource.NewProperty(last.Info.Status.String()),
		"version":    resource.NewProperty(last.Chart.Metadata.Version),
	})
	names := map[string][]string{}
	for _, object := range objectsOf(last.Manifest) {
		kind := object.GroupVersionKind().GroupKind().String() + "/" + object.GetAPIVersion()
		name := object.GetName()
		if namespace := object.GetNamespace(); namespace != "" {
			name = namespace + "/" + name
		}
		names[kind] = append(names[kind], name)
	}
	byKind := resource.PropertyMap{}
	for kind, list := range names {
		slices.Sort(list)
		values := make([]resource.PropertyValue, len(list))
		for i, name := range list {
			values[i] = resource.NewProperty(name)
		}
		byKind[resource.PropertyKey(kind)] = resource.NewProperty(values)
	}
	outputs["resourceNames"] = resource.NewProperty(byKind)
	return outputs
}

// previewOutputs are those of a release that is yet to be installed or upgraded.
func previewOutputs(inputs resource.PropertyMap) resource.PropertyMap {
	outputs := inputs.Copy()
	outputs["status"] = resource.MakeComputed(resource.NewProperty(""))
	outputs["resourceNames"] = resource.MakeComputed(resource.NewProperty(""))
	return outputs
}

// objectsOf returns the objects of a release's manifest. What is no object is left out: Helm has refused it already.
func objectsOf(manifest string) []*unstructured.Unstructured {
	documents := releaseutil.SplitManifests(manifest)
	keys := slices.Collect(maps.Keys(documents))
	sort.Sort(releaseutil.BySplitManifestsOrder(keys))
	var objects []*unstructured.Unstructured
	for _, key := range keys {
		var object map[string]any
		if err := yaml.Unmarshal([]byte(documents[key]), &object); err != nil || object["kind"] == nil {
			continue
		}
		objects = append(objects, &unstructured.Unstructured{Object: object})
	}
	return objects
}

// redact returns err without the secrets of the inputs that it is about.
func redact(err error, inputs ...resource.PropertyMap) error {
	if err == nil {
		return nil
	}
	if redacted := property.Redact(err.Error(), inputs...); redacted != err.Error() {
		return errors.New(redacted)
	}
	return err
}
