package workspace_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

// variables returns an environment as a map; a variable that is set twice fails the test.
func variables(t *testing.T, environment []string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, variable := range environment {
		name, value, _ := strings.Cut(variable, "=")
		require.NotContains(t, found, name)
		found[name] = value
	}
	return found
}

func TestEnvironmentKeepsTheUsersOwnToolsOut(t *testing.T) {
	t.Setenv("PULUMI_ACCESS_TOKEN", "theirs")
	t.Setenv("PULUMI_HOME", "/home/theirs")
	t.Setenv("KUBECONFIG", "/home/theirs")
	t.Setenv("KUBERNETES_SERVICE_HOST", "theirs")
	t.Setenv("HELM_NAMESPACE", "theirs")
	t.Setenv("EDITOR", "theirs")
	t.Setenv("NO_PROXY", "intranet,localhost")
	w := workspace.User("/checkout", workspace.Sandbox)
	t.Setenv("PATH", "/usr/bin:"+w.Bin+":/bin")

	environment := variables(t, w.Environment())
	for _, name := range []string{"PULUMI_ACCESS_TOKEN", "KUBERNETES_SERVICE_HOST", "HELM_NAMESPACE"} {
		require.NotContains(t, environment, name)
	}
	require.Equal(t, "theirs", environment["EDITOR"])
	require.Equal(t, "/checkout/.sandbox/kubeconfig", environment["KUBECONFIG"])
	require.Equal(t, "/checkout/.sandbox/pulumi-home", environment["PULUMI_HOME"])
	require.Equal(t, "file:///checkout/.sandbox/state", environment["PULUMI_BACKEND_URL"])
	require.Equal(t, "/checkout/.sandbox/bin:/usr/bin:/bin", environment["PATH"])
	require.Equal(t, "true", environment["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"])
	require.True(t, strings.HasPrefix(environment["NO_PROXY"], "intranet,localhost,127.0.0.1,"), environment["NO_PROXY"])

	require.Equal(t, "off", environment["GOWORK"])
	foreign := w.Foreign()
	require.Subset(t, foreign, []string{"PULUMI_ACCESS_TOKEN", "KUBERNETES_SERVICE_HOST", "HELM_NAMESPACE"})
	for _, name := range []string{"PULUMI_HOME", "KUBECONFIG", "EDITOR"} {
		require.NotContains(t, foreign, name)
	}

	control := variables(t, w.ClusterEnvironment())
	require.NotContains(t, control, "PULUMI_HOME")
	require.Contains(t, control, "no_proxy")
}

func TestOfficialPluginsHaveAStateOfTheirOwnAndFetchThemselves(t *testing.T) {
	w := workspace.User("/checkout", workspace.Official)
	t.Setenv("PATH", "/usr/bin:"+w.Bin)
	environment := variables(t, w.Environment())
	require.Equal(t, "/usr/bin", environment["PATH"])
	require.Equal(t, "/checkout/.sandbox/official/pulumi-home", environment["PULUMI_HOME"])
	require.Equal(t, "file:///checkout/.sandbox/official/state", environment["PULUMI_BACKEND_URL"])
	require.Equal(t, "/checkout/.sandbox/kubeconfig", environment["KUBECONFIG"])
	require.NotContains(t, environment, "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION")

	_, err := workspace.ParsePlugins("mine")
	require.ErrorContains(t, err, `"sandbox" or "official"`)
}

func TestCreateIsPrivateAndRemoveStateKeepsTheTools(t *testing.T) {
	w := workspace.User(t.TempDir(), workspace.Official)
	require.NoError(t, w.Create())
	for _, dir := range []string{w.Dir, w.State(), w.PulumiHome(), w.HelmDir()} {
		info, err := os.Stat(dir)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o700), info.Mode().Perm(), dir)
	}
	require.NoError(t, os.WriteFile(w.Kubeconfig(), nil, 0o600))
	require.NoError(t, w.RemoveState())
	entries, err := os.ReadDir(w.Dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.Equal(t, "bin", entries[0].Name())
	require.NoError(t, w.RemoveState())
}

func TestCheckpoint(t *testing.T) {
	w := workspace.User(t.TempDir(), workspace.Sandbox)
	checkpoint, err := w.Checkpoint()
	require.NoError(t, err)
	require.Zero(t, checkpoint)

	file := filepath.Join(w.State(), ".pulumi", "stacks", "federated-risk", "local.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(t, os.WriteFile(file, []byte(`{"checkpoint":{"latest":{"resources":[{},{}],"pending_operations":[{}]}}}`), 0o600))
	checkpoint, err = w.Checkpoint()
	require.NoError(t, err)
	require.Equal(t, workspace.Checkpoint{Resources: 2, Pending: 1}, checkpoint)

	require.NoError(t, os.WriteFile(file, []byte(`{"checkpoint":`), 0o600))
	_, err = w.Checkpoint()
	require.ErrorContains(t, err, file)
}

func TestFindRoot(t *testing.T) {
	root, err := workspace.FindRoot(".")
	require.NoError(t, err)
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(root, link))
	through, err := workspace.FindRoot(filepath.Join(link, "tests"))
	require.NoError(t, err)
	require.Equal(t, root, through)
	require.FileExists(t, filepath.Join(root, "tests", "sandbox", "workspace", "workspace_test.go"))
	_, err = workspace.FindRoot(t.TempDir())
	require.ErrorContains(t, err, "checkout")
}
