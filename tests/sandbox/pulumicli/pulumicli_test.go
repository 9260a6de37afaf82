package pulumicli_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster/clustertest"
	"github.com/federated-risk/federated-risk/tests/sandbox/process"
	"github.com/federated-risk/federated-risk/tests/sandbox/pulumicli"
	"github.com/federated-risk/federated-risk/tests/sandbox/toolchain"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

// newCLI returns the real command line in an isolated workspace, on a project without a program but with
// the checkout's own stack file, and the lines it reports.
func newCLI(t *testing.T) (*pulumicli.CLI, *[]string) {
	t.Helper()
	return newCLIIn(t, clustertest.Workspace(t))
}

func newCLIIn(t *testing.T, w workspace.Workspace) (*pulumicli.CLI, *[]string) {
	t.Helper()
	clustertest.Tools(t, w, toolchain.CLI()...)
	lines := &[]string{}
	cli, err := pulumicli.New(w, func(line string) { *lines = append(*lines, line) })
	require.NoError(t, err)
	stackFile, err := os.ReadFile(filepath.Join(w.Root, "Pulumi.local.yaml"))
	require.NoError(t, err)
	cli.Program = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(cli.Program, "Pulumi.yaml"), []byte("name: federated-risk\nruntime: go\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(cli.Program, "Pulumi.local.yaml"), stackFile, 0o600))
	return cli, lines
}

func TestSelectStackLeavesTheStackFileAlone(t *testing.T) {
	cli, _ := newCLI(t)
	file := filepath.Join(cli.Program, "Pulumi.local.yaml")
	before, err := os.ReadFile(file)
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, cli.SelectStack(t.Context()))
		after, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(before), string(after))
	}
	version, err := cli.Output(t.Context(), "version")
	require.NoError(t, err)
	want, err := toolchain.Pulumi.Version(cli.Workspace.Source())
	require.NoError(t, err)
	require.Equal(t, want, strings.TrimSpace(version))
}

// A checkout may be anywhere: the name of its directory is part of a URL, and of no pattern.
func TestADirectoryMayHaveAnyName(t *testing.T) {
	w := clustertest.Workspace(t)
	w.Dir = filepath.Join(w.Dir, `C# [old] 100%25? it's`)
	require.NoError(t, w.Create())
	cli, _ := newCLIIn(t, w)
	require.NoError(t, cli.SelectStack(t.Context()))
	require.FileExists(t, filepath.Join(w.State(), ".pulumi", "stacks", "federated-risk", workspace.Stack+".json"))
	lock := writeLock(t, w, lockOf(t, 1<<30, hostname(t)))
	require.NoError(t, cli.ClearInterrupted(t.Context()))
	require.NoFileExists(t, lock)
}

func hostname(t *testing.T) string {
	t.Helper()
	name, err := os.Hostname()
	require.NoError(t, err)
	return name
}

// writeLock leaves a lock as the file backend writes it.
func writeLock(t *testing.T, w workspace.Workspace, content string) string {
	t.Helper()
	file := filepath.Join(w.State(), ".pulumi", "locks", "organization", "federated-risk", workspace.Stack, "left.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	return file
}

func lockOf(t *testing.T, pid int, hostname string) string {
	t.Helper()
	content, err := json.Marshal(map[string]any{"pid": pid, "username": "someone", "hostname": hostname})
	require.NoError(t, err)
	return string(content)
}

func TestClearInterrupted(t *testing.T) {
	cli, lines := newCLI(t)
	require.NoError(t, cli.SelectStack(t.Context()))
	hostname := hostname(t)
	live := startAs(t, "pulumi", nil)

	t.Run("nothing to clear", func(t *testing.T) {
		require.NoError(t, cli.ClearInterrupted(t.Context()))
		require.Empty(t, *lines)
	})
	for name, c := range map[string]struct{ lock, message string }{
		"live engine":   {lockOf(t, live, hostname), "someone"},
		"other machine": {lockOf(t, 1, "elsewhere"), "elsewhere"},
	} {
		t.Run(name, func(t *testing.T) {
			file := writeLock(t, cli.Workspace, c.lock)
			require.ErrorContains(t, cli.ClearInterrupted(t.Context()), c.message)
			require.FileExists(t, file)
		})
	}
	for name, lock := range map[string]string{
		"killed engine":            lockOf(t, 1<<30, hostname),
		"pid of another program":   lockOf(t, os.Getpid(), hostname),
		"lock cut short by a kill": `{"pid":`,
	} {
		t.Run(name, func(t *testing.T) {
			*lines = nil
			file := writeLock(t, cli.Workspace, lock)
			require.NoError(t, cli.ClearInterrupted(t.Context()))
			require.NoFileExists(t, file)
			require.Contains(t, strings.Join(*lines, "\n"), "cancelling")
			_, err := cli.Output(t.Context(), "stack", "export", "--stack", workspace.Stack)
			require.NoError(t, err)
		})
	}
}

// A kill while the file backend writes leaves an attribute file empty, which makes the whole state unreadable.
func TestClearInterruptedRemovesTornAttributes(t *testing.T) {
	cli, lines := newCLI(t)
	require.NoError(t, cli.SelectStack(t.Context()))
	state := filepath.Join(cli.Workspace.State(), ".pulumi")
	torn := filepath.Join(state, "stacks", "federated-risk", "local.json.attrs")
	require.NoError(t, os.WriteFile(torn, nil, 0o600))
	locks := filepath.Join(state, "locks", "organization", "federated-risk", "local")
	require.NoError(t, os.MkdirAll(locks, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(locks, "torn.json"), nil, 0o600))

	require.NoError(t, cli.ClearInterrupted(t.Context()))
	require.NoFileExists(t, torn)
	require.Contains(t, strings.Join(*lines, "\n"), "local.json.attrs was cut short")
	_, err := cli.Output(t.Context(), "stack", "export", "--stack", workspace.Stack)
	require.NoError(t, err)
}

func TestKillOrphansKillsOnlyThoseOfTheWorkspace(t *testing.T) {
	w := clustertest.Workspace(t)
	ours := []string{"PULUMI_HOME=" + w.PulumiHome()}
	orphan := startAs(t, "pulumi-language-go", ours)
	plugin := startAs(t, "pulumi-resource-kubernetes", ours)
	shell := startAs(t, "shell", ours)
	other := startAs(t, "pulumi-language-go", []string{"PULUMI_HOME=/elsewhere"})

	require.NoError(t, pulumicli.KillOrphans(context.Background(), w))
	for pid, want := range map[int]bool{orphan: false, plugin: false, shell: true, other: true} {
		_, alive := process.Read(pid)
		require.Equal(t, want, alive, "process %d", pid)
	}
}

func TestKillEnginesLeavesThoseOfOtherWorkspacesAndTheUsersShell(t *testing.T) {
	w := clustertest.Workspace(t)
	ours := []string{"PULUMI_HOME=" + w.PulumiHome()}
	engine := startAs(t, "pulumi", ours)
	orphan := startAs(t, "pulumi-language-go", ours)
	shell := startAs(t, "shell", ours)
	other := startAs(t, "pulumi", []string{"PULUMI_HOME=/elsewhere"})

	require.NoError(t, pulumicli.KillEngines(t.Context(), w))
	for pid, want := range map[int]bool{engine: false, orphan: false, shell: true, other: true} {
		_, alive := process.Read(pid)
		require.Equal(t, want, alive, "process %d", pid)
	}
}

// startAs runs a program of the given name that does nothing, and returns its id.
func startAs(t *testing.T, name string, environment []string) int {
	t.Helper()
	sleep, err := exec.LookPath("sleep")
	require.NoError(t, err)
	content, err := os.ReadFile(sleep)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o700))
	command := exec.CommandContext(context.WithoutCancel(t.Context()), path, "600")
	command.Env = environment
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	return command.Process.Pid
}
