package kube

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// Applied returns the part of live that was applied (server-side) by some manager, with identity: the declaration as
// far as the cluster knows it, without any default. It returns nil if nobody applied the object: then the owners of
// fields own the defaults too, and the two cannot be told apart.
func (t Type) Applied(live *unstructured.Unstructured) (map[string]any, error) {
	owned, applied := fieldpath.NewSet(), false
	for _, entry := range live.GetManagedFields() {
		if entry.Operation != metav1.ManagedFieldsOperationApply || entry.Subresource != "" || entry.FieldsV1 == nil {
			continue
		}
		fields, err := managed(entry)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", KeyOf(live), err)
		}
		owned, applied = owned.Union(fields), true
	}
	if !applied {
		return nil, nil
	}
	typedLive, err := t.parseable.FromUnstructured(live.Object)
	if err != nil {
		return nil, fmt.Errorf("%s does not match its own schema: %w", KeyOf(live), err)
	}
	extracted, ok := typedLive.ExtractItems(owned.Leaves()).AsValue().Unstructured().(map[string]any)
	if !ok {
		extracted = map[string]any{}
	}
	result := &unstructured.Unstructured{Object: extracted}
	result.SetGroupVersionKind(live.GroupVersionKind())
	result.SetName(live.GetName())
	if live.GetNamespace() != "" {
		result.SetNamespace(live.GetNamespace())
	}
	return result.Object, nil
}
