package cluster_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster"
	"github.com/federated-risk/federated-risk/tests/sandbox/cluster/clustertest"
	"github.com/federated-risk/federated-risk/tests/sandbox/process"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

var componentNames = []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller"}

func pids(t *testing.T, c *cluster.Cluster) map[string]int {
	t.Helper()
	status, err := c.Status(t.Context())
	require.NoError(t, err)
	found := map[string]int{}
	for _, component := range status.Components {
		if component.PID != 0 {
			found[component.Name] = component.PID
		}
	}
	return found
}

// signal sends a signal to a component, which must be running: to the kernel, process 0 means the test itself.
func signal(t *testing.T, c *cluster.Cluster, component string, number syscall.Signal) int {
	t.Helper()
	pid := pids(t, c)[component]
	require.NotZero(t, pid, "%s does not run", component)
	require.NoError(t, syscall.Kill(pid, number))
	return pid
}

// requireRecovery ensures the cluster and checks that all of it is healthy and kept its data.
func requireRecovery(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	require.NoError(t, c.Ensure(t.Context()))
	status, err := c.Status(t.Context())
	require.NoError(t, err)
	require.True(t, status.Healthy(), "%+v", status)
	require.Len(t, status.Components, len(componentNames))
	_, err = client(t, c).Resource(configMaps).Namespace(testNamespace).Get(t.Context(), "kept", metav1.GetOptions{})
	require.NoError(t, err, "the cluster lost its data")
}

// bystander runs a program of the given name that has nothing to do with any cluster.
func bystander(t *testing.T, name string) *exec.Cmd {
	t.Helper()
	sleep, err := exec.LookPath("sleep")
	require.NoError(t, err)
	content, err := os.ReadFile(sleep)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o700))
	command := exec.CommandContext(context.WithoutCancel(t.Context()), path, "600")
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	return command
}

func requireAlive(t *testing.T, command *exec.Cmd) {
	t.Helper()
	require.NoError(t, command.Process.Signal(syscall.Signal(0)), "a process that is not the cluster's was killed")
}

func TestLifecycle(t *testing.T) {
	w := clustertest.Workspace(t)
	c := clustertest.In(t, w)
	started := time.Now()
	require.NoError(t, c.Ensure(t.Context()))
	t.Logf("cluster up in %s", time.Since(started))
	create(t, client(t, c), configMaps, `{apiVersion: v1, kind: ConfigMap, metadata: {name: kept}}`)

	t.Run("a second Ensure changes nothing", func(t *testing.T) {
		before := pids(t, c)
		requireRecovery(t, c)
		require.Equal(t, before, pids(t, c))
	})
	for _, name := range componentNames {
		t.Run("killed "+name, func(t *testing.T) {
			pid := signal(t, c, name, syscall.SIGKILL)
			requireRecovery(t, c)
			require.NotEqual(t, pid, pids(t, c)[name])
		})
	}
	t.Run("all killed", func(t *testing.T) {
		for _, name := range componentNames {
			signal(t, c, name, syscall.SIGKILL)
		}
		requireRecovery(t, c)
	})
	t.Run("hanging", func(t *testing.T) {
		pid := signal(t, c, "kube-scheduler", syscall.SIGSTOP)
		requireRecovery(t, c)
		require.NotEqual(t, pid, pids(t, c)["kube-scheduler"])
	})
	t.Run("pid reused by another program", func(t *testing.T) {
		other := bystander(t, "kube-scheduler")
		signal(t, c, "kube-scheduler", syscall.SIGKILL)
		require.NoError(t, os.WriteFile(pidFile(w, "kube-scheduler"), []byte(strconv.Itoa(other.Process.Pid)), 0o600))
		requireRecovery(t, c)
		requireAlive(t, other)
		require.NotEqual(t, other.Process.Pid, pids(t, c)["kube-scheduler"])
	})
	t.Run("pid files lost", func(t *testing.T) {
		before := pids(t, c)
		require.NoError(t, os.RemoveAll(filepath.Dir(pidFile(w, "etcd"))))
		signal(t, c, "kube-scheduler", syscall.SIGKILL)
		requireRecovery(t, c)
		after := pids(t, c)
		require.Equal(t, before["etcd"], after["etcd"], "a healthy component was restarted")
		require.NotEqual(t, before["kube-scheduler"], after["kube-scheduler"])
	})
	t.Run("taken port", func(t *testing.T) {
		port := listeningPort(t, pids(t, c)["kwok-controller"])
		signal(t, c, "kwok-controller", syscall.SIGKILL)
		var listener net.Listener
		require.Eventually(t, func() bool {
			var err error
			listener, err = (&net.ListenConfig{}).Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
			return err == nil
		}, 10*time.Second, 20*time.Millisecond)
		err := c.Ensure(t.Context())
		require.ErrorContains(t, err, strconv.Itoa(port))
		require.ErrorContains(t, err, fmt.Sprintf("process %d", os.Getpid()))
		require.ErrorContains(t, err, "kwok-controller")
		require.NoError(t, listener.Close())
		requireRecovery(t, c)
	})
	t.Run("stop", func(t *testing.T) {
		others := []*exec.Cmd{bystander(t, "etcd"), bystander(t, "kube-apiserver"), bystander(t, "kwokctl")}
		// Half dead, with a pid file that names a stranger.
		signal(t, c, "kube-controller-manager", syscall.SIGKILL)
		require.NoError(t, os.WriteFile(pidFile(w, "kube-controller-manager"), []byte(strconv.Itoa(others[0].Process.Pid)), 0o600))
		mine := pids(t, c)
		require.NoError(t, c.Stop(t.Context()))
		for name, pid := range mine {
			_, alive := process.Read(pid)
			require.False(t, alive, "%s still runs", name)
		}
		for _, other := range others {
			requireAlive(t, other)
		}
		require.NoDirExists(t, w.ClusterDir())
		require.NoFileExists(t, w.Kubeconfig())
		require.FileExists(t, filepath.Join(w.Bin, "etcd"))
	})
	t.Run("stop twice", func(t *testing.T) {
		require.NoError(t, c.Stop(t.Context()))
		status, err := c.Status(t.Context())
		require.NoError(t, err)
		require.False(t, status.Created)
	})
}

// In a directory of any name: kwokctl cuts some paths at a space and takes others for URLs.
func TestAMovedClusterIsRefusedAndStopped(t *testing.T) {
	w := clustertest.Workspace(t)
	w.Dir = filepath.Join(w.Dir, `C# [old] 100%25? it's`)
	c := clustertest.In(t, w)
	require.NoError(t, c.Ensure(t.Context()))
	running := pids(t, c)

	moved := w
	moved.Dir = filepath.Join(w.Dir, "moved")
	require.NoError(t, moved.Create())
	require.NoError(t, os.Rename(w.ClusterDir(), moved.ClusterDir()))
	c, err := cluster.New(cluster.ConfigFor(moved, nil))
	require.NoError(t, err)
	require.ErrorContains(t, c.Ensure(t.Context()), "make down")
	require.NoError(t, c.Stop(t.Context()))
	for name, pid := range running {
		_, alive := process.Read(pid)
		require.False(t, alive, "%s still runs", name)
	}
}

func TestInterruptedCreationIsDoneAnew(t *testing.T) {
	c := clustertest.New(t)
	// Long enough for kwokctl to be in the middle, too short for it to end.
	ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
	defer cancel()
	require.Error(t, c.Ensure(ctx))
	require.NoError(t, c.Ensure(t.Context()))
	status, err := c.Status(t.Context())
	require.NoError(t, err)
	require.True(t, status.Healthy(), "%+v", status)
	require.NoError(t, c.Stop(t.Context()))
}

// A test binary that is killed outright must leave nothing behind.
func TestGuardRemovesTheClusterOfAKilledTestBinary(t *testing.T) {
	clustertest.Tools(t, clustertest.Workspace(t))
	binary, err := os.Executable()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), binary, "-test.run", "^TestVictimStartsAndWaits$")
	command.Env = append(os.Environ(), victimVariable+"=1")
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() { _ = command.Process.Kill() })
	line := make([]byte, 4096)
	n, err := output.Read(line)
	require.NoError(t, err)
	dir, pidList, found := strings.Cut(strings.TrimSpace(string(line[:n])), " ")
	require.True(t, found, "the test binary said %q", line[:n])
	require.NoError(t, command.Process.Kill())
	_, _ = io.Copy(io.Discard, output)
	_ = command.Wait()

	require.Eventually(t, func() bool { _, err := os.Stat(dir); return os.IsNotExist(err) },
		20*time.Second, 50*time.Millisecond, "%s is still there", dir)
	running := strings.Fields(pidList)
	require.Len(t, running, len(componentNames)+1, "the components and the companion")
	for _, text := range running {
		pid, err := strconv.Atoi(text)
		require.NoError(t, err)
		_, alive := process.Read(pid)
		require.False(t, alive, "process %d still runs", pid)
	}
}

const victimVariable = "FEDERATED_RISK_TEST_VICTIM"

func TestVictimStartsAndWaits(t *testing.T) {
	if os.Getenv(victimVariable) == "" {
		t.Skip("only run by TestGuardRemovesTheClusterOfAKilledTestBinary")
	}
	w := clustertest.Workspace(t)
	c := clustertest.In(t, w)
	require.NoError(t, c.Ensure(t.Context()))
	// It outlives this process unless the guard finds it.
	companion := exec.CommandContext(context.WithoutCancel(t.Context()), "sleep", "600")
	companion.Env = clustertest.CompanionEnvironment(w)
	require.NoError(t, companion.Start())
	list := []string{strconv.Itoa(companion.Process.Pid)}
	for _, pid := range pids(t, c) {
		list = append(list, strconv.Itoa(pid))
	}
	slices.Sort(list)
	_, err := fmt.Println(w.Dir, strings.Join(list, " "))
	require.NoError(t, err)
	select {}
}

func pidFile(w workspace.Workspace, program string) string {
	return filepath.Join(w.ClusterDir(), ".kwok", "clusters", workspace.ClusterName, "pids", program+".pid")
}

// listeningPort reads the port from the component's own command line.
func listeningPort(t *testing.T, pid int) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	require.NoError(t, err)
	for argument := range strings.SplitSeq(string(content), "\x00") {
		if address, ok := strings.CutPrefix(argument, "--server-address="); ok {
			_, text, err := net.SplitHostPort(address)
			require.NoError(t, err)
			port, err := strconv.Atoi(text)
			require.NoError(t, err)
			return port
		}
	}
	t.Fatalf("process %d has no --server-address", pid)
	return 0
}
