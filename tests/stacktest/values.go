package stacktest

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/offline"
)

// Unknown stands for a value that a preview does not know.
const Unknown = offline.Unknown

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
func Reveal(v resource.PropertyValue) resource.PropertyValue { return offline.Reveal(v) }

// IsSecret says whether all of v is secret: v itself, or every value in it.
func IsSecret(v resource.PropertyValue) bool { return offline.IsSecret(v) }

// GeneratedName is the metadata.name that a Kubernetes object without one gets.
func GeneratedName(r *Resource) string { return offline.GeneratedName(r.Resource) }
