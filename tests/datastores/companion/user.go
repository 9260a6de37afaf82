package companion

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// Give makes a file or folder the own of whom an unprivileged command runs as.
func Give(tb testing.TB, path string) {
	tb.Helper()
	uid, gid, err := owner()
	require.NoError(tb, err)
	require.NoError(tb, os.Chown(path, uid, gid))
}

// owner is who has a test's folders, and whom an unprivileged command runs as: the user who runs the test or, if that is root,
// nobody.
func owner() (uid, gid int, err error) {
	if os.Geteuid() != 0 {
		return os.Geteuid(), os.Getegid(), nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return 0, 0, fmt.Errorf("a program that must not run as root needs the user nobody: %w", err)
	}
	if uid, err = strconv.Atoi(nobody.Uid); err != nil {
		return 0, 0, fmt.Errorf("the user nobody has the uid %q: %w", nobody.Uid, err)
	}
	if gid, err = strconv.Atoi(nobody.Gid); err != nil {
		return 0, 0, fmt.Errorf("the user nobody has the gid %q: %w", nobody.Gid, err)
	}
	return uid, gid, nil
}
