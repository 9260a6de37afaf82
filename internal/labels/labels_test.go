package labels_test

import (
	"maps"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/internal/labels"
)

// TestSelectorsAreForEver fixes them: a selector in a live stack cannot be changed.
func TestSelectorsAreForEver(t *testing.T) {
	assert.Equal(t, pulumi.StringMap{"app": pulumi.String("a")}, labels.Selector("a"))
	assert.Equal(t, pulumi.StringMap{"app": pulumi.String("a"), "version": pulumi.String("canary")},
		labels.VersionSelector("a", labels.Canary))
	assert.Equal(t, "stable", labels.Stable)
}

func TestSelectorsMatchTheObjectsTheyAreFor(t *testing.T) {
	object, version := labels.Object("a"), labels.VersionObject("a", labels.Stable)
	for key, value := range labels.Selector("a") {
		assert.Equal(t, value, object[key])
		assert.Equal(t, value, version[key])
	}
	for key, value := range labels.VersionSelector("a", labels.Stable) {
		assert.Equal(t, value, version[key])
	}
	assert.NotContains(t, object, labels.Version)
}

func TestEachCallReturnsAMapOfItsOwn(t *testing.T) {
	before := maps.Clone(labels.Object("a"))
	labels.Object("a")["extra"] = pulumi.String("x")
	assert.Equal(t, before, labels.Object("a"))
}
