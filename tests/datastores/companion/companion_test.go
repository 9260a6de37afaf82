package companion

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	// childVariable makes TestChild the one that is killed.
	childVariable = "COMPANION_CHILD"
	patience      = 30 * time.Second
)

// shell is a command that runs a script.
func shell(script string) Command {
	return Command{Path: "/bin/sh", Arguments: []string{"-ec", script}, Environment: []string{"PATH=/usr/bin:/bin"}, End: syscall.SIGTERM}
}

// gone says whether a process has ended; one that nobody has asked for its end has no executable any more.
func gone(pid string) bool {
	_, err := os.Readlink(filepath.Join("/proc", pid, "exe"))
	return errors.Is(err, os.ErrNotExist)
}

// printed waits for a program's first lines, as many as there are to be.
func printed(t *testing.T, output func() string, lines int) []string {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Count(output(), "\n") >= lines }, patience, readyInterval)
	return strings.Split(output(), "\n")[:lines]
}

// TestChild is no test but what TestNothingOutlivesAKilledTest kills.
func TestChild(t *testing.T) {
	if os.Getenv(childVariable) == "" {
		t.Skip("run by TestNothingOutlivesAKilledTest")
	}
	folder := Folder(t)
	program := Start(t, shell("echo $$; exec sleep 600"))
	fmt.Printf("%s\n%s\n", folder, printed(t, program.Output, 1)[0])
	<-program.Ended()
}

func TestNothingOutlivesAKilledTest(t *testing.T) {
	var out output
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$")
	child.Env, child.Stdout, child.Stderr = append(os.Environ(), childVariable+"=1"), &out, &out
	require.NoError(t, child.Start())
	lines := printed(t, out.String, 2)
	folder, pid := lines[0], lines[1]
	require.False(t, gone(pid))
	own := Folder(t)
	assert.DirExists(t, folder, "the folder of a test that runs")

	require.NoError(t, child.Process.Kill())
	_ = child.Wait() // killed
	require.Eventually(t, func() bool { return gone(pid) }, patience, readyInterval, "the program is still there")
	assert.DirExists(t, folder, "nobody has asked for a folder yet")
	Folder(t)
	assert.NoDirExists(t, folder)
	assert.DirExists(t, own)
}

func TestFolderIsPrivateAndGoesWithTheTest(t *testing.T) {
	var folder string
	t.Run("test", func(t *testing.T) {
		folder = Folder(t)
		info, err := os.Stat(folder)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	})
	assert.NoDirExists(t, folder)
}

func TestProgramEndsWithTheTestAndTakesAlongWhatItHasStarted(t *testing.T) {
	var pids []string
	t.Run("test", func(t *testing.T) {
		pids = printed(t, Start(t, shell("sleep 600 & echo $!; echo $$; wait")).Output, 2)
		require.False(t, gone(pids[0]) || gone(pids[1]))
	})
	for _, pid := range pids {
		assert.Eventually(t, func() bool { return gone(pid) }, patience, readyInterval, "%s", pid)
	}
}

func TestUnprivilegedIsNotRootAndHasItsFolder(t *testing.T) {
	folder := Folder(t)
	file := filepath.Join(folder, "given")
	require.NoError(t, os.WriteFile(file, []byte("content\n"), 0o600))
	Give(t, file)
	command := shell("id -u; cp given own; cat own")
	command.Unprivileged, command.Folder = true, folder
	program := Start(t, command)
	require.NoError(t, program.Wait(t.Context()))
	uid, _, err := owner()
	require.NoError(t, err)
	assert.NotZero(t, uid)
	assert.Equal(t, strconv.Itoa(uid)+"\ncontent\n", program.Output())
}

func TestWaitSaysHowItEnded(t *testing.T) {
	require.ErrorContains(t, Start(t, shell("echo why; exit 3")).Wait(t.Context()), "exit status 3\nwhy\n")
	ctx, cancel := context.WithTimeout(t.Context(), readyInterval)
	defer cancel()
	assert.ErrorIs(t, Start(t, shell("exec sleep 600")).Wait(ctx), context.DeadlineExceeded)
}

func TestWaitReadyAsksUntilItIs(t *testing.T) {
	asked := 0
	require.NoError(t, Start(t, shell("exec sleep 600")).WaitReady(t.Context(), func(context.Context) error {
		if asked++; asked < 3 {
			return errors.New("not yet")
		}
		return nil
	}))
	never := func(context.Context) error { return errors.New("never") }
	require.ErrorContains(t, Start(t, shell("echo why; exit 3")).WaitReady(t.Context(), never), "exit status 3\nwhy\n")
	assert.ErrorIs(t, Start(t, shell("echo bind: Address already in use; exit 1")).WaitReady(t.Context(), never), ErrAddressInUse)
}

func TestOnFreePortTriesAnotherOneThatIsFreeOnAllHosts(t *testing.T) {
	hosts := []string{"127.0.0.1", "127.0.0.2"}
	var ports []int
	require.NoError(t, OnFreePort(t.Context(), hosts, func(port int) error {
		for _, host := range hosts {
			listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
			require.NoError(t, err)
			t.Cleanup(func() { _ = listener.Close() })
		}
		if ports = append(ports, port); len(ports) == 1 {
			return fmt.Errorf("the server: %w", ErrAddressInUse)
		}
		return nil
	}))
	require.Len(t, ports, 2)
	assert.NotEqual(t, ports[0], ports[1])

	broken := errors.New("broken")
	calls := 0
	require.ErrorIs(t, OnFreePort(t.Context(), hosts, func(int) error { calls++; return broken }), broken)
	assert.Equal(t, 1, calls, "another port does not help")
}
