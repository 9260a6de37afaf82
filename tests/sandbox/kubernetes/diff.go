package kubernetes

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/kube"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/property"
)

// Diff implements resources. Whether a change needs a replacement is for the API server to say: the change is applied
// without being stored, and what the server calls immutable is replaced.
func (o *objects) Diff(ctx context.Context, req plugin.DiffRequest) (plugin.DiffResponse, error) {
	after, unknown := toObject(req.NewInputs)
	result, moved := compare(req, after)
	detailed := result.DetailedDiff
	if len(detailed) == 0 || moved || o.replaceContent(detailed, after.GroupVersionKind()) || len(unknown) > 0 {
		return result, nil
	}
	client, err := o.connection.client()
	if err != nil {
		return plugin.DiffResult{}, err
	}
	_, err = client.Apply(ctx, after, kube.ApplyOptions{DryRun: true, Force: true})
	if kube.IsUnreachable(err) {
		return plugin.DiffResult{}, guard(err, after.GroupVersionKind(), req.NewInputs)
	}
	// Any other error than a refusal is the update's to report.
	for _, refusal := range kube.Refusals(err) {
		replaceRefused(detailed, refusal)
	}
	return result, nil
}

// compare returns how the inputs of a request, the new ones as an object, differ from the old ones, and whether they are
// now about another object: then what identifies it is marked as to be replaced.
func compare(req plugin.DiffRequest, after *unstructured.Unstructured) (result plugin.DiffResult, moved bool) {
	before, _ := toObject(req.OldInputs)
	result = plugin.DiffResult{
		Changes: plugin.DiffNone,
		// An object with a fixed name cannot coexist with its successor, whoever asks for the replacement. Nor can a patch
		// whose field manager has a fixed name: the old one, deleted last, would give up the fields of both.
		DeleteBeforeReplace: !isTrue(after, autonamed) && after.GetName() == before.GetName() &&
			after.GetNamespace() == before.GetNamespace(),
	}
	detailed := property.Diff(req.OldInputs, req.NewInputs)
	if len(detailed) == 0 {
		return result, false
	}
	result.Changes, result.DetailedDiff = plugin.DiffSome, detailed
	return result, replaceIdentity(detailed, before, after)
}

// replaceIdentity marks changes of what identifies an object, and tells whether there are any.
func replaceIdentity(detailed map[string]plugin.PropertyDiff, before, after *unstructured.Unstructured) bool {
	identity := []resource.PropertyPath{{"metadata", "name"}, {"metadata", "namespace"}, {"kind"}}
	if before.GroupVersionKind().Group != after.GroupVersionKind().Group {
		identity = append(identity, resource.PropertyPath{"apiVersion"})
	}
	replaced := false
	for path, change := range detailed {
		for _, field := range identity {
			if property.Related(property.Parse(path), field) {
				detailed[path], replaced = change.ToReplace(), true
			}
		}
	}
	return replaced
}

// replaceContent marks changes of what a Secret or ConfigMap holds, unless the provider calls them mutable, and tells
// whether there are any.
func (o *objects) replaceContent(detailed map[string]plugin.PropertyDiff, kind schema.GroupVersionKind) bool {
	var content []string
	switch {
	case kind == secretKind && !o.settings.enableSecretMutable:
		content = []string{"data", "stringData", "type"}
	case kind == configMapKind && !o.settings.enableConfigMapMutable:
		content = []string{"data", "binaryData"}
	}
	replaced := false
	for path, change := range detailed {
		for _, field := range content {
			if property.Related(property.Parse(path), resource.PropertyPath{field}) {
				detailed[path], replaced = change.ToReplace(), true
			}
		}
	}
	return replaced
}

// replaceRefused marks the changes that the API server refuses: those at or below the field it names, or else (a field
// that follows from another one) those below the nearest of its parents that has any.
func replaceRefused(detailed map[string]plugin.PropertyDiff, refusal kube.Refusal) {
	var exempt []resource.PropertyPath
	field := property.Parse(refusal.Field)
	if refusal.Field == "" {
		field = resource.PropertyPath{}
	}
	for _, name := range refusal.Except {
		path := property.Parse(name)
		exempt = append(exempt, path, append(append(resource.PropertyPath{}, field...), path...))
	}
	for ; ; field = field[:len(field)-1] {
		found := false
		for path, change := range detailed {
			changed := property.Parse(path)
			if property.Related(field, changed) && !leadsToAny(exempt, changed) {
				detailed[path], found = change.ToReplace(), true
			}
		}
		if found || len(field) == 0 {
			return
		}
	}
}

func leadsToAny(paths []resource.PropertyPath, changed resource.PropertyPath) bool {
	for _, path := range paths {
		if len(path) <= len(changed) && property.Related(path, changed) {
			return true
		}
	}
	return false
}
