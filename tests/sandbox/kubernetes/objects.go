package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/kube"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/property"
	"github.com/federated-risk/federated-risk/tests/sandbox/pluginserver"
)

// objects are the resources that are Kubernetes objects.
type objects struct {
	settings   settings
	connection *connection
	declared   *declaredKinds
	host       *pluginserver.Host
}

var (
	secretKind    = schema.GroupVersionKind{Version: "v1", Kind: "Secret"}
	configMapKind = schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"}
)

// secretFields are the fields of a Secret that are secret however the program spells them.
var secretFields = []resource.PropertyKey{"data", "stringData"}

func failure(path, reason string) plugin.CheckFailure {
	return plugin.CheckFailure{Property: resource.PropertyKey(path), Reason: reason}
}

// toObject returns inputs as the object to apply, and the paths that are not known yet.
func toObject(inputs resource.PropertyMap) (*unstructured.Unstructured, []resource.PropertyPath) {
	plain, unknown := property.Plain(inputs)
	return &unstructured.Unstructured{Object: plain}, unknown
}

// idOf returns the object's ID: namespace/name, or name where there is no namespace.
func idOf(object *unstructured.Unstructured) resource.ID {
	if object.GetNamespace() == "" {
		return resource.ID(object.GetName())
	}
	return resource.ID(object.GetNamespace() + "/" + object.GetName())
}

// parseID is the inverse of idOf. An ID without a namespace leaves it to the kind's scope.
func parseID(id resource.ID) (namespace, name string) {
	if before, after, ok := strings.Cut(string(id), "/"); ok {
		return before, after
	}
	return "", string(id)
}

// toOutputs returns live as outputs. What is secret in inputs is secret in them, and so is what a Secret holds.
func toOutputs(live *unstructured.Unstructured, inputs resource.PropertyMap) resource.PropertyMap {
	object := maps.Clone(live.Object)
	if metadata, ok := object["metadata"].(map[string]any); ok {
		metadata = maps.Clone(metadata)
		delete(metadata, "managedFields")
		object["metadata"] = metadata
	}
	outputs := property.MarkSecrets(property.FromPlain(object), inputs)
	return protect(live.GroupVersionKind(), outputs)
}

// protect makes the fields of a Secret secret.
func protect(kind schema.GroupVersionKind, values resource.PropertyMap) resource.PropertyMap {
	if kind != secretKind {
		return values
	}
	protected := values.Copy()
	for _, field := range secretFields {
		if value, ok := values[field]; ok && !value.IsNull() {
			protected[field] = property.MakeSecret(value)
		}
	}
	return protected
}

// guard returns err without the secrets of the inputs that it is about.
func guard(err error, kind schema.GroupVersionKind, inputs ...resource.PropertyMap) error {
	if err == nil {
		return nil
	}
	for i := range inputs {
		inputs[i] = protect(kind, inputs[i])
	}
	if redacted := property.Redact(err.Error(), inputs...); redacted != err.Error() {
		return errors.New(redacted)
	}
	return err
}

// progress returns a function that shows what an operation on urn is waiting for.
func (o *objects) progress(ctx context.Context, urn resource.URN) func(string) {
	return func(message string) {
		if message != "" {
			o.host.LogStatus(ctx, diag.Info, urn, message)
		}
	}
}

// kind returns the kind that token stands for, and whether the API server has it already. One that it does not have is
// an error unless a custom resource definition of this run will add it.
func (o *objects) kind(req plugin.CheckRequest) (kind schema.GroupVersionKind, exists, namespaced bool, err error) {
	kind, err = objectKind(req.Type, req.News)
	if err != nil {
		return kind, false, false, err
	}
	client, err := o.connection.client()
	if err != nil {
		return kind, false, false, err
	}
	mapping, err := client.Mapping(kind)
	if err == nil && isListKind(kind, client.Serves) {
		return kind, false, false, unsupported(req.Type)
	}
	if err == nil {
		return kind, true, mapping.Scope.Name() == "namespace", nil
	}
	var unknown *kube.UnknownKindError
	if !errors.As(err, &unknown) {
		return kind, false, false, err
	}
	if namespaced, declared := o.declared.scope(kind.GroupKind()); declared {
		return kind, false, namespaced, nil
	}
	if patched := patchedKind(kind, client.Serves); patched != "" {
		return kind, false, false, fmt.Errorf("resource type %q patches objects of kind %s: expected the input kind %q",
			req.Type, patched, patched)
	}
	return kind, false, false, fmt.Errorf("resource type %q: %w", req.Type, err)
}
