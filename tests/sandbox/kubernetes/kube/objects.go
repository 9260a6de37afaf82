package kube

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
)

// FieldManager is the name under which objects are applied. It is one for all, so that an apply that was cut off and
// the next one have the same owner. Only patches of objects that are somebody else's have names of their own.
const FieldManager = "pulumi-kubernetes"

// Key says which object is meant. Namespace is empty for a cluster-scoped kind.
type Key struct {
	Kind            schema.GroupVersionKind
	Namespace, Name string
}

// KeyOf returns the key of object.
func KeyOf(object *unstructured.Unstructured) Key {
	return Key{Kind: object.GroupVersionKind(), Namespace: object.GetNamespace(), Name: object.GetName()}
}

// String is how messages name the object: Deployment shop/web.
func (k Key) String() string {
	if k.Namespace == "" {
		return k.Kind.Kind + " " + k.Name
	}
	return fmt.Sprintf("%s %s/%s", k.Kind.Kind, k.Namespace, k.Name)
}

func (c *Client) resource(key Key) (dynamic.ResourceInterface, error) {
	mapping, err := c.Mapping(key.Kind)
	if err != nil {
		return nil, err
	}
	resource := c.dynamic.Resource(mapping.Resource)
	if mapping.Scope.Name() != meta.RESTScopeNameNamespace {
		return resource, nil
	}
	return resource.Namespace(key.Namespace), nil
}

// Get returns the object as it is now. A missing one is an error that apierrors.IsNotFound recognises.
func (c *Client) Get(ctx context.Context, key Key) (*unstructured.Unstructured, error) {
	resource, err := c.resource(key)
	if err != nil {
		return nil, err
	}
	object, err := resource.Get(ctx, key.Name, metav1.GetOptions{})
	if err != nil {
		return nil, c.explain(fmt.Errorf("read %s: %w", key, err))
	}
	return object, nil
}

// List returns the objects of kind in namespace (empty: in all) that match the selectors, both in the API's own syntax.
func (c *Client) List(
	ctx context.Context, kind schema.GroupVersionKind, namespace, labels, fields string,
) ([]unstructured.Unstructured, error) {
	resource, err := c.resource(Key{Kind: kind, Namespace: namespace})
	if err != nil {
		return nil, err
	}
	list, err := resource.List(ctx, metav1.ListOptions{LabelSelector: labels, FieldSelector: fields})
	if err != nil {
		return nil, c.explain(fmt.Errorf("list %s in namespace %q: %w", kind.Kind, namespace, err))
	}
	return list.Items, nil
}

// Watch reports the changes of the object after resourceVersion.
func (c *Client) Watch(ctx context.Context, key Key, resourceVersion string) (watch.Interface, error) {
	resource, err := c.resource(key)
	if err != nil {
		return nil, err
	}
	watcher, err := resource.Watch(ctx, metav1.ListOptions{
		FieldSelector:   "metadata.name=" + key.Name,
		ResourceVersion: resourceVersion,
	})
	if err != nil {
		return nil, c.explain(fmt.Errorf("watch %s: %w", key, err))
	}
	return watcher, nil
}

// ApplyOptions say how Apply works. DryRun has the API server do all but store the result; Force takes over fields that
// other managers own. Manager is the name that owns the fields; empty stands for FieldManager.
type ApplyOptions struct {
	DryRun, Force bool
	Manager       string
}

// Apply makes object, which holds only the fields that are declared, what the cluster has (server-side apply, strict
// about unknown fields), and returns the outcome. An object that does not exist yet is created, unless it has a UID: then
// only the object with that UID is changed, and it is a conflict if there is none.
func (c *Client) Apply(
	ctx context.Context, object *unstructured.Unstructured, options ApplyOptions,
) (*unstructured.Unstructured, error) {
	key := KeyOf(object)
	resource, err := c.resource(key)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", key, err)
	}
	patch := metav1.PatchOptions{
		FieldManager: cmp.Or(options.Manager, FieldManager), Force: &options.Force,
		FieldValidation: metav1.FieldValidationStrict,
	}
	if options.DryRun {
		patch.DryRun = []string{metav1.DryRunAll}
	}
	applied, err := resource.Patch(ctx, key.Name, types.ApplyPatchType, body, patch)
	if err != nil {
		return nil, c.explain(fmt.Errorf("apply %s: %w", key, explainConflict(err)))
	}
	return applied, nil
}

// Delete asks for the deletion of the object, dependents first, if it still is the one with uid.
func (c *Client) Delete(ctx context.Context, key Key, uid types.UID) error {
	resource, err := c.resource(key)
	if err != nil {
		return err
	}
	foreground := metav1.DeletePropagationForeground
	err = resource.Delete(ctx, key.Name, metav1.DeleteOptions{
		PropagationPolicy: &foreground,
		Preconditions:     &metav1.Preconditions{UID: &uid},
	})
	if err != nil {
		return c.explain(fmt.Errorf("delete %s: %w", key, err))
	}
	return nil
}

// explainConflict tells what to do about fields that other managers own.
func explainConflict(err error) error {
	var status apierrors.APIStatus
	if !apierrors.IsConflict(err) || !errors.As(err, &status) || status.Status().Details == nil {
		return err
	}
	var fields []string
	for _, cause := range status.Status().Details.Causes {
		if cause.Type == metav1.CauseTypeFieldManagerConflict {
			fields = append(fields, fmt.Sprintf("%s (%s)", strings.TrimPrefix(cause.Field, "."), cause.Message))
		}
	}
	if len(fields) == 0 {
		return err
	}
	return fmt.Errorf("fields belong to another manager: %s; stop that manager from setting them, leave them out of the "+
		`program, or take them over with the annotation "pulumi.com/patchForce": "true" or the provider's `+
		"enablePatchForce: %w", strings.Join(fields, ", "), err)
}

// explain adds to an error of the connection which server could not be reached, and what to do.
func (c *Client) explain(err error) error {
	if !IsUnreachable(err) {
		return err
	}
	return fmt.Errorf("cannot reach the Kubernetes API server %s; is the cluster running, and is this the right context?: %w",
		c.Server(), err)
}

// IsUnreachable tells whether err is of the connection to the API server, not of what it answered.
func IsUnreachable(err error) bool {
	var status apierrors.APIStatus
	if errors.As(err, &status) || errors.Is(err, context.Canceled) {
		return false
	}
	var urlErr *url.Error
	var netErr net.Error
	return errors.As(err, &urlErr) || errors.As(err, &netErr) || errors.Is(err, io.ErrUnexpectedEOF)
}
