package clustertest

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

// The environment of a guard process names what it guards.
const (
	guardRoot = "FEDERATED_RISK_GUARD_ROOT"
	guardDir  = "FEDERATED_RISK_GUARD_DIR"
	guardLog  = "guard.log"
)

// lifelines are the pipes to the guards: the kernel closes them when this process ends, however it ends.
// They are kept here lest a garbage collection closes them sooner.
var lifelines struct {
	sync.Mutex
	files []*os.File
}

// A guard is this same binary, turned aside before it runs any test.
func init() {
	if dir := os.Getenv(guardDir); dir != "" {
		os.Exit(guard(workspace.Isolated(os.Getenv(guardRoot), dir)))
	}
}

// guard waits for the end of its parent, then kills the engines at work in the workspace and what ran beside its
// cluster, stops the cluster and removes the directory.
// Where that fails, a log in the directory says why.
func guard(w workspace.Workspace) int {
	_, _ = io.Copy(io.Discard, os.Stdin)
	_, err := KillEngines(context.Background(), w)
	if err == nil {
		err = killCompanions(context.Background(), w)
	}
	if err == nil {
		err = stop(w)
	}
	if err == nil {
		err = os.RemoveAll(w.Dir)
	}
	if err != nil {
		_ = os.WriteFile(filepath.Join(w.Dir, guardLog), []byte(err.Error()+"\n"), 0o600)
		return 1
	}
	return 0
}

func stop(w workspace.Workspace) error {
	c, err := cluster.New(cluster.ConfigFor(w, nil))
	if err != nil {
		return err
	}
	return c.Stop(context.Background())
}

func startGuard(w workspace.Workspace) error {
	binary, err := os.Executable()
	if err != nil {
		return fmt.Errorf("guard of %s: %w", w.Dir, err)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("guard of %s: %w", w.Dir, err)
	}
	defer func() { _ = reader.Close() }()
	// No context: the guard outlives everything here.
	command := exec.Command(binary) //nolint:noctx // see above
	command.Env = append(os.Environ(), guardRoot+"="+w.Root, guardDir+"="+w.Dir)
	command.Stdin = reader
	// Of its own session, an interrupt at the terminal ends the tests and not the guard.
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		_ = writer.Close()
		return fmt.Errorf("guard of %s: %w", w.Dir, err)
	}
	lifelines.Lock()
	defer lifelines.Unlock()
	lifelines.files = append(lifelines.files, writer)
	return nil
}
