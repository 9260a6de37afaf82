package debian

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// unfinished begins the names of what is being made beside the trees.
const unfinished = ".new-"

// unpack returns the folder in the user's cache with the package and what it depends on, but for what is installed.
func unpack(ctx context.Context, name string) (string, error) {
	cache, err := cacheFolder()
	if err != nil {
		return "", err
	}
	unlock, err := lock(filepath.Join(cache, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if err := removeUnfinished(cache); err != nil {
		return "", err
	}
	// The system's lists of packages may be missing, as in most container images, or name what the mirrors no longer have.
	// Then apt gets lists of its own here, and has to renew them only where they are missing or too old, too.
	system, own := apt{cache: cache}, apt{cache: cache, lists: filepath.Join(cache, "lists")}
	tree, err := system.tree(ctx, name)
	if err != nil {
		tree, err = own.tree(ctx, name)
	}
	if err != nil {
		if err = own.update(ctx); err == nil {
			tree, err = own.tree(ctx, name)
		}
	}
	return tree, err
}

// tree returns the folder of the package's present version, which is unpacked unless it is there.
func (a apt) tree(ctx context.Context, name string) (string, error) {
	key, err := a.key(ctx, name)
	if err != nil {
		return "", err
	}
	tree := filepath.Join(a.cache, name+"-"+key)
	if _, err := os.Stat(tree); err == nil {
		return tree, nil
	}
	archives, err := os.MkdirTemp(a.cache, unfinished)
	if err != nil {
		return "", fmt.Errorf("unpack %s: %w", name, err)
	}
	defer func() { _ = os.RemoveAll(archives) }()
	if err := a.download(ctx, name, archives); err != nil {
		return "", err
	}
	// In the same file system, and renamed once it is whole.
	whole := filepath.Join(archives, "tree")
	packages, err := filepath.Glob(filepath.Join(archives, "*.deb"))
	if err != nil {
		return "", err
	}
	for _, archive := range packages {
		if _, err := run(ctx, "dpkg-deb", "-x", archive, whole); err != nil {
			return "", err
		}
	}
	if err := os.Rename(whole, tree); err != nil {
		return "", fmt.Errorf("unpack %s: %w", name, err)
	}
	return tree, nil
}

func cacheFolder() (string, error) {
	user, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder to unpack packages into: %w", err)
	}
	cache := filepath.Join(user, "federated-risk", "debian")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", fmt.Errorf("no folder to unpack packages into: %w", err)
	}
	return cache, nil
}

// lock excludes other processes, until the function that it returns is called or this process ends.
func lock(path string) (func(), error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
	}
	return func() { _ = file.Close() }, nil
}

// removeUnfinished takes away what killed processes have left. The caller holds the lock.
func removeUnfinished(cache string) error {
	leftovers, err := filepath.Glob(filepath.Join(cache, unfinished+"*"))
	if err != nil {
		return err
	}
	for _, leftover := range leftovers {
		if err := os.RemoveAll(leftover); err != nil {
			return fmt.Errorf("remove what a killed process has left: %w", err)
		}
	}
	return nil
}
