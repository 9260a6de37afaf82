package kubernetes

import (
	"testing"

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
