package stacktest

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

// Unknown stands for a value that a preview does not know.
const Unknown = "<unknown>"

// Get returns the input at a property path, such as spec.template.spec.containers[0].image, as plain Go: secrets
// revealed, unknowns as Unknown, nil if there is nothing.
func (r *Resource) Get(t testing.TB, path string) any {
	t.Helper()
	parsed, err := resource.ParsePropertyPath(path)
	require.NoError(t, err)
	value, found := parsed.Get(Reveal(resource.NewProperty(r.Inputs)))
	if !found {
		return nil
	}
	return value.Mappable()
}

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
