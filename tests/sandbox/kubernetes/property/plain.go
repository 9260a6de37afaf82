// Package property converts between Pulumi's property values and the plain JSON values of Kubernetes objects, compares
// them, and keeps track of which of them are secret.
package property

import (
	"math"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Plain returns what the JSON form of values decodes to, with secrets unwrapped and integral numbers as int64, the form
// that Kubernetes' unstructured objects need. Nulls are left out. Values that are not known yet are left out too (in a
// list, a null stands in their place) and their paths returned. Assets and archives, which no Kubernetes object has,
// are treated as unknown.
func Plain(values resource.PropertyMap) (map[string]any, []resource.PropertyPath) {
	p := &plainer{}
	return p.object(nil, values), p.unknown
}

// PlainWithNulls is Plain for values in which null means something, as it does in those of a Helm chart.
func PlainWithNulls(values resource.PropertyMap) (map[string]any, []resource.PropertyPath) {
	p := &plainer{keepNulls: true}
	return p.object(nil, values), p.unknown
}

type plainer struct {
	keepNulls bool
	unknown   []resource.PropertyPath
}

func (p *plainer) object(path resource.PropertyPath, values resource.PropertyMap) map[string]any {
	object := make(map[string]any, len(values))
	for key, value := range values {
		if v, ok := p.value(at(path, string(key)), value); ok {
			object[string(key)] = v
		}
	}
	return object
}

// value returns the plain form, and false where there is nothing to keep.
func (p *plainer) value(path resource.PropertyPath, value resource.PropertyValue) (any, bool) {
	switch {
	case value.IsNull():
		return nil, p.keepNulls
	case value.IsBool():
		return value.BoolValue(), true
	case value.IsNumber():
		return number(value.NumberValue()), true
	case value.IsString():
		return value.StringValue(), true
	case value.IsArray():
		list := make([]any, len(value.ArrayValue()))
		for i, element := range value.ArrayValue() {
			list[i], _ = p.value(at(path, i), element)
		}
		return list, true
	case value.IsObject():
		return p.object(path, value.ObjectValue()), true
	case value.IsSecret():
		return p.value(path, value.SecretValue().Element)
	case value.IsOutput() && value.OutputValue().Known:
		return p.value(path, value.OutputValue().Element)
	default:
		p.unknown = append(p.unknown, path)
		return nil, false
	}
}

// number keeps integers exact: the JSON of an int64 has no exponent and no fraction, which integer fields refuse.
func number(n float64) any {
	const exact = 1 << 53 // beyond it a float64 no longer holds every integer
	if n == math.Trunc(n) && math.Abs(n) <= exact {
		return int64(n)
	}
	return n
}

// at returns path extended by key. It never shares memory with another extension of path.
func at(path resource.PropertyPath, key any) resource.PropertyPath {
	extended := make(resource.PropertyPath, len(path), len(path)+1)
	copy(extended, path)
	return append(extended, key)
}

// FromPlain is the inverse of Plain: decoded JSON as property values.
func FromPlain(object map[string]any) resource.PropertyMap {
	return resource.NewPropertyMapFromMap(object)
}

// Unwrap returns the value inside the secret and output wrappers around value, if it has any, and whether one of them
// makes it secret.
func Unwrap(value resource.PropertyValue) (inner resource.PropertyValue, secret bool) {
	for {
		switch {
		case value.IsSecret():
			value, secret = value.SecretValue().Element, true
		case value.IsOutput() && value.OutputValue().Known:
			secret = secret || value.OutputValue().Secret
			value = value.OutputValue().Element
		default:
			return value, secret
		}
	}
}

// Object returns the object under key, unwrapped, and whether there is one.
func Object(values resource.PropertyMap, key resource.PropertyKey) (resource.PropertyMap, bool) {
	inner, _ := Unwrap(values[key])
	if !inner.IsObject() {
		return nil, false
	}
	return inner.ObjectValue(), true
}

// WithObject returns a copy of values in which the object under key has been replaced by what change makes of a copy of
// it, secret as before. If there is none yet, change gets an empty one. A value that is not an object (or not known
// yet) is left as it is, and WithObject returns false.
func WithObject(
	values resource.PropertyMap, key resource.PropertyKey, change func(resource.PropertyMap),
) (resource.PropertyMap, bool) {
	inner, secret := Unwrap(values[key])
	var object resource.PropertyMap
	switch {
	case inner.IsObject():
		object = inner.ObjectValue().Copy()
	case inner.IsNull():
		object = resource.PropertyMap{}
	default:
		return values, false
	}
	change(object)
	changed := resource.NewProperty(object)
	if secret {
		changed = resource.MakeSecret(changed)
	}
	result := values.Copy()
	result[key] = changed
	return result, true
}
