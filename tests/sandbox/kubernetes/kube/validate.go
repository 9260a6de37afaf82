package kube

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	smdschema "sigs.k8s.io/structured-merge-diff/v6/schema"
)

// FieldError is a fault in one field of an object.
type FieldError struct {
	Path   resource.PropertyPath
	Reason string
}

// Validate returns the fields of object that its schema does not have, or whose values are of the wrong type, all of
// them. Nulls, which may stand for what is not known yet, and fields that are required but absent are no faults here.
func (t Type) Validate(object map[string]any) []FieldError {
	v := &validator{schema: t.parseable.Schema}
	v.value(nil, t.parseable.TypeRef, object)
	return v.faults
}

type validator struct {
	schema *smdschema.Schema
	faults []FieldError
}

func (v *validator) fault(path resource.PropertyPath, format string, a ...any) {
	v.faults = append(v.faults, FieldError{Path: slices.Clone(path), Reason: fmt.Sprintf(format, a...)})
}

func (v *validator) value(path resource.PropertyPath, ref smdschema.TypeRef, value any) {
	atom, ok := v.schema.Resolve(ref)
	if !ok || value == nil {
		return
	}
	switch value := value.(type) {
	case map[string]any:
		if atom.Map == nil {
			v.fault(path, "expected %s, got an object", expected(atom))
			return
		}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			field := append(slices.Clone(path), key)
			if !hasField(atom.Map, key) {
				v.fault(field, "the kind has no such field")
				continue
			}
			v.value(field, fieldType(atom.Map, key), value[key])
		}
	case []any:
		if atom.List == nil {
			v.fault(path, "expected %s, got a list", expected(atom))
			return
		}
		for i, element := range value {
			v.value(append(slices.Clone(path), i), atom.List.ElementType, element)
		}
	default:
		if !matches(atom.Scalar, value) {
			v.fault(path, "expected %s, got %s", expected(atom), describe(value))
		}
	}
}

func hasField(schema *smdschema.Map, key string) bool {
	if _, ok := schema.FindField(key); ok {
		return true
	}
	// A struct has no type for further fields; a free map has.
	return schema.ElementType.NamedType != nil || schema.ElementType.Inlined != smdschema.Atom{}
}

func matches(schema *smdschema.Scalar, value any) bool {
	if schema == nil {
		return false
	}
	switch value.(type) {
	case string:
		return *schema == smdschema.String || *schema == smdschema.Untyped
	case bool:
		return *schema == smdschema.Boolean || *schema == smdschema.Untyped
	default:
		return *schema == smdschema.Numeric || *schema == smdschema.Untyped
	}
}

func expected(atom smdschema.Atom) string {
	switch {
	case atom.Map != nil:
		return "an object"
	case atom.List != nil:
		return "a list"
	case atom.Scalar == nil:
		return "nothing"
	case *atom.Scalar == smdschema.Numeric:
		return "a number"
	case *atom.Scalar == smdschema.Boolean:
		return "a boolean"
	case *atom.Scalar == smdschema.Untyped:
		return "a single value"
	default:
		return "a string"
	}
}

// describe names the type of value, which itself may be a secret.
func describe(value any) string {
	switch value.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	default:
		return "a number"
	}
}
