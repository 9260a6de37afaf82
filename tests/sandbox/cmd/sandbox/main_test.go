package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

func TestUpRefusesASandboxDeployedByTheOtherKind(t *testing.T) {
	for deployed, wanted := range map[workspace.Plugins]workspace.Plugins{
		workspace.Sandbox:  workspace.Official,
		workspace.Official: workspace.Sandbox,
	} {
		t.Run(string(deployed), func(t *testing.T) {
			root := t.TempDir()
			w := workspace.User(root, deployed)
			file := filepath.Join(w.State(), ".pulumi", "stacks", "federated-risk", workspace.Stack+".json")
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))

			require.NoError(t, os.WriteFile(file, []byte(`{"checkpoint":{"latest":{}}}`), 0o600))
			require.NoError(t, refuseOtherKind(workspace.User(root, wanted)), "an empty state is no deployment")

			require.NoError(t, os.WriteFile(file, []byte(`{"checkpoint":{"latest":{"resources":[{}]}}}`), 0o600))
			err := refuseOtherKind(workspace.User(root, wanted))
			require.ErrorContains(t, err, string(deployed))
			require.ErrorContains(t, err, "make down")
			require.NoError(t, refuseOtherKind(w))
		})
	}
}

// By the state of a cluster that is gone, the engine would leave the new one empty.
func TestUpForgetsTheStateOfALostCluster(t *testing.T) {
	w := workspace.User(t.TempDir(), workspace.Sandbox)
	for _, content := range []string{`{"checkpoint":{"latest":{"resources":[{}]}}}`, `{"checkpoint":`} {
		file := filepath.Join(w.State(), ".pulumi", "stacks", "federated-risk", workspace.Stack+".json")
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))

		require.NoError(t, os.MkdirAll(w.ClusterDir(), 0o700))
		created := filepath.Join(w.ClusterDir(), "created")
		require.NoError(t, os.WriteFile(created, nil, 0o600))
		require.NoError(t, forgetLostCluster(w))
		require.FileExists(t, file, "the cluster is there")

		require.NoError(t, os.Remove(created))
		require.NoError(t, forgetLostCluster(w))
		require.NoFileExists(t, file)
	}
}

func TestRemoveAllLeavesNothing(t *testing.T) {
	w := workspace.User(t.TempDir(), workspace.Sandbox)
	lock, err := lockWorkspace(t.Context(), w)
	require.NoError(t, err)
	require.NoError(t, w.Create())
	require.NoError(t, removeAll(w))
	require.NoDirExists(t, w.Dir)
	require.NoError(t, lock.Release())
}

func TestOfficialPluginsNeedAnOfficialPulumi(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	w := workspace.User(t.TempDir(), workspace.Official)
	require.ErrorContains(t, up(t.Context(), w), "no official pulumi on PATH")
	require.NoDirExists(t, w.Dir, "a refused up left something behind")
}

// What `make env` prints must reach the shell unchanged, whatever the checkout's path is.
func TestShellQuote(t *testing.T) {
	for _, value := range []string{"plain", "with space", "it's", `$HOME "quoted" \ back`, "a\nb"} {
		output, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", "printf %s "+shellQuote(value)).Output()
		require.NoError(t, err)
		require.Equal(t, value, string(output))
	}
}
