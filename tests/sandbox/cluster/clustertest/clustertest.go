// Package clustertest gives tests a control plane of their own.
//
// A test binary that imports it can be killed at any moment: a guard process, a second run of the same
// binary that outlives it, then removes what was started.
package clustertest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster"
	"github.com/federated-risk/federated-risk/tests/sandbox/toolchain"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

const (
	// toolsTimeout covers a first build of the cluster's tools.
	toolsTimeout = 15 * time.Minute
	startTimeout = 3 * time.Minute
)

var shared struct {
	sync.Mutex
	cluster *cluster.Cluster
}

// Start returns the control plane that all tests of this binary share: nodes, a default StorageClass and
// the platform's CRDs, in a temporary directory, on ports of its own. The first call starts it, building
// the tools into the checkout's .sandbox/bin if they are missing; it is removed when the binary ends.
// Tests keep apart by namespaces.
func Start(tb testing.TB) *cluster.Cluster {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.cluster == nil {
		c := New(tb)
		ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
		defer cancel()
		require.NoError(tb, c.Ensure(ctx))
		shared.cluster = c
	}
	return shared.cluster
}

// New returns a cluster in an isolated workspace that belongs to the caller alone. It is not started; it
// is stopped when the test binary ends, or earlier by its own Stop.
func New(tb testing.TB) *cluster.Cluster {
	tb.Helper()
	return In(tb, Workspace(tb))
}

// In is New for a workspace that Workspace returned.
func In(tb testing.TB, w workspace.Workspace) *cluster.Cluster {
	tb.Helper()
	Tools(tb, w, toolchain.Cluster()...)
	c, err := cluster.New(cluster.ConfigFor(w, progress))
	require.NoError(tb, err)
	return c
}

// Workspace returns an isolated workspace in a temporary directory. It shares nothing but the checkout's
// built tools with others; when the test binary ends, a cluster in it is stopped and the directory removed.
func Workspace(tb testing.TB) workspace.Workspace {
	tb.Helper()
	root, err := workspace.FindRoot(".")
	require.NoError(tb, err)
	dir, err := os.MkdirTemp("", "federated-risk-")
	require.NoError(tb, err)
	w := workspace.Isolated(root, dir)
	require.NoError(tb, startGuard(w))
	require.NoError(tb, w.Create())
	return w
}

// Tools builds what is missing of the tools.
func Tools(tb testing.TB, w workspace.Workspace, tools ...toolchain.Tool) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), toolsTimeout)
	defer cancel()
	require.NoError(tb, toolchain.New(w, progress).Ensure(ctx, tools...))
}

// progress does not go to a test's log: what it tells of is shared by tests and may outlive the first.
func progress(line string) { fmt.Fprintln(os.Stderr, line) }
