package riskctl_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/riskctl"
)

func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = riskctl.Run(t.Context(), args, &out, &err)
	return code, out.String(), err.String()
}

func TestMisuseExitsWithTwoAndSaysWhatIsWrong(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"rendr"}, "did you mean render?"},
		{[]string{"render"}, "--stack is missing"},
		{[]string{"render", "--stack", "nope"}, "there: dev, local, prod"},
		{[]string{"render", "--stack", "dev", "more"}, `unexpected argument "more"`},
		{[]string{"render", "--stack", "dev", "--nope"}, "unknown flag: --nope"},
		{[]string{"render", "--stack", "dev", "--output", "xml"}, "expected yaml or json"},
		{[]string{"render", "--stack", "dev", "--config", "domain"}, "expected KEY=VALUE"},
		{[]string{"render", "--stack", "dev", "--config", "services[=x"}, "services["},
	} {
		code, stdout, stderr := run(t, test.args...)
		assert.Equal(t, 2, code, test.args)
		assert.Empty(t, stdout, test.args)
		assert.Contains(t, stderr, test.want, test.args)
		assert.Contains(t, stderr, "--help", test.args)
	}
}

func TestAFaultyConfigExitsWithOneAndListsEveryFault(t *testing.T) {
	code, stdout, stderr := run(t, "render", "--stack", "dev",
		"--config", "services.model-serving.canary.weight=130", "--config", "federated-risk:servces.x=1", "--config", "profile=huge")
	assert.Equal(t, 1, code)
	assert.Empty(t, stdout)
	for _, fault := range []string{"federated-risk:services.model-serving.canary.weight: 130", "federated-risk:servces: unknown key", "federated-risk:profile"} {
		assert.Contains(t, stderr, fault)
	}
}

func TestConfigTakesPathsWithAndWithoutTheNamespace(t *testing.T) {
	image := "services.model-serving.canary.image=registry.example.com/model-serving:2"
	for _, prefix := range []string{"", "federated-risk:"} {
		code, stdout, stderr := run(t, "render", "--stack", "dev", "-c", prefix+image, "-c", prefix+"services.model-serving.canary.weight=25")
		require.Equal(t, 0, code, stderr)
		assert.Contains(t, stdout, "weight: 25")
		assert.Contains(t, stdout, "weight: 75")
	}
	_, stdout, _ := run(t, "render", "--stack", "dev")
	assert.NotContains(t, stdout, "weight: 25")
}

// TestConfigTakesQuotedTextAsItIs: Pulumi's own guess makes a number of a version.
func TestConfigTakesQuotedTextAsItIs(t *testing.T) {
	code, stdout, stderr := run(t, "render", "--stack", "dev", "-c", `postgres.version="16"`)
	require.Equal(t, 0, code, stderr)
	assert.Contains(t, stdout, `postgresql: "16"`)
	code, _, stderr = run(t, "render", "--stack", "dev", "-c", "postgres.version=16")
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "put it in quotes")
}

func TestOutWritesFilesIntoAnEmptyFolderOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "manifests")
	code, stdout, stderr := run(t, "render", "--stack", "prod", "--out", dir)
	require.Equal(t, 0, code, stderr)
	assert.Empty(t, stdout)
	content, err := os.ReadFile(filepath.Join(dir, "deployment-frontend.yaml"))
	require.NoError(t, err)
	assert.Contains(t, string(content), "kind: Deployment")
	code, _, stderr = run(t, "render", "--stack", "prod", "--out", dir)
	assert.Equal(t, 1, code)
	assert.Contains(t, stderr, "is not empty")
}

func TestProjectIsFoundFromAnyFolder(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	code, _, stderr := run(t, "render", "--stack", "dev")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "no Pulumi.yaml")
	code, stdout, stderr := run(t, "render", "--stack", "local", "--project", root)
	require.Equal(t, 0, code, stderr)
	assert.Contains(t, stdout, "kind: StatefulSet", "a chart whose path is relative to the project is rendered from anywhere")
}
