package companion

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

// Prometheus starts a Prometheus with the configuration, in YAML, and returns its address, host:port.
func Prometheus(tb testing.TB, w workspace.Workspace, config []byte) string {
	tb.Helper()
	dir := Dir(tb, w)
	file := filepath.Join(dir, "prometheus.yml")
	require.NoError(tb, os.WriteFile(file, config, 0o600))
	return Address(Start(tb, w, Program{
		Name: "prometheus", Scheme: "http", Ready: "/-/ready",
		Arguments: func(port string) []string {
			return []string{"--config.file=" + file, "--storage.tsdb.path=" + filepath.Join(dir, "data"), "--web.listen-address=" + Address(port)}
		},
	}))
}

// Address is that of a server which Start has started.
func Address(port string) string { return "127.0.0.1:" + port }
