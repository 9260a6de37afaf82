package pulumicli

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/federated-risk/federated-risk/tests/sandbox/process"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

// SelectStack selects the sandbox's stack, creating it in the backend where it is missing. The stack file
// keeps its bytes: its encryptionsalt belongs to the workspace's passphrase.
func (c *CLI) SelectStack(ctx context.Context) error {
	_, err := c.Output(ctx, "stack", "select", workspace.Stack, "--create", "--secrets-provider", "passphrase")
	return err
}

// engineLock is what the file backend writes into a lock file.
type engineLock struct {
	PID      int    `json:"pid"`
	Username string `json:"username"`
	Hostname string `json:"hostname"`
}

// ClearInterrupted makes a stack whose engine was killed usable again: it cancels the lock of a process
// that is gone and drops the operations recorded as pending. A lock whose process lives is an error.
func (c *CLI) ClearInterrupted(ctx context.Context) error {
	stale, err := c.checkLocks()
	if err != nil {
		return err
	}
	if stale {
		if err := KillOrphans(ctx, c.Workspace); err != nil {
			return err
		}
		if err := c.removeTornAttributes(); err != nil {
			return err
		}
		if _, err := c.Output(ctx, "cancel", workspace.Stack, "--yes"); err != nil {
			return err
		}
	}
	checkpoint, err := c.Workspace.Checkpoint()
	if err != nil || checkpoint.Pending == 0 {
		return err
	}
	// The engine does not refuse to go on with pending operations, but warns of them at every update and
	// never forgets an interrupted creation by itself. The refresh reads every resource anew; what a creation
	// had got done before it was interrupted is taken over by the next update, since the program's
	// provider upserts. `pulumi up --refresh` has no such option, so this takes a step of its own.
	c.progress("the last update was interrupted in the middle of %d operations: refreshing the state", checkpoint.Pending)
	_, err = c.Output(ctx, "refresh", "--stack", workspace.Stack, "--yes", "--clear-pending-creates", "--skip-preview")
	return err
}

// checkLocks reports whether the stack is locked by processes that are gone.
func (c *CLI) checkLocks() (bool, error) {
	state := os.DirFS(c.Workspace.State())
	files, err := fs.Glob(state, path.Join(".pulumi", "locks", "*", "*", workspace.Stack, "*.json"))
	if err != nil {
		return false, fmt.Errorf("look for locks: %w", err)
	}
	hostname, err := os.Hostname()
	if err != nil {
		return false, fmt.Errorf("look for locks: %w", err)
	}
	for _, file := range files {
		content, err := fs.ReadFile(state, file)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return false, fmt.Errorf("read the lock of stack %s: %w", workspace.Stack, err)
		}
		var lock engineLock
		// A lock cut short by a kill has no owner that could be asked, and none that still writes it: locks
		// are written in one go before an engine begins.
		if json.Unmarshal(content, &lock) == nil && (lock.Hostname != hostname || runsPulumi(lock.PID)) {
			return false, fmt.Errorf("stack %s is being updated by process %d of %s on %s: wait for it to end, or interrupt it; if that machine is gone, remove its lock %s",
				workspace.Stack, lock.PID, lock.Username, lock.Hostname, filepath.Join(c.Workspace.State(), file))
		}
		c.progress("the lock of stack %s was left by process %d, which is gone: cancelling it", workspace.Stack, lock.PID)
	}
	return len(files) > 0, nil
}

// removeTornAttributes removes the attribute files of the file backend that are no JSON. The backend writes them in
// place, unlike the state beside them, so a kill can leave one empty, and then it refuses the whole state ("failed to
// load checkpoint: EOF"). It does without one that is missing.
func (c *CLI) removeTornAttributes() error {
	return filepath.WalkDir(filepath.Join(c.Workspace.State(), ".pulumi"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".attrs" {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil || json.Valid(content) {
			return err
		}
		c.progress("the state's %s was cut short by a kill: removing it", filepath.Base(path))
		return os.Remove(path)
	})
}

// runsPulumi reports whether the process lives and is a pulumi: its id may have gone to another program.
func runsPulumi(pid int) bool {
	p, alive := process.Read(pid)
	return alive && p.Name() == engine
}
