package bench

import (
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

// printSizes tells what the sandbox occupies. The Go caches are shared with whatever else is built on the machine.
func printSizes(tb testing.TB, w workspace.Workspace, toolCache string) {
	tb.Helper()
	var total int64
	fmt.Println()
	for _, place := range []struct{ name, dir string }{
		{"the sandbox's tools", w.Bin},
		{"this sandbox's cluster, state and plugins", w.Dir},
		{"tools kept outside the checkout", toolCache},
		{"Go module cache (shared)", goVariable(tb, "GOMODCACHE")},
		{"Go build cache (shared)", goVariable(tb, "GOCACHE")},
	} {
		size := sizeOf(tb, place.dir)
		total += size
		fmt.Printf("%-46s %8.2f GiB  %s\n", place.name, gibibytes(size), place.dir)
	}
	fmt.Printf("%-46s %8.2f GiB  a first `make up` on a fresh machine should stay below 6 GiB\n", "together", gibibytes(total))
}

func gibibytes(bytes int64) float64 { return float64(bytes) / (1 << 30) }

func goVariable(tb testing.TB, name string) string {
	tb.Helper()
	output, err := exec.CommandContext(tb.Context(), "go", "env", name).Output()
	require.NoError(tb, err)
	return strings.TrimSpace(string(output))
}

// sizeOf adds up the files below dir; files may come and go meanwhile. A directory that is not there is empty.
func sizeOf(tb testing.TB, dir string) int64 {
	tb.Helper()
	var total int64
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			total += info.Size()
		}
		return err
	})
	require.NoError(tb, err)
	return total
}
