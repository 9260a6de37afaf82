package filelock

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Between the opening of a file and its locking, the last holder may remove it and another make it anew.
func TestNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	file, err := os.Create(path)
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	require.True(t, names(path, file))
	require.NoError(t, os.Remove(path))
	require.False(t, names(path, file))
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	require.False(t, names(path, file))
}
