// Package localonly serves resources that exist in a stack's state alone: generated once from their inputs, kept until
// an input changes, touching nothing outside. The providers random and tls consist of such resources only.
package localonly

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Resource is a resource type: what its inputs may be and how its outputs come about.
type Resource struct {
	// Inputs are the properties that a program may set. Each is an output too.
	Inputs []Field
	// Outputs are the properties that Create adds.
	Outputs []Output
	// Normalize completes checked inputs beyond their defaults, before Rules sees them. May be nil.
	Normalize func(inputs resource.PropertyMap)
	// Rules returns what is wrong with the inputs taken together, a sentence each that starts with a property path.
	// Inputs may be unknown: ask Known before using a value. May be nil.
	Rules func(inputs Values) []string
	// Create generates the resource at the given time. It returns the resource's ID and a value for each of Outputs;
	// inputs are checked and known.
	Create func(inputs Values, now time.Time) (resource.ID, resource.PropertyMap, error)
	// Import returns the resource that an import ID stands for. Nil if the resource cannot be imported.
	Import func(id string) (*Imported, error)
	// Renewal says whether a resource with these outputs has to be replaced at the given time though no input changed.
	// Nil if that never happens.
	Renewal func(outputs Values, now time.Time) bool
}

// Imported is a resource made from an import ID.
type Imported struct {
	ID resource.ID
	// Inputs are those that a program has to state to keep the resource as it is; defaults are filled in.
	Inputs resource.PropertyMap
	// Outputs has a value for each of the Resource's Outputs.
	Outputs resource.PropertyMap
}

// Output is a property that a resource generates.
type Output struct {
	Name string
	// Secret outputs are encrypted in the state.
	Secret bool
}

// ReadyForRenewal is the output that a Resource with a Renewal must have: whether it is due. Where it is, a diff shows
// this property as the reason of the replacement.
const ReadyForRenewal resource.PropertyKey = "readyForRenewal"

// Values are properties with every secret unwrapped. Its methods expect properties that were checked against Fields:
// asking for a property of another type, or for one that is absent or unknown, returns the type's zero value.
type Values resource.PropertyMap

// Has reports whether the property name is set, known or not.
func (v Values) Has(name resource.PropertyKey) bool {
	value, ok := v[name]
	return ok && !value.IsNull()
}

// Known reports whether none of the named properties is unknown. An absent property is known to be absent.
func (v Values) Known(names ...resource.PropertyKey) bool {
	for _, name := range names {
		if v[name].ContainsUnknowns() {
			return false
		}
	}
	return true
}

// Int returns a whole number.
func (v Values) Int(name resource.PropertyKey) int {
	if value := v[name]; value.IsNumber() {
		return int(value.NumberValue())
	}
	return 0
}

// Text returns a string.
func (v Values) Text(name resource.PropertyKey) string {
	if value := v[name]; value.IsString() {
		return value.StringValue()
	}
	return ""
}

// Bool returns a boolean.
func (v Values) Bool(name resource.PropertyKey) bool {
	value := v[name]
	return value.IsBool() && value.BoolValue()
}

// Texts returns the strings of a list, without those that are unknown.
func (v Values) Texts(name resource.PropertyKey) []string {
	value := v[name]
	if !value.IsArray() {
		return nil
	}
	var texts []string
	for _, element := range value.ArrayValue() {
		if element.IsString() {
			texts = append(texts, element.StringValue())
		}
	}
	return texts
}

// Object returns nested properties.
func (v Values) Object(name resource.PropertyKey) Values {
	if value := v[name]; value.IsObject() {
		return Values(value.ObjectValue())
	}
	return nil
}

// reveal returns properties with every secret and output wrapper removed, at every depth.
func reveal(properties resource.PropertyMap) Values {
	revealed := make(Values, len(properties))
	for name, value := range properties {
		revealed[name] = revealValue(value)
	}
	return revealed
}

func revealValue(value resource.PropertyValue) resource.PropertyValue {
	switch {
	case value.IsSecret():
		return revealValue(value.SecretValue().Element)
	case value.IsOutput() && value.OutputValue().Known:
		return revealValue(value.OutputValue().Element)
	case value.IsOutput():
		return resource.MakeComputed(resource.NewProperty(""))
	case value.IsArray():
		elements := make([]resource.PropertyValue, len(value.ArrayValue()))
		for i, element := range value.ArrayValue() {
			elements[i] = revealValue(element)
		}
		return resource.NewProperty(elements)
	case value.IsObject():
		return resource.NewProperty(resource.PropertyMap(reveal(value.ObjectValue())))
	default:
		return value
	}
}
