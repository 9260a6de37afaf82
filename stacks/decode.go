package stacks

import (
	"encoding/json"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// decode assigns the values of src to the fields of cfg that they name, leaves every other field alone, and adds
// what does not fit to faults. Types are strict: nothing is converted.
func decode(src Source, cfg *Config, faults *faultList) {
	d := decoder{faults: faults}
	target := reflect.ValueOf(cfg).Elem()
	fields := configFields(target.Type())
	for _, key := range slices.Sorted(maps.Keys(src.Values)) {
		path, raw := keyPath{key}, src.Values[key]
		field, known := fields[key]
		switch {
		case !known:
			d.unknownKey(path, fieldNames(target.Type()))
		case field.Type.Kind() == reflect.String:
			// Pulumi passes a top-level scalar as it is, without the quotes of JSON.
			d.assign(target.FieldByIndex(field.Index), raw, path)
		case !json.Valid([]byte(raw)):
			d.assign(target.FieldByIndex(field.Index), raw, path)
		default:
			d.assign(target.FieldByIndex(field.Index), d.tree(raw, path), path)
		}
	}
}

type decoder struct {
	faults *faultList
}

// assign sets target, which is settable, to a node of a JSON tree: nil, bool, json.Number, string, []any or
// map[string]any.
func (d *decoder) assign(target reflect.Value, node any, path keyPath) {
	if node == nil {
		d.faults.add(path, json.Number("null"), "must have a value: set one, or remove the key to get the default")
		return
	}
	switch target.Kind() {
	case reflect.Pointer:
		if target.IsNil() {
			target.Set(reflect.New(target.Type().Elem()))
		}
		d.assign(target.Elem(), node, path)
	case reflect.Struct:
		d.assignStruct(target, node, path)
	case reflect.Map:
		d.assignMap(target, node, path)
	case reflect.Slice:
		d.assignSlice(target, node, path)
	case reflect.String:
		d.assignString(target, node, path)
	case reflect.Int:
		d.assignInt(target, node, path)
	case reflect.Bool:
		if value, ok := node.(bool); ok {
			target.SetBool(value)
			return
		}
		d.faults.add(path, scalar(node), "must be true or false, without quotes")
	default:
		d.faults.add(path, nil, "cannot be set: the program has no decoder for %s", target.Type())
	}
}

func (d *decoder) assignStruct(target reflect.Value, node any, path keyPath) {
	names := fieldNames(target.Type())
	values, ok := node.(map[string]any)
	if !ok {
		d.faults.add(path, scalar(node), "must be a map with the keys %s", strings.Join(names, ", "))
		return
	}
	fields := configFields(target.Type())
	for _, key := range slices.Sorted(maps.Keys(values)) {
		field, known := fields[key]
		if !known {
			d.unknownKey(path.key(key), names)
			continue
		}
		d.assign(target.FieldByIndex(field.Index), values[key], path.key(key))
	}
}

func (d *decoder) assignMap(target reflect.Value, node any, path keyPath) {
	values, ok := node.(map[string]any)
	if !ok {
		d.faults.add(path, scalar(node), "must be a map")
		return
	}
	if target.IsNil() {
		target.Set(reflect.MakeMap(target.Type()))
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		name := reflect.ValueOf(key)
		element := reflect.New(target.Type().Elem()).Elem()
		if present := target.MapIndex(name); present.IsValid() {
			element.Set(present)
		}
		d.assign(element, values[key], path.key(key))
		target.SetMapIndex(name, element)
	}
}

// assignSlice replaces the whole list: a default that a stack does not want could not be removed otherwise.
func (d *decoder) assignSlice(target reflect.Value, node any, path keyPath) {
	values, ok := node.([]any)
	if !ok {
		d.faults.add(path, scalar(node), "must be a list")
		return
	}
	list := reflect.MakeSlice(target.Type(), len(values), len(values))
	for i, value := range values {
		d.assign(list.Index(i), value, path.index(i))
	}
	target.Set(list)
}

// mustBeString names both ways out: the stack file, and the command that guesses the type without the flag.
const mustBeString = "must be a string: put it in quotes, or use config set --type string"

func (d *decoder) assignString(target reflect.Value, node any, path keyPath) {
	switch value := node.(type) {
	case string:
		target.SetString(value)
	case json.Number:
		d.faults.add(path, value, mustBeString+" (YAML turns 1.10 into 1.1)")
	case bool:
		d.faults.add(path, value, mustBeString)
	default:
		d.faults.add(path, nil, "must be a string, not a %s", containerKind(node))
	}
}

func (d *decoder) assignInt(target reflect.Value, node any, path keyPath) {
	number, ok := node.(json.Number)
	if !ok {
		d.faults.add(path, scalar(node), "must be a whole number, without quotes")
		return
	}
	value, err := strconv.ParseInt(number.String(), 10, strconv.IntSize)
	switch {
	case err == nil:
		target.SetInt(value)
	case strings.ContainsAny(number.String(), ".eE"):
		d.faults.add(path, number, "must be a whole number, without fraction or exponent")
	default:
		d.faults.add(path, number, "must be a whole number, at most %d either side of zero", math.MaxInt)
	}
}

// scalar is the node when a fault can show it in a line, else nil.
func scalar(node any) any {
	switch node.(type) {
	case map[string]any, []any:
		return nil
	default:
		return node
	}
}

func containerKind(node any) string {
	if _, isMap := node.(map[string]any); isMap {
		return "map"
	}
	return "list"
}
