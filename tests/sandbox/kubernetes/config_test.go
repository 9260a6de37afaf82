package kubernetes_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes"
	"github.com/federated-risk/federated-risk/tests/sandbox/pluginserver"
)

func TestUnreachableCluster(t *testing.T) {
	kubeconfig := `{"apiVersion": "v1", "kind": "Config", "current-context": "nowhere",
		"clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
		"users": [{"name": "u", "user": {"token": "hunter22"}}],
		"contexts": [{"name": "nowhere", "context": {"cluster": "c", "user": "u"}}]}`
	for name, options := range map[string]resource.PropertyMap{
		"no server":     {"kubeconfig": resource.MakeSecret(resource.NewProperty(kubeconfig))},
		"no kubeconfig": {"kubeconfig": resource.NewProperty(filepath.Join(t.TempDir(), "none")), "context": resource.NewProperty("nowhere")},
	} {
		t.Run(name, func(t *testing.T) {
			provider := connect(t)
			configure(t, provider, options)
			_, err := provider.Check(t.Context(), plugin.CheckRequest{URN: urn(configMap, "x"), News: resource.PropertyMap{}})
			require.ErrorContains(t, err, `context "nowhere"`)
			assert.NotContains(t, err.Error(), "hunter22")
		})
	}
}

func TestProviderOptions(t *testing.T) {
	provider := kubernetes.New(&pluginserver.Host{})
	providerURN := urn("pulumi:providers:kubernetes", "cluster")
	check := func(options resource.PropertyMap) []string {
		response, err := provider.CheckConfig(t.Context(), plugin.CheckConfigRequest{URN: providerURN, News: options})
		require.NoError(t, err)
		var keys []string
		for _, failure := range response.Failures {
			keys = append(keys, string(failure.Property))
		}
		return keys
	}
	assert.Empty(t, check(values(t, `{enableServerSideApply: "true", kubeClientSettings: {qps: 20.5, burst: 40, timeout: 5}}`)))
	assert.Empty(t, check(values(t, `{kubeClientSettings: '{"qps": 20}', namespace: <unknown>}`)))
	assert.Equal(t, []string{
		"context", "enablePatchForce", "enableServerSideApply", "helmReleaseSettings", "kubeClientSettings", "renderYamlToDirectory",
	}, check(values(t, `{context: 7, enablePatchForce: maybe, enableServerSideApply: false, helmReleaseSettings: {driver: sql},
		kubeClientSettings: {speed: 9}, renderYamlToDirectory: out}`)))
	assert.Equal(t, []string{"kubeconfig"}, check(values(t, `{kubeconfig: "{not: [valid"}`)))
}

func TestProviderIsReplacedWithItsCluster(t *testing.T) {
	config := func(server, token string) string {
		return fmt.Sprintf(`{"apiVersion": "v1", "kind": "Config", "current-context": "x",
			"clusters": [{"name": "c", "cluster": {"server": %q}}], "users": [{"name": "u", "user": {"token": %q}}],
			"contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}]}`, server, token)
	}
	provider := kubernetes.New(&pluginserver.Host{})
	diff := func(before, after resource.PropertyMap) plugin.DiffResult {
		response, err := provider.DiffConfig(t.Context(), plugin.DiffConfigRequest{
			URN: urn("pulumi:providers:kubernetes", "cluster"), Type: tokens.Type("pulumi:providers:kubernetes"),
			OldInputs: before, NewInputs: after,
		})
		require.NoError(t, err)
		return response
	}
	with := func(kubeconfig, identifier string) resource.PropertyMap {
		options := resource.PropertyMap{"kubeconfig": resource.NewProperty(kubeconfig)}
		if identifier != "" {
			options["clusterIdentifier"] = resource.NewProperty(identifier)
		}
		return options
	}
	here, there := config("https://here", "1"), config("https://there", "1")
	assert.Equal(t, plugin.DiffNone, diff(with(here, ""), with(here, "")).Changes)
	assert.True(t, diff(with(here, ""), with(there, "")).Replace())
	renewed := diff(with(here, ""), with(config("https://here", "2"), ""))
	assert.Equal(t, plugin.DiffSome, renewed.Changes)
	assert.False(t, renewed.Replace(), "new credentials are no new cluster")
	assert.False(t, diff(with(here, "prod"), with(there, "prod")).Replace())
	assert.True(t, diff(with(here, "prod"), with(here, "dev")).Replace())
}
