package kubernetes

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/property"
)

// autonameLength is the number of random characters in the name of an object that the program does not name.
const autonameLength = 8

// Check implements resources. Inputs that are fine are completed with apiVersion, kind, a name and a namespace.
func (o *objects) Check(_ context.Context, req plugin.CheckRequest) (plugin.CheckResponse, error) {
	kind, exists, namespaced, err := o.kind(req)
	if err != nil {
		return plugin.CheckResponse{}, err
	}
	inputs, failures := withIdentity(req.News, kind)
	if len(failures) > 0 {
		return plugin.CheckResponse{Failures: failures}, nil
	}
	client, err := o.connection.client()
	if err != nil {
		return plugin.CheckResponse{}, err
	}
	inputs, failures = withMetadata(inputs, req, namespaced, client.Namespace())
	object, _ := toObject(inputs)
	annotations, _, _ := unstructured.NestedMap(object.Object, "metadata", "annotations")
	failures = append(failures, checkAnnotations(annotations, isPatch(req.Type, req.News))...)
	o.declared.add(object.Object)
	if exists {
		faults, err := o.checkFields(kind, object.Object)
		if err != nil {
			return plugin.CheckResponse{}, err
		}
		failures = append(failures, faults...)
	}
	for i := range failures {
		failures[i].Reason = property.Redact(failures[i].Reason, protect(kind, inputs))
	}
	return plugin.CheckResponse{Properties: inputs, Failures: failures}, nil
}

// withIdentity sets apiVersion and kind, or returns how those in inputs contradict the resource's type.
func withIdentity(
	inputs resource.PropertyMap, kind schema.GroupVersionKind,
) (resource.PropertyMap, []plugin.CheckFailure) {
	var failures []plugin.CheckFailure
	result := inputs.Copy()
	want := map[resource.PropertyKey]string{"apiVersion": kind.GroupVersion().String(), "kind": kind.Kind}
	for key, expected := range want {
		value, _ := property.Unwrap(inputs[key])
		switch {
		case value.IsString() && value.StringValue() != expected:
			failures = append(failures, failure(string(key), fmt.Sprintf(
				"is %q, but the resource's type stands for %q", value.StringValue(), expected)))
		case !value.IsNull() && !value.IsString():
			failures = append(failures, failure(string(key), fmt.Sprintf("expected the string %q", expected)))
		default:
			result[key] = resource.NewProperty(expected)
		}
	}
	return result, failures
}

// withMetadata gives the object a name and a namespace if the program leaves them to the plugin.
func withMetadata(
	inputs resource.PropertyMap, req plugin.CheckRequest, namespaced bool, defaultNamespace string,
) (resource.PropertyMap, []plugin.CheckFailure) {
	var failures []plugin.CheckFailure
	completed, ok := property.WithObject(inputs, "metadata", func(metadata resource.PropertyMap) {
		if !isEmpty(metadata["generateName"]) {
			failures = append(failures, failure("metadata.generateName", "is not supported by server-side apply: set "+
				"metadata.name, or neither to have a name made up"))
		}
		if isEmpty(metadata["name"]) {
			if err := autoname(metadata, req); err != nil {
				failures = append(failures, failure("metadata.name", err.Error()))
			}
		}
		switch {
		case namespaced && isEmpty(metadata["namespace"]):
			metadata["namespace"] = resource.NewProperty(defaultNamespace)
		case !namespaced && !isEmpty(metadata["namespace"]):
			failures = append(failures, failure("metadata.namespace", "the kind is cluster-scoped: leave the namespace out"))
		}
	})
	if inner, _ := property.Unwrap(inputs["metadata"]); !ok && !inner.IsComputed() && !inner.IsOutput() {
		failures = append(failures, failure("metadata", "expected an object"))
	}
	return completed, failures
}

func isEmpty(value resource.PropertyValue) bool {
	inner, _ := property.Unwrap(value)
	return inner.IsNull() || inner.IsString() && inner.StringValue() == ""
}

// autoname sets a name that the program did not: the one from before, or a new one with a random end. The engine hands
// over no old inputs for the successor of an object that is to be replaced, which thus gets a name of its own.
func autoname(metadata resource.PropertyMap, req plugin.CheckRequest) error {
	name, err := autonameOf(req)
	if err != nil {
		return err
	}
	marked, ok := property.WithObject(metadata, "annotations", func(annotations resource.PropertyMap) {
		annotations[autonamed] = resource.NewProperty("true")
	})
	if ok {
		metadata["annotations"] = marked["annotations"]
	}
	metadata["name"] = resource.NewProperty(name)
	return nil
}

func autonameOf(req plugin.CheckRequest) (string, error) {
	if old, _ := toObject(req.Olds); isTrue(old, autonamed) && old.GetName() != "" {
		return old.GetName(), nil
	}
	if req.Autonaming != nil {
		switch req.Autonaming.Mode {
		case plugin.AutonamingModeDisabled:
			return "", fmt.Errorf("automatic naming is disabled: set metadata.name")
		case plugin.AutonamingModeEnforce, plugin.AutonamingModePropose:
			if req.Autonaming.ProposedName != "" {
				return req.Autonaming.ProposedName, nil
			}
		}
	}
	name, err := resource.NewUniqueName(req.RandomSeed, req.URN.Name()+"-", autonameLength, 0, nil)
	if err != nil {
		return "", fmt.Errorf("make up a name: %w", err)
	}
	return name, nil
}

// checkFields returns the fields that the kind does not have and the values of a wrong type. Values that are not known
// yet are not in object.
func (o *objects) checkFields(kind schema.GroupVersionKind, object map[string]any) ([]plugin.CheckFailure, error) {
	client, err := o.connection.client()
	if err != nil {
		return nil, err
	}
	fields, err := client.Type(kind)
	if err != nil {
		return nil, err
	}
	var failures []plugin.CheckFailure
	for _, fault := range fields.Validate(object) {
		failures = append(failures, failure(fault.Path.String(), fault.Reason))
	}
	return failures, nil
}
