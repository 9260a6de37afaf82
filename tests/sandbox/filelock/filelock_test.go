package filelock_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/filelock"
)

func TestAcquireWaitsUntilReleased(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dir", "lock")
	first, err := filelock.Acquire(t.Context(), path, func() { t.Error("nobody holds the lock") })
	require.NoError(t, err)

	waiting := make(chan struct{})
	acquired := make(chan error, 1)
	go func() {
		second, err := filelock.Acquire(t.Context(), path, func() { close(waiting) })
		if err == nil {
			err = second.Release()
		}
		acquired <- err
	}()
	<-waiting
	select {
	case <-acquired:
		t.Fatal("two held the lock at once")
	case <-time.After(200 * time.Millisecond):
	}
	require.NoError(t, first.Release())
	require.NoError(t, <-acquired)
}

// A holder may remove the file: who waited for it then holds another lock than who comes later finds.
func TestAcquireIsNotFooledByARemovedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dir", "lock")
	first, err := filelock.Acquire(t.Context(), path, nil)
	require.NoError(t, err)
	waiting := make(chan struct{})
	acquired := make(chan *filelock.Lock, 1)
	go func() {
		second, err := filelock.Acquire(t.Context(), path, func() { close(waiting) })
		if err != nil {
			t.Error(err)
		}
		acquired <- second
	}()
	<-waiting
	require.NoError(t, os.RemoveAll(filepath.Dir(path)))
	second := <-acquired
	require.NoError(t, first.Release())

	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = filelock.Acquire(ctx, path, nil)
	require.ErrorIs(t, err, context.DeadlineExceeded, "two held the lock at once")
	require.NoError(t, second.Release())
}

func TestAcquireGivesUpWithItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	lock, err := filelock.Acquire(t.Context(), path, nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, lock.Release()) }()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = filelock.Acquire(ctx, path, nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, path)
}
