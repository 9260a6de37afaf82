package stacks_test

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/stacks"
)

type noResources struct{}

func (noResources) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) { return nil, nil }

func (noResources) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	return args.Name, args.Inputs, nil
}

// load runs Load in a Pulumi program whose config arrives as from the engine.
func load(t *testing.T, stack string, values map[string]string, secretKeys ...string) (cfg *stacks.Config, err error) {
	t.Helper()
	for variable, value := range map[string]any{pulumi.EnvConfig: values, pulumi.EnvConfigSecretKeys: secretKeys} {
		encoded, err := json.Marshal(value)
		require.NoError(t, err)
		t.Setenv(variable, string(encoded))
	}
	err = pulumi.RunErr(func(ctx *pulumi.Context) (err error) {
		cfg, err = stacks.Load(ctx)
		return err
	}, pulumi.WithMocks(stacks.Project, stack, noResources{}))
	return cfg, err
}

func namespaced(src stacks.Source) map[string]string {
	values := map[string]string{}
	for key, value := range src.Values {
		values[stacks.Project+":"+key] = value
	}
	return values
}

func TestLoadReadsTheConfigOfTheStack(t *testing.T) {
	src := leastSource(t, tree{"domain": "risk.example.org", "postgres.instances": 2})
	values := namespaced(src)
	values["kubernetes:context"] = "another program's"
	cfg, err := load(t, "test", values)
	require.NoError(t, err)
	want, err := stacks.Parse(src)
	require.NoError(t, err)
	assert.Equal(t, want, cfg)
	assert.Equal(t, "risk.example.org", cfg.Domain)
	assert.Equal(t, 2, cfg.Postgres.Instances)
}

func TestLoadFindsUnknownTopLevelKeys(t *testing.T) {
	values := namespaced(leastSource(t, nil))
	values["federated-risk:servces"] = "{}"
	_, err := load(t, "dev", values)
	require.ErrorContains(t, err, "Pulumi.dev.yaml: 1 fault")
	require.ErrorContains(t, err, `federated-risk:servces: unknown key: did you mean "services"?`)
}

func TestLoadRespectsSecrets(t *testing.T) {
	values := namespaced(leastSource(t, tree{"domain": "hush"}))
	_, err := load(t, "dev", values, "federated-risk:domain")
	require.ErrorContains(t, err, "federated-risk:domain: (secret): must be a DNS domain")
	assert.NotContains(t, err.Error(), "hush")
}

func TestLoadReadsConfigThatTheEnvironmentLacks(t *testing.T) {
	var cfg *stacks.Config
	err := pulumi.RunErr(func(ctx *pulumi.Context) (err error) {
		cfg, err = stacks.Load(ctx)
		return err
	}, pulumi.WithMocks(stacks.Project, "test", noResources{}), func(info *pulumi.RunInfo) {
		info.Config = namespaced(leastSource(t, tree{"domain": "risk.example.org"}))
	})
	require.NoError(t, err)
	assert.Equal(t, "risk.example.org", cfg.Domain)
}

func TestLoadSaysWhichEnvironmentVariableItCannotRead(t *testing.T) {
	t.Setenv(pulumi.EnvConfig, "{")
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		_, err := stacks.Load(ctx)
		return err
	}, pulumi.WithMocks(stacks.Project, "test", noResources{}))
	require.ErrorContains(t, err, "PULUMI_CONFIG")
}
