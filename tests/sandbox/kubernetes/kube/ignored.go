package kube

import (
	"bytes"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// Leave makes object, before manager applies it, leave the field at path as it is in live. A field that others own and
// manager does not is taken out. Any other gets its live value: what an apply does not name any more is removed.
func Leave(object, live *unstructured.Unstructured, path []string, manager string) error {
	owners, err := Owners(live.GetManagedFields(), path...)
	if err != nil {
		return fmt.Errorf("%s: %w", KeyOf(live), err)
	}
	if len(owners) > 0 && !slices.Contains(owners, manager) {
		unstructured.RemoveNestedField(object.Object, path...)
		return nil
	}
	value, found, err := unstructured.NestedFieldCopy(live.Object, path...)
	if err != nil || !found {
		return err
	}
	return unstructured.SetNestedField(object.Object, value, path...)
}

// Owners returns the field managers that own the field at path, or anything in it, one for each of the entries of an object's
// managedFields that say so.
func Owners(entries []metav1.ManagedFieldsEntry, path ...string) ([]string, error) {
	names := make([]any, len(path))
	for i, name := range path {
		names[i] = name
	}
	field, err := fieldpath.MakePath(names...)
	if err != nil {
		return nil, err
	}
	var owners []string
	for _, entry := range entries {
		if entry.FieldsV1 == nil {
			continue
		}
		fields, err := managed(entry)
		if err != nil {
			return nil, err
		}
		if fields.Has(field) || !prefixed(fields, field).Empty() {
			owners = append(owners, entry.Manager)
		}
	}
	return owners, nil
}

// managed are the fields that an entry with some says its manager owns.
func managed(entry metav1.ManagedFieldsEntry) (*fieldpath.Set, error) {
	var fields fieldpath.Set
	if err := fields.FromJSON(bytes.NewReader(entry.FieldsV1.GetRawBytes())); err != nil {
		return nil, fmt.Errorf("read the fields that %q manages: %w", entry.Manager, err)
	}
	return &fields, nil
}

func prefixed(fields *fieldpath.Set, path fieldpath.Path) *fieldpath.Set {
	for _, element := range path {
		fields = fields.WithPrefix(element)
	}
	return fields
}
