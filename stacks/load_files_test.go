package stacks_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/federated-risk/federated-risk/stacks"
)

// project reads Pulumi.yaml as the engine does, which checks the schema and the types of its defaults.
func project(t testing.TB) *workspace.Project {
	t.Helper()
	project, err := workspace.LoadProject("../Pulumi.yaml")
	require.NoError(t, err)
	return project
}

// stackFile reads a stack file of the project as the engine does, and adds the project's defaults.
func stackFile(t testing.TB, stack string) map[string]string {
	t.Helper()
	project := project(t)
	file, err := workspace.LoadProjectStack(nil, project, "../Pulumi."+stack+".yaml")
	require.NoError(t, err)
	values := map[string]string{}
	for key, declared := range project.Config {
		if text, scalar := declared.Default.(string); scalar {
			values[stacks.Project+":"+key] = text
		} else if declared.Default != nil {
			values[stacks.Project+":"+key] = "{}"
		}
	}
	set, err := file.Config.Decrypt(config.NopDecrypter)
	require.NoError(t, err)
	for key, value := range set {
		values[key.String()] = value
	}
	return values
}

// TestFilesOfTheProjectNameEachKeyOnce: the loaders above take the last of two, the command line refuses the file.
func TestFilesOfTheProjectNameEachKeyOnce(t *testing.T) {
	for _, file := range []string{"Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.local.yaml", "Pulumi.prod.yaml"} {
		content, err := os.ReadFile(filepath.Join("..", file))
		require.NoError(t, err)
		var values map[string]any
		require.NoError(t, yaml.UnmarshalStrict(content, &values), file)
	}
}

func TestStackFilesOfTheProjectAreValid(t *testing.T) {
	for stack, profile := range map[string]stacks.Profile{
		"local": stacks.ProfileMinimum, "dev": stacks.ProfileRecommended, "prod": stacks.ProfileProduction,
	} {
		t.Run(stack, func(t *testing.T) {
			cfg, err := load(t, stack, stackFile(t, stack))
			require.NoError(t, err)
			assert.Equal(t, profile, cfg.Profile)
			assert.NotEmpty(t, cfg.Cluster.Context, "without a context the stack goes to whatever cluster is current")
		})
	}
}

func TestProjectFileDeclaresEveryKeyWithTheDefaultOfTheProgram(t *testing.T) {
	declared := maps.Clone(project(t).Config)
	assert.Equal(t, []any{"*"}, declared["pulumi:disable-default-providers"].Value)
	delete(declared, "pulumi:disable-default-providers")

	cfg, err := stacks.Parse(leastSource(t, nil))
	require.NoError(t, err)
	encoded, err := json.Marshal(cfg)
	require.NoError(t, err)
	var program tree
	require.NoError(t, json.Unmarshal(encoded, &program))

	assert.Len(t, declared, len(program))
	for key, value := range program {
		require.Contains(t, declared, key)
		declaration := declared[key]
		assert.NotEmpty(t, declaration.Description, key)
		assert.NotNil(t, declaration.Default, "%s: without a default the key would be required", key)
		kind := "object"
		switch value.(type) {
		case string:
			kind = "string"
		case bool:
			kind = "boolean"
		case float64:
			kind = "integer"
		case []any:
			kind = "array"
		}
		assert.Equal(t, kind, declaration.TypeName(), key)
		if kind == "object" {
			// Pulumi does not merge a default with what a stack sets: anything in it would be lost with the first key.
			assert.Empty(t, declaration.Default, key)
			continue
		}
		assert.EqualValues(t, value, declaration.Default, key)
	}
}
