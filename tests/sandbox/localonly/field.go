package localonly

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Type is the type of an input.
type Type string

// The types that an input can have. A whole number is one that a float64 holds exactly.
const (
	Text    Type = "a string"
	Number  Type = "a whole number"
	Boolean Type = "a boolean"
	Texts   Type = "a list of strings"
	TextMap Type = "a map of strings"
	Object  Type = "an object"
)

// Field is an input property.
type Field struct {
	Name     resource.PropertyKey
	Type     Type
	Required bool
	// Default is the value where the program gives none: a bool, int or string. Nil for none.
	Default any
	// InPlace inputs can change without replacing the resource.
	InPlace bool
	// Secret inputs are encrypted in the state, whether the program marked them or not.
	Secret bool
	// Min and Max bound a Number. Nil for no bound.
	Min, Max *int
	// OneOf lists the values that a Text, or each element of Texts, may have. Empty for any.
	OneOf []string
	// Fields are the properties of an Object.
	Fields []Field
}

// String describes the values that a field takes.
func (f Field) String() string {
	described := string(f.Type)
	if len(f.OneOf) > 0 {
		described += " out of " + strings.Join(f.OneOf, ", ")
	}
	if f.Min != nil {
		described += fmt.Sprintf(" from %d", *f.Min)
	}
	if f.Max != nil {
		described += fmt.Sprintf(" up to %d", *f.Max)
	}
	return described
}

// maxWhole is the greatest whole number up to which a float64 holds every one.
const maxWhole = 1 << 53

// checker collects what is wrong with properties.
type checker struct {
	faults []string
}

func (c *checker) fault(path, format string, args ...any) {
	c.faults = append(c.faults, path+": "+fmt.Sprintf(format, args...))
}

// properties returns the given properties with defaults added and secrets marked. Faults are those of every property;
// they never contain a value, which could be secret, except one that a OneOf refuses.
func (c *checker) properties(prefix string, fields []Field, given resource.PropertyMap) resource.PropertyMap {
	checked := resource.PropertyMap{}
	known := map[resource.PropertyKey]Field{}
	for _, field := range fields {
		known[field.Name] = field
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, ok := known[name]; !ok {
			c.fault(prefix+string(name), "unknown property%s", suggestion(string(name), names(fields)))
		}
	}
	for _, field := range fields {
		path := prefix + string(field.Name)
		value, ok := given[field.Name]
		switch {
		case ok && !absent(value):
			checked[field.Name] = c.value(path, field, value)
		case field.Required:
			c.fault(path, "is required")
		case field.Default != nil:
			checked[field.Name] = resource.NewPropertyValue(field.Default)
		}
	}
	return checked
}

// value returns one checked value, wrapped in a secret where it came as one or the field is one.
func (c *checker) value(path string, field Field, given resource.PropertyValue) resource.PropertyValue {
	secret, given := unwrap(given)
	if secret || field.Secret {
		field.Secret = false
		hidden := &checker{}
		checked := hidden.value(path, field, given)
		if len(hidden.faults) > 0 {
			c.fault(path, "must be %s; what it is instead is secret", field)
		}
		return resource.MakeSecret(checked)
	}
	if given.IsComputed() {
		return given
	}
	switch field.Type {
	case Text:
		c.text(path, field, given)
	case Number:
		c.number(path, field, given)
	case Boolean:
		if !given.IsBool() {
			c.mismatch(path, field, given)
		}
	case Texts:
		return c.texts(path, field, given)
	case TextMap:
		return c.textMap(path, field, given)
	case Object:
		if given.IsObject() {
			return resource.NewProperty(c.properties(path+".", field.Fields, given.ObjectValue()))
		}
		c.mismatch(path, field, given)
	}
	return given
}

func (c *checker) text(path string, field Field, given resource.PropertyValue) {
	if !given.IsString() {
		c.mismatch(path, field, given)
	} else if text := given.StringValue(); len(field.OneOf) > 0 && !slices.Contains(field.OneOf, text) {
		c.fault(path, "%q is not known%s", text, suggestion(text, field.OneOf))
	}
}

func (c *checker) number(path string, field Field, given resource.PropertyValue) {
	if !given.IsNumber() {
		c.mismatch(path, field, given)
		return
	}
	number := given.NumberValue()
	// The negated form catches NaN as well.
	if !(math.Abs(number) <= maxWhole) || number != math.Trunc(number) {
		c.fault(path, "must be a whole number, is %v", number)
		return
	}
	if field.Min != nil && int(number) < *field.Min {
		c.fault(path, "must be at least %d, is %v", *field.Min, int(number))
	}
	if field.Max != nil && int(number) > *field.Max {
		c.fault(path, "must be at most %d, is %v", *field.Max, int(number))
	}
}

func (c *checker) texts(path string, field Field, given resource.PropertyValue) resource.PropertyValue {
	if !given.IsArray() {
		c.mismatch(path, field, given)
		return given
	}
	element := Field{Type: Text, OneOf: field.OneOf}
	checked := make([]resource.PropertyValue, len(given.ArrayValue()))
	for i, value := range given.ArrayValue() {
		checked[i] = c.value(fmt.Sprintf("%s[%d]", path, i), element, value)
	}
	return resource.NewProperty(checked)
}

func (c *checker) textMap(path string, field Field, given resource.PropertyValue) resource.PropertyValue {
	if !given.IsObject() {
		c.mismatch(path, field, given)
		return given
	}
	checked := resource.PropertyMap{}
	values := given.ObjectValue()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !absent(values[name]) {
			checked[name] = c.value(fmt.Sprintf("%s[%q]", path, name), Field{Type: Text}, values[name])
		}
	}
	return resource.NewProperty(checked)
}

func (c *checker) mismatch(path string, field Field, given resource.PropertyValue) {
	c.fault(path, "must be %s, is of type %s", field.Type, given.TypeString())
}

// unwrap removes one layer of secret or output wrapping, and reports whether it was secret.
func unwrap(value resource.PropertyValue) (secret bool, element resource.PropertyValue) {
	for {
		switch {
		case value.IsSecret():
			secret, value = true, value.SecretValue().Element
		case value.IsOutput() && value.OutputValue().Known:
			secret, value = secret || value.OutputValue().Secret, value.OutputValue().Element
		case value.IsOutput():
			return secret || value.OutputValue().Secret, resource.MakeComputed(resource.NewProperty(""))
		default:
			return secret, value
		}
	}
}

func absent(value resource.PropertyValue) bool {
	_, element := unwrap(value)
	return element.IsNull()
}

func names(fields []Field) []string {
	all := make([]string, len(fields))
	for i, field := range fields {
		all[i] = string(field.Name)
	}
	return all
}

// suggestion is the end of a sentence about an unknown word: the nearest known one, and all of them.
func suggestion(unknown string, known []string) string {
	if len(known) == 0 {
		return ", none is known"
	}
	known = slices.Sorted(slices.Values(known))
	nearest, distance := "", math.MaxInt
	for _, candidate := range known {
		if d := levenshtein.Distance(unknown, candidate, nil); d < distance {
			nearest, distance = candidate, d
		}
	}
	hint := ""
	if distance <= max(2, len(nearest)/3) {
		hint = fmt.Sprintf(", did you mean %q?", nearest)
	}
	return hint + " (known: " + strings.Join(known, ", ") + ")"
}
