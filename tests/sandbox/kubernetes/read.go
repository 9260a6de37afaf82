package kubernetes

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/await"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/kube"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/property"
)

// Read implements resources. With inputs (a refresh), the new inputs are the old ones with the values that the cluster
// has instead. Without (an import), they are what was applied to the object, or all of it that can be declared.
func (o *objects) Read(ctx context.Context, req plugin.ReadRequest) (plugin.ReadResponse, error) {
	client, err := o.connection.client()
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	live, err := o.find(ctx, client, req)
	if live == nil || err != nil {
		return plugin.ReadResponse{}, err // without an ID: the resource does not exist
	}
	if len(req.Inputs) > 0 {
		return o.refresh(ctx, client, live, req.Inputs, "")
	}
	fields, err := client.Type(live.GroupVersionKind())
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	inputs, err := importInputs(fields, live)
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	result := plugin.ReadResult{ID: idOf(live), Inputs: inputs, Outputs: toOutputs(live, inputs)}
	return plugin.ReadResponse{ReadResult: result}, nil
}

// refresh returns what has become of the object with inputs, which manager (empty: that of all but patches) applied.
func (o *objects) refresh(
	ctx context.Context, client *kube.Client, live *unstructured.Unstructured, inputs resource.PropertyMap, manager string,
) (plugin.ReadResponse, error) {
	fields, err := client.Type(live.GroupVersionKind())
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	inputs = o.observe(ctx, client, fields, change{inputs: inputs, manager: manager}, live)
	outputs := change{inputs: inputs, manager: manager}.outputs(live)
	result := plugin.ReadResult{ID: idOf(live), Inputs: inputs, Outputs: outputs}
	if declared, _ := toObject(inputs); !isTrue(declared, skipAwait) {
		if err := await.Now(ctx, client, live); err != nil {
			reason := guard(err, live.GroupVersionKind(), inputs).Error()
			return plugin.ReadResponse{ReadResult: result}, property.InitFailed(result.ID, inputs, outputs, reason)
		}
	}
	return plugin.ReadResponse{ReadResult: result}, nil
}

// find returns the object with the request's ID, nil if there is none.
func (o *objects) find(
	ctx context.Context, client *kube.Client, req plugin.ReadRequest,
) (*unstructured.Unstructured, error) {
	kind, err := objectKind(req.Type, req.Inputs)
	if err != nil {
		return nil, err
	}
	namespace, name := parseID(req.ID)
	if name == "" {
		return nil, fmt.Errorf("ID %q names no object: expected <namespace>/<name>, or <name> for a cluster-scoped kind", req.ID)
	}
	mapping, err := client.Mapping(kind)
	var unknown *kube.UnknownKindError
	switch {
	case errors.As(err, &unknown) && len(req.Inputs) > 0:
		return nil, nil // its definition is gone, and all its objects with it
	case errors.As(err, &unknown) && patchedKind(kind, client.Serves) != "":
		return nil, fmt.Errorf("resource type %q cannot be imported: a patch is what its own program declares, so declare it "+
			"instead", req.Type)
	case err != nil:
		return nil, err
	case namespace == "" && mapping.Scope.Name() == "namespace":
		namespace = client.Namespace()
	case namespace != "" && mapping.Scope.Name() != "namespace":
		return nil, fmt.Errorf("ID %q has a namespace, but %s is cluster-scoped: expected <name>", req.ID, kind.Kind)
	}
	live, err := client.Get(ctx, kube.Key{Kind: kind, Namespace: namespace, Name: name})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return live, err
}

// observe returns the inputs of c with the values of live. To tell a change from a default or another spelling of the same
// value, it asks the API server what applying the inputs would lead to.
func (o *objects) observe(
	ctx context.Context, client *kube.Client, fields kube.Type, c change, live *unstructured.Unstructured,
) resource.PropertyMap {
	declared, _ := toObject(c.inputs)
	var expected map[string]any
	options := kube.ApplyOptions{DryRun: true, Force: true, Manager: c.manager}
	if outcome, err := client.Apply(ctx, declared, options); err == nil {
		expected = comparable(outcome, declared)
	}
	observed := fields.Observe(declared.Object, comparable(live, declared), expected)
	if reflect.DeepEqual(observed, declared.Object) {
		return c.inputs
	}
	return protect(live.GroupVersionKind(), property.MarkSecrets(property.FromPlain(observed), c.inputs))
}

// comparable returns an object of the cluster without what changes by itself, and a Secret with the stringData that
// declared has, which the API server merges into data and never returns.
func comparable(object, declared *unstructured.Unstructured) map[string]any {
	result := kube.Declarable(object.Object)
	texts, ok := declared.Object["stringData"].(map[string]any)
	if object.GroupVersionKind() != secretKind || !ok {
		return result
	}
	data, _ := result["data"].(map[string]any)
	decoded := map[string]any{}
	for key := range texts {
		encoded, _ := data[key].(string)
		if text, err := base64.StdEncoding.DecodeString(encoded); err == nil && data[key] != nil {
			decoded[key] = string(text)
		}
	}
	result = maps.Clone(result)
	result["stringData"] = decoded
	return result
}

func importInputs(fields kube.Type, live *unstructured.Unstructured) (resource.PropertyMap, error) {
	object, err := fields.Applied(live)
	if err != nil {
		return nil, err
	}
	if object == nil {
		object = live.Object
	}
	return protect(live.GroupVersionKind(), property.FromPlain(kube.Declarable(object))), nil
}

// Delete implements resources. It deletes exactly the object in the state: one that has been created under the same name
// since stays.
func (o *objects) Delete(ctx context.Context, req plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	client, err := o.connection.client()
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	recorded, _ := toObject(req.Outputs)
	live, err := o.find(ctx, client, plugin.ReadRequest{Type: req.Type, ID: req.ID, Inputs: req.Inputs})
	var unknown *kube.UnknownKindError
	if errors.As(err, &unknown) || err == nil && live == nil {
		return plugin.DeleteResponse{}, nil
	}
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	uid := live.GetUID()
	if known := recorded.GetUID(); known != "" && known != uid {
		return plugin.DeleteResponse{}, nil
	}
	err = o.delete(ctx, client, live, uid, req)
	return plugin.DeleteResponse{}, guard(err, live.GroupVersionKind(), req.Inputs, req.Outputs)
}

func (o *objects) delete(
	ctx context.Context, client *kube.Client, live *unstructured.Unstructured, uid types.UID, req plugin.DeleteRequest,
) error {
	declared, _ := toObject(req.Inputs)
	err := client.Delete(ctx, kube.KeyOf(live), uid)
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) && isRecreated(ctx, client, kube.KeyOf(live), uid) {
		return nil
	}
	if err != nil {
		return err
	}
	if !isTrue(declared, skipAwait) {
		err = await.Gone(ctx, client, kube.KeyOf(live), uid, timeout(declared, req.Timeout), o.progress(ctx, req.URN))
	}
	if live.GroupVersionKind().GroupKind() == definitionKind {
		client.Invalidate()
	}
	return err
}

// isRecreated tells whether the object with uid is gone, though another one may have its name.
func isRecreated(ctx context.Context, client *kube.Client, key kube.Key, uid types.UID) bool {
	live, err := client.Get(ctx, key)
	return apierrors.IsNotFound(err) || err == nil && live.GetUID() != uid
}
