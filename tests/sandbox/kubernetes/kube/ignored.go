package kube

import (
	"bytes"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// Leave makes object, before manager applies it, leave the field at path as it is in live. A field that others own and
// manager does not is taken out. Any other gets its live value: what an apply does not name any more is removed.
func Leave(object, live *unstructured.Unstructured, path []string, manager string) error {
	ours, theirs, err := owners(live, path, manager)
	if err != nil {
		return err
	}
	if theirs && !ours {
		unstructured.RemoveNestedField(object.Object, path...)
		return nil
	}
	value, found, err := unstructured.NestedFieldCopy(live.Object, path...)
	if err != nil || !found {
		return err
	}
	return unstructured.SetNestedField(object.Object, value, path...)
}

// owners says whether manager owns the field at path, or anything in it, and whether another one does.
func owners(live *unstructured.Unstructured, path []string, manager string) (ours, theirs bool, err error) {
	names := make([]any, len(path))
	for i, name := range path {
		names[i] = name
	}
	field, err := fieldpath.MakePath(names...)
	if err != nil {
		return false, false, err
	}
	for _, entry := range live.GetManagedFields() {
		if entry.FieldsV1 == nil {
			continue
		}
		var fields fieldpath.Set
		if err := fields.FromJSON(bytes.NewReader(entry.FieldsV1.GetRawBytes())); err != nil {
			return false, false, fmt.Errorf("read the fields that %q manages in %s: %w", entry.Manager, KeyOf(live), err)
		}
		owns := fields.Has(field) || !prefixed(&fields, field).Empty()
		ours = ours || owns && entry.Manager == manager
		theirs = theirs || owns && entry.Manager != manager
	}
	return ours, theirs, nil
}

func prefixed(fields *fieldpath.Set, path fieldpath.Path) *fieldpath.Set {
	for _, element := range path {
		fields = fields.WithPrefix(element)
	}
	return fields
}
