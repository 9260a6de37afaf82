package kube

import (
	"maps"
	"reflect"
	"slices"

	smdschema "sigs.k8s.io/structured-merge-diff/v6/schema"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
)

// Observe returns declared with the values that live has in the same fields. It shows what has been changed in the
// cluster and leaves out what the declaration has no say in:
//   - a declared field that live has lost is left out; one that live has in addition (a default, another manager's
//     field or list element) is not taken in, unless it is in a map or list that is declared as a whole;
//   - where live is as expected, the outcome of applying declared (nil if that is not known), the declared value stands,
//     in its own spelling (1000m for 1).
func (t Type) Observe(declared, live, expected map[string]any) map[string]any {
	o := observer{schema: t.parseable.Schema}
	result, _ := o.observe(t.parseable.TypeRef, declared, live, orNil(expected)).(map[string]any)
	return result
}

func orNil(object map[string]any) any {
	if object == nil {
		return nil
	}
	return object
}

type observer struct {
	schema *smdschema.Schema
}

func (o observer) observe(ref smdschema.TypeRef, declared, live, expected any) any {
	if expected != nil && reflect.DeepEqual(live, expected) {
		return declared
	}
	atom, _ := o.schema.Resolve(ref)
	switch declaredValue := declared.(type) {
	case map[string]any:
		if liveMap, ok := live.(map[string]any); ok {
			expectedMap, _ := expected.(map[string]any)
			return o.observeMap(atom.Map, declaredValue, liveMap, expectedMap)
		}
	case []any:
		if liveList, ok := live.([]any); ok {
			expectedList, _ := expected.([]any)
			return o.observeList(atom.List, declaredValue, liveList, expectedList)
		}
	}
	return live
}

func (o observer) observeMap(schema *smdschema.Map, declared, live, expected map[string]any) map[string]any {
	result := make(map[string]any, len(declared))
	for key, value := range declared {
		if liveValue, ok := live[key]; ok {
			result[key] = o.observe(fieldType(schema, key), value, liveValue, expected[key])
		}
	}
	// In an atomic map whose keys are free (a label selector's matchLabels, not a struct with defaults) every key counts.
	if schema != nil && schema.ElementRelationship == smdschema.Atomic && len(schema.Fields) == 0 {
		for key, value := range live {
			if _, ok := declared[key]; !ok {
				result[key] = value
			}
		}
	}
	return result
}

func fieldType(schema *smdschema.Map, key string) smdschema.TypeRef {
	if schema == nil {
		return typed.DeducedParseableType.TypeRef
	}
	if field, ok := schema.FindField(key); ok {
		return field.Type
	}
	return schema.ElementType
}

func (o observer) observeList(schema *smdschema.List, declared, live, expected []any) []any {
	if schema == nil {
		schema = &smdschema.List{ElementType: typed.DeducedParseableType.TypeRef, ElementRelationship: smdschema.Atomic}
	}
	if schema.ElementRelationship != smdschema.Associative {
		return o.observeAtomicList(schema, declared, live, expected)
	}
	var result []any
	for _, element := range declared {
		same := func(other any) bool { return reflect.DeepEqual(o.identity(schema, element), o.identity(schema, other)) }
		i := slices.IndexFunc(live, same)
		if i < 0 {
			continue
		}
		var expectedElement any
		if j := slices.IndexFunc(expected, same); j >= 0 {
			expectedElement = expected[j]
		}
		result = append(result, o.observe(schema.ElementType, element, live[i], expectedElement))
	}
	return result
}

// observeAtomicList takes the whole live list, whose elements replace those declared at the same place.
func (o observer) observeAtomicList(schema *smdschema.List, declared, live, expected []any) []any {
	result := slices.Clone(live)
	for i := range min(len(declared), len(live)) {
		var expectedElement any
		if i < len(expected) {
			expectedElement = expected[i]
		}
		result[i] = o.observe(schema.ElementType, declared[i], live[i], expectedElement)
	}
	return result
}

// identity is what tells elements of an associative list apart: its key fields (with their defaults), or the element.
func (o observer) identity(schema *smdschema.List, element any) any {
	fields, ok := element.(map[string]any)
	if !ok || len(schema.Keys) == 0 {
		return element
	}
	atom, _ := o.schema.Resolve(schema.ElementType)
	identity := map[string]any{}
	for _, key := range schema.Keys {
		if value, ok := fields[key]; ok {
			identity[key] = value
		} else if atom.Map != nil {
			if field, ok := atom.FindField(key); ok && field.Default != nil {
				identity[key] = field.Default
			}
		}
	}
	return identity
}

// serverMetadata are the fields of metadata that the API server sets.
var serverMetadata = []string{
	"creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields",
	"ownerReferences", "resourceVersion", "selfLink", "uid",
}

// Declarable returns live without what nobody declares: status, and the metadata that the API server and controllers
// set. It does not change live.
func Declarable(live map[string]any) map[string]any {
	result := maps.Clone(live)
	delete(result, "status")
	metadata, _ := live["metadata"].(map[string]any)
	metadata = maps.Clone(metadata)
	for _, field := range serverMetadata {
		delete(metadata, field)
	}
	for field, keys := range serverKeys {
		if values, ok := metadata[field].(map[string]any); ok {
			values = maps.Clone(values)
			maps.DeleteFunc(values, func(key string, _ any) bool { return slices.Contains(keys, key) })
			metadata[field] = values
			if len(values) == 0 {
				delete(metadata, field)
			}
		}
	}
	result["metadata"] = metadata
	if live["kind"] == "Namespace" && live["apiVersion"] == "v1" {
		delete(result, "spec") // only the API server's own finalizer
	}
	return result
}

// serverKeys are the labels and annotations that the API server and controllers set.
var serverKeys = map[string][]string{
	"labels": {"kubernetes.io/metadata.name"},
	"annotations": {
		"deployment.kubernetes.io/revision", "deprecated.daemonset.template.generation",
		"kubectl.kubernetes.io/last-applied-configuration",
	},
}
