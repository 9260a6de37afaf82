package kubernetes

import (
	"context"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/kube"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/property"
)

// fieldManagerKey is the output that keeps the name of a patch's field manager.
const fieldManagerKey = "__fieldManager"

// patches are the resources that set fields of objects which exist without them. Each applies its fields under a manager
// of its own, and its deletion gives them up.
type patches struct {
	objects *objects
}

// Check implements resources. The inputs are those of an object, which a patch must name.
func (p *patches) Check(ctx context.Context, req plugin.CheckRequest) (plugin.CheckResponse, error) {
	if object, _ := toObject(req.News); object.GetName() == "" {
		return plugin.CheckResponse{Failures: []plugin.CheckFailure{failure("metadata.name",
			"a patch needs the name of the object that it is for, and in a preview already: set it")}}, nil
	}
	return p.objects.Check(ctx, req)
}

// Diff implements resources. All but the object that a patch is for changes in place.
func (p *patches) Diff(_ context.Context, req plugin.DiffRequest) (plugin.DiffResponse, error) {
	after, _ := toObject(req.NewInputs)
	result, _ := compare(req, after)
	return result, nil
}

// Create implements resources.
func (p *patches) Create(ctx context.Context, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	object, unknown := toObject(req.Properties)
	client, err := p.objects.connection.client()
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	manager, err := fieldManager(object, nil)
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	patch := change{urn: req.URN, object: object, inputs: req.Properties, timeout: req.Timeout, manager: manager}
	if req.Preview {
		err := p.previewCreate(ctx, client, patch, unknown)
		return plugin.CreateResponse{Properties: req.Properties}, guard(err, object.GroupVersionKind(), req.Properties)
	}
	if err := tie(ctx, client, object); err != nil {
		return plugin.CreateResponse{}, err
	}
	outputs, err := p.objects.apply(ctx, client, patch)
	return plugin.CreateResponse{ID: idOf(object), Properties: outputs}, err
}

// previewCreate has the API server try the patch, unless the object does not exist yet: the same run may create it.
func (p *patches) previewCreate(
	ctx context.Context, client *kube.Client, patch change, unknown []resource.PropertyPath,
) error {
	if len(unknown) > 0 {
		return nil
	}
	err := tie(ctx, client, patch.object)
	var missing *kube.UnknownKindError
	if apierrors.IsNotFound(err) || errors.As(err, &missing) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = p.objects.previewUpdate(ctx, client, patch, unknown)
	return err
}

// Update implements resources. A manager that the patch had before gives up what it owns.
func (p *patches) Update(ctx context.Context, req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	client, err := p.objects.connection.client()
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	before, _ := toObject(req.OldInputs)
	after, unknown := toObject(req.NewInputs)
	former, err := fieldManager(before, req.OldOutputs)
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	manager, err := fieldManager(after, req.OldOutputs)
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	kind := after.GroupVersionKind()
	if len(unknown) == 0 {
		if err := p.prepare(ctx, client, after, req.IgnoreChanges, manager); err != nil {
			return plugin.UpdateResponse{}, guard(err, kind, req.OldInputs, req.NewInputs)
		}
	}
	patch := change{urn: req.URN, object: after, inputs: req.NewInputs, timeout: req.Timeout, manager: manager}
	if req.Preview {
		outputs, err := p.objects.previewUpdate(ctx, client, patch, unknown)
		return plugin.UpdateResponse{Properties: outputs}, guard(err, kind, req.OldInputs, req.NewInputs)
	}
	outputs, err := p.objects.apply(ctx, client, patch)
	// Outputs beside an error say that the fields have been applied, though the object is not ready.
	if outputs != nil && former != manager {
		if failed := giveUp(ctx, client, after, former); failed != nil && err == nil {
			return plugin.UpdateResponse{}, guard(failed, kind, req.OldInputs, req.NewInputs)
		}
	}
	return plugin.UpdateResponse{Properties: outputs}, guard(err, kind, req.OldInputs)
}

// prepare makes object ready to be applied by manager to the one that exists, less the fields whose changes are ignored.
func (p *patches) prepare(
	ctx context.Context, client *kube.Client, object *unstructured.Unstructured, ignored []string, manager string,
) error {
	if err := tie(ctx, client, object); err != nil {
		return err
	}
	return leave(ctx, client, object, ignored, manager)
}

// Read implements resources.
func (p *patches) Read(ctx context.Context, req plugin.ReadRequest) (plugin.ReadResponse, error) {
	client, err := p.objects.connection.client()
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	live, err := p.objects.find(ctx, client, req)
	if live == nil || err != nil {
		return plugin.ReadResponse{}, err // without an ID: with the object, the patch is gone
	}
	declared, _ := toObject(req.Inputs)
	manager, err := fieldManager(declared, req.State)
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	return p.objects.refresh(ctx, client, live, req.Inputs, manager)
}

// Delete implements resources. The object stays, and what no other manager owns gets its default.
func (p *patches) Delete(ctx context.Context, req plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	client, err := p.objects.connection.client()
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	live, err := p.objects.find(ctx, client, plugin.ReadRequest{Type: req.Type, ID: req.ID, Inputs: req.Inputs})
	if live == nil || err != nil {
		return plugin.DeleteResponse{}, err
	}
	declared, _ := toObject(req.Inputs)
	manager, err := fieldManager(declared, req.Outputs)
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	return plugin.DeleteResponse{}, guard(giveUp(ctx, client, live, manager), live.GroupVersionKind(), req.Inputs, req.Outputs)
}

// fieldManager returns the name under which a patch owns its fields: what its annotation says, else what its state (nil:
// it has none yet) says, else one made up.
func fieldManager(patch *unstructured.Unstructured, state resource.PropertyMap) (string, error) {
	if name := patch.GetAnnotations()[patchFieldManager]; name != "" {
		return name, nil
	}
	if recorded, _ := property.Unwrap(state[fieldManagerKey]); recorded.IsString() {
		return recorded.StringValue(), nil
	}
	name, err := resource.NewUniqueName(nil, kube.FieldManager+"-", 0, 0, nil)
	if err != nil {
		return "", fmt.Errorf("make up a field manager: %w", err)
	}
	return name, nil
}

// tie gives object, before it is applied, the UID of the one that exists, so that the apply cannot create another. A
// missing one is an error that apierrors.IsNotFound recognises.
func tie(ctx context.Context, client *kube.Client, object *unstructured.Unstructured) error {
	key := kube.KeyOf(object)
	live, err := client.Get(ctx, key)
	if apierrors.IsNotFound(err) {
		return fmt.Errorf("%s does not exist, and a patch is for an object that does: have the patch depend on it, correct "+
			"metadata.name and metadata.namespace, or run `pulumi refresh` if it was deleted by hand: %w", key, err)
	}
	if err != nil {
		return err
	}
	object.SetUID(live.GetUID())
	return nil
}

// giveUp has manager own nothing of object, which is told by its UID, any more. It is fine if that is gone.
func giveUp(ctx context.Context, client *kube.Client, object *unstructured.Unstructured, manager string) error {
	nothing := &unstructured.Unstructured{}
	nothing.SetGroupVersionKind(object.GroupVersionKind())
	nothing.SetNamespace(object.GetNamespace())
	nothing.SetName(object.GetName())
	nothing.SetUID(object.GetUID())
	_, err := client.Apply(ctx, nothing, kube.ApplyOptions{Manager: manager})
	if err != nil && isRecreated(ctx, client, kube.KeyOf(object), object.GetUID()) {
		return nil
	}
	if cause, ok := apierrors.StatusCause(err, metav1.CauseTypeFieldValueRequired); ok {
		return fmt.Errorf("%s needs %s, which nobody but this patch sets: have another manager set it before the patch goes, or "+
			"give the patch the resource option retainOnDelete: %w", kube.KeyOf(object), cause.Field, err)
	}
	return err
}
