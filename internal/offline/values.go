package offline

import "github.com/pulumi/pulumi/sdk/v3/go/common/resource"

// Unknown stands for a value that a preview does not know.
const Unknown = "<unknown>"

// Reveal returns v without the secret marks, and with Unknown for what is unknown.
func Reveal(v resource.PropertyValue) resource.PropertyValue {
	switch {
	case v.IsSecret():
		return Reveal(v.SecretValue().Element)
	case v.IsComputed():
		return resource.NewProperty(Unknown)
	case v.IsOutput():
		if !v.OutputValue().Known {
			return resource.NewProperty(Unknown)
		}
		return Reveal(v.OutputValue().Element)
	case v.IsArray():
		elements := make([]resource.PropertyValue, len(v.ArrayValue()))
		for i, element := range v.ArrayValue() {
			elements[i] = Reveal(element)
		}
		return resource.NewProperty(elements)
	case v.IsObject():
		members := resource.PropertyMap{}
		for key, member := range v.ObjectValue() {
			members[key] = Reveal(member)
		}
		return resource.NewProperty(members)
	default:
		return v
	}
}

// IsSecret says whether all of v is secret: v itself, or every value in it.
func IsSecret(v resource.PropertyValue) bool {
	switch {
	case v.IsSecret(), v.IsOutput() && v.OutputValue().Secret:
		return true
	case v.IsObject():
		for _, member := range v.ObjectValue() {
			if !IsSecret(member) {
				return false
			}
		}
		return len(v.ObjectValue()) > 0
	default:
		return false
	}
}
