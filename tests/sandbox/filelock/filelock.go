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
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return &Lock{file: file}, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			_ = file.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if waiting != nil {
			waiting()
			waiting = nil
		}
		select {
		case <-ctx.Done():
			_ = file.Close()
			return nil, fmt.Errorf("lock %s is held by another process: %w", path, ctx.Err())
		case <-time.After(retryInterval):
		}
	}
}

// Release gives the lock back. The file stays: removing it would let two processes hold "the" lock.
func (l *Lock) Release() error {
	return l.file.Close()
}
