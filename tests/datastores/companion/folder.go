package companion

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Names of folders in the system's folder for temporary files.
const (
	folderPrefix = "federated-risk-test-"
	// unlocked begins the name of a folder that its maker has not locked yet.
	unlocked = "."
)

// Folder returns an empty folder, for its owner alone: whom an unprivileged command runs as. It goes with the test; if the test is
// killed, it goes when another test asks for a folder.
func Folder(tb testing.TB) string {
	tb.Helper()
	require.NoError(tb, sweep(os.TempDir()))
	made, err := os.MkdirTemp(os.TempDir(), unlocked+folderPrefix)
	require.NoError(tb, err)
	lock, err := lockFolder(made)
	require.NoError(tb, err)
	Give(tb, made)
	folder := filepath.Join(filepath.Dir(made), strings.TrimPrefix(filepath.Base(made), unlocked))
	require.NoError(tb, os.Rename(made, folder))
	tb.Cleanup(func() {
		assert.NoError(tb, os.RemoveAll(folder))
		_ = lock.Close()
	})
	return folder
}

// sweep removes the folders whose makers are gone: the kernel gives a lock back when the process ends that holds it.
func sweep(dir string) error {
	folders, err := filepath.Glob(filepath.Join(dir, folderPrefix+"*"))
	if err != nil {
		return err
	}
	for _, folder := range folders {
		lock, err := lockFolder(folder)
		if err != nil {
			continue // in use, another user's, or gone
		}
		err = os.RemoveAll(folder)
		_ = lock.Close()
		if err != nil {
			return fmt.Errorf("remove what a killed test has left: %w", err)
		}
	}
	return nil
}

func lockFolder(folder string) (*os.File, error) {
	file, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("lock %s: %w", folder, err)
	}
	return file, nil
}
