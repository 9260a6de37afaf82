package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/await"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/kube"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/property"
)

// definitionDelay is how long the API server may take to serve a kind after its definition has been established.
const definitionDelay = 10 * time.Second

// Create implements resources.
func (o *objects) Create(ctx context.Context, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	object, unknown := toObject(req.Properties)
	client, err := o.connection.client()
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	if req.Preview {
		err := o.previewCreate(ctx, client, object, unknown)
		// Of an object that does not exist, only what is declared is known.
		return plugin.CreateResponse{Properties: req.Properties}, guard(err, object.GroupVersionKind(), req.Properties)
	}
	if !o.settings.upsertExistingObjects {
		if err := refuseExisting(ctx, client, object); err != nil {
			return plugin.CreateResponse{}, err
		}
	}
	outputs, err := o.apply(ctx, client, change{
		urn: req.URN, object: object, inputs: req.Properties, timeout: req.Timeout,
	})
	return plugin.CreateResponse{ID: idOf(object), Properties: outputs}, err
}

// Update implements resources.
func (o *objects) Update(ctx context.Context, req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	object, unknown := toObject(req.NewInputs)
	client, err := o.connection.client()
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	if len(unknown) == 0 {
		if err := leave(ctx, client, object, req.IgnoreChanges, kube.FieldManager); err != nil {
			return plugin.UpdateResponse{}, guard(err, object.GroupVersionKind(), req.OldInputs, req.NewInputs)
		}
	}
	if req.Preview {
		outputs, err := o.previewUpdate(ctx, client, change{object: object, inputs: req.NewInputs}, unknown)
		return plugin.UpdateResponse{Properties: outputs}, guard(err, object.GroupVersionKind(), req.OldInputs, req.NewInputs)
	}
	outputs, err := o.apply(ctx, client, change{
		urn: req.URN, object: object, inputs: req.NewInputs, timeout: req.Timeout,
	})
	return plugin.UpdateResponse{Properties: outputs}, guard(err, object.GroupVersionKind(), req.OldInputs)
}

// leave keeps the apply of object by manager from changing the fields whose changes the program ignores.
func leave(
	ctx context.Context, client *kube.Client, object *unstructured.Unstructured, ignored []string, manager string,
) error {
	if len(ignored) == 0 {
		return nil
	}
	live, err := client.Get(ctx, kube.KeyOf(object))
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, text := range ignored {
		var path []string
		for _, element := range property.Parse(text) {
			name, ok := element.(string)
			if !ok {
				return fmt.Errorf("ignoreChanges: %q: paths into lists are not supported", text)
			}
			path = append(path, name)
		}
		if err := kube.Leave(object, live, path, manager); err != nil {
			return fmt.Errorf("ignoreChanges: %q: %w", text, err)
		}
	}
	return nil
}

func refuseExisting(ctx context.Context, client *kube.Client, object *unstructured.Unstructured) error {
	key := kube.KeyOf(object)
	_, err := client.Get(ctx, key)
	var unknown *kube.UnknownKindError
	switch {
	case apierrors.IsNotFound(err) || errors.As(err, &unknown):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("%s exists already: import it (`pulumi import`, ID %s), delete it, or let the program take it over with "+
		"the provider's upsertExistingObjects", key, idOf(object))
}

// force tells whether the program's values win over those of other managers.
func (o *objects) force(object *unstructured.Unstructured) bool {
	if value, ok := object.GetAnnotations()[patchForce]; ok {
		return value == "true"
	}
	return o.settings.enablePatchForce
}

// change is an object to be applied. Its timeout is in seconds; 0 means the default. Its manager is that of a patch, empty
// for any other object.
type change struct {
	urn     resource.URN
	object  *unstructured.Unstructured
	inputs  resource.PropertyMap
	timeout float64
	manager string
}

// outputs are what the engine records once the object is as live.
func (c change) outputs(live *unstructured.Unstructured) resource.PropertyMap {
	outputs := toOutputs(live, c.inputs)
	if c.manager != "" {
		outputs[fieldManagerKey] = resource.NewProperty(c.manager)
	}
	return outputs
}

// apply makes the object what it should be and waits until it is ready. If it does not get ready, the error carries the
// outputs for the engine to record.
func (o *objects) apply(ctx context.Context, client *kube.Client, c change) (resource.PropertyMap, error) {
	kind := c.object.GroupVersionKind()
	if err := o.waitForKind(ctx, client, c.object); err != nil {
		return nil, err
	}
	live, err := client.Apply(ctx, c.object, kube.ApplyOptions{Force: o.force(c.object), Manager: c.manager})
	if err != nil {
		return nil, guard(err, kind, c.inputs)
	}
	if !isTrue(c.object, skipAwait) {
		live, err = await.Ready(ctx, client, live, timeout(c.object, c.timeout), o.progress(ctx, c.urn))
	}
	if kind.GroupKind() == definitionKind {
		client.Invalidate()
	}
	outputs := c.outputs(live)
	if err != nil {
		reason := guard(err, kind, c.inputs).Error()
		return outputs, property.InitFailed(idOf(live), c.inputs, outputs, reason)
	}
	return outputs, nil
}

// waitForKind waits for a kind whose definition has been created in this run.
func (o *objects) waitForKind(ctx context.Context, client *kube.Client, object *unstructured.Unstructured) error {
	kind := object.GroupVersionKind()
	deadline := time.Now().Add(definitionDelay)
	for {
		_, err := client.Mapping(kind)
		var unknown *kube.UnknownKindError
		if !errors.As(err, &unknown) {
			return err
		}
		if _, declared := o.declared.scope(kind.GroupKind()); !declared || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// previewCreate has the API server try the creation, as far as that is possible before what it depends on exists.
func (o *objects) previewCreate(
	ctx context.Context, client *kube.Client, object *unstructured.Unstructured, unknown []resource.PropertyPath,
) error {
	if len(unknown) > 0 {
		return nil
	}
	if !o.settings.upsertExistingObjects {
		if err := refuseExisting(ctx, client, object); err != nil {
			return nil //nolint:nilerr // it may be the predecessor, which will be deleted first; the creation itself will tell
		}
	}
	_, err := client.Apply(ctx, object, kube.ApplyOptions{DryRun: true, Force: o.force(object)})
	var missing *kube.UnknownKindError
	switch {
	case errors.As(err, &missing):
		if _, declared := o.declared.scope(object.GroupVersionKind().GroupKind()); declared {
			return nil
		}
	case isMissingNamespace(err, object.GetNamespace()), cannotDryRun(err):
		return nil
	case len(kube.Refusals(err)) > 0:
		// The predecessor, which will be deleted first, is still there.
		return nil
	}
	return err
}

// previewUpdate returns the outputs that the change leads to, as far as they are known, and has the API server try it.
func (o *objects) previewUpdate(
	ctx context.Context, client *kube.Client, c change, unknown []resource.PropertyPath,
) (resource.PropertyMap, error) {
	if len(unknown) > 0 {
		return c.inputs, nil
	}
	expected, err := client.Apply(ctx, c.object, kube.ApplyOptions{DryRun: true, Force: o.force(c.object), Manager: c.manager})
	if cannotDryRun(err) || isMissingNamespace(err, c.object.GetNamespace()) {
		return c.inputs, nil
	}
	if err != nil {
		return nil, err
	}
	// What the change will make of these is not known yet.
	result := maps.Clone(expected.Object)
	delete(result, "status")
	metadata, _ := result["metadata"].(map[string]any)
	metadata = maps.Clone(metadata)
	delete(metadata, "resourceVersion")
	delete(metadata, "generation")
	result["metadata"] = metadata
	return c.outputs(&unstructured.Unstructured{Object: result}), nil
}

// isMissingNamespace tells whether err says that the namespace itself does not exist. In a preview it may be one that
// the same run is going to create.
func isMissingNamespace(err error, namespace string) bool {
	var status apierrors.APIStatus
	if !apierrors.IsNotFound(err) || !errors.As(err, &status) || status.Status().Details == nil {
		return false
	}
	details := status.Status().Details
	return namespace != "" && details.Kind == "namespaces" && details.Name == namespace
}

// cannotDryRun tells whether err says that an admission webhook rules dry runs out.
func cannotDryRun(err error) bool {
	return apierrors.IsBadRequest(err) && strings.Contains(err.Error(), "does not support dry run")
}
