package stacktest

import (
	"encoding/base64"
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

// SecretData returns the entries of a Secret in plain text. It is a failure if one is unknown, or not in base64.
func (r *Resource) SecretData(t testing.TB) map[string]string {
	t.Helper()
	data, ok := r.Get(t, "data").(map[string]any)
	require.True(t, ok, "%s has no data", r.Name)
	entries := map[string]string{}
	for key, value := range data {
		encoded, ok := value.(string)
		require.True(t, ok, "%s: entry %s is no text", r.Name, key)
		plain, err := base64.StdEncoding.DecodeString(encoded)
		require.NoError(t, err, "%s: entry %s must be base64", r.Name, key)
		entries[key] = string(plain)
	}
	return entries
}

// Reveal returns v without the secret marks, and with Unknown for what is unknown.
func Reveal(v resource.PropertyValue) resource.PropertyValue { return offline.Reveal(v) }

// IsSecret says whether all of v is secret: v itself, or every value in it.
func IsSecret(v resource.PropertyValue) bool { return offline.IsSecret(v) }

// GeneratedName is the metadata.name that a Kubernetes object without one gets.
func GeneratedName(r *Resource) string { return offline.GeneratedName(r.Resource) }
