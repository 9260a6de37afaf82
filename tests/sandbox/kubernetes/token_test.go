package kubernetes

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestKindOf(t *testing.T) {
	for token, want := range map[tokens.Type]schema.GroupVersionKind{
		"kubernetes:core/v1:Service":                            {Version: "v1", Kind: "Service"},
		"kubernetes:apps/v1:Deployment":                         {Group: "apps", Version: "v1", Kind: "Deployment"},
		"kubernetes:rbac.authorization.k8s.io/v1:Role":          {Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "Role"},
		"kubernetes:networking.istio.io/v1beta1:VirtualService": {Group: "networking.istio.io", Version: "v1beta1", Kind: "VirtualService"},
	} {
		kind, err := kindOf(token)
		require.NoError(t, err)
		assert.Equal(t, want, kind)
	}
	for _, token := range []tokens.Type{
		"", "kubernetes", "aws:core/v1:Service", "kubernetes:core/v1:", "kubernetes:v1:Service", "kubernetes:a/b/c:D",
		"kubernetes:helm.sh/v3:Chart", "kubernetes:yaml:ConfigFile", "kubernetes:kustomize:Directory",
	} {
		_, err := kindOf(token)
		assert.ErrorContains(t, err, string(token))
	}
}

func TestObjectKind(t *testing.T) {
	tests := map[string]struct {
		token tokens.Type
		kind  resource.PropertyValue
		want  string
		patch bool
	}{
		"an object":                     {"kubernetes:apps/v1:Deployment", resource.NewProperty("Deployment"), "Deployment", false},
		"a patch":                       {"kubernetes:apps/v1:DeploymentPatch", resource.NewProperty("Deployment"), "Deployment", true},
		"an object whose kind is Patch": {"kubernetes:example.com/v1:RoofPatch", resource.NewProperty("RoofPatch"), "RoofPatch", false},
		"a patch of such an object":     {"kubernetes:example.com/v1:RoofPatchPatch", resource.NewProperty("RoofPatch"), "RoofPatch", true},
		"a patch of another kind":       {"kubernetes:apps/v1:DeploymentPatch", resource.NewProperty("ment"), "DeploymentPatch", false},
		"a kind called Patch":           {"kubernetes:example.com/v1:Patch", resource.NewProperty(""), "Patch", false},
		"no inputs":                     {"kubernetes:apps/v1:DeploymentPatch", resource.NewNullProperty(), "DeploymentPatch", false},
		"a secret kind":                 {"kubernetes:core/v1:SecretPatch", resource.MakeSecret(resource.NewProperty("Secret")), "Secret", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inputs := resource.PropertyMap{"kind": test.kind}
			kind, err := objectKind(test.token, inputs)
			require.NoError(t, err)
			assert.Equal(t, test.want, kind.Kind)
			assert.Equal(t, test.patch, isPatch(test.token, inputs))
		})
	}
}
