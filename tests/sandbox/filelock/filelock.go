// Package filelock excludes processes from one another by an advisory lock on a file.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// retryInterval is how often a taken lock is tried again: a blocking flock(2) could not be cancelled.
const retryInterval = 50 * time.Millisecond

// Lock is a held lock. The kernel releases it when the process that holds it dies, so it is never stale.
type Lock struct{ file *os.File }

// Acquire takes the exclusive lock on path, creating the file (mode 0600) and its directory (mode 0700)
// where missing. If another process holds it, waiting is called once and Acquire waits until the lock is
// free or ctx is done. waiting may be nil.
func Acquire(ctx context.Context, path string, waiting func()) (*Lock, error) {
	for {
		lock, err := try(path)
		if lock != nil || err != nil {
			return lock, err
		}
		if waiting != nil {
			waiting()
			waiting = nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("lock %s is held by another process: %w", path, ctx.Err())
		case <-time.After(retryInterval):
		}
	}
}

// try returns nil without an error while another process holds the lock.
func try(path string) (*Lock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil // its directory has just been removed again
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil && names(path, file) {
		return &Lock{file: file}, nil
	}
	_ = file.Close()
	if err != nil && !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return nil, nil
}

// names reports whether path is still this file: its last holder may have removed it.
func names(path string, file *os.File) bool {
	held, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(path)
	return err == nil && os.SameFile(held, named)
}

// Release gives the lock back. The file stays; a holder may remove it before.
func (l *Lock) Release() error {
	return l.file.Close()
}
