// Package stacktest runs the program in tests: internal/offline with the stacks of this repository, where whatever
// fails in the engine or in a config path ends the test.
package stacktest

import (
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/offline"
)

// Stacks are the stacks that have a file in the repository.
func Stacks() []string { return []string{"dev", "local", "prod"} }

// Config is the config of one stack: its file over the defaults of the project.
type Config struct {
	*offline.Config
}

// Load reads Pulumi.yaml and Pulumi.<stack>.yaml at the repository's root.
func Load(t testing.TB, stack string) *Config {
	t.Helper()
	_, self, _, ok := runtime.Caller(0)
	require.True(t, ok, "cannot find this source file, and with it the repository's root")
	loaded, err := offline.Load(filepath.Join(filepath.Dir(self), "..", ".."), stack)
	require.NoError(t, err)
	return &Config{loaded}
}

// Set changes one value, as `pulumi config set --path '<path>' <value>` does, and returns c. The path is relative to
// the project's namespace: services.frontend.replicas.
func (c *Config) Set(t testing.TB, path, value string) *Config {
	t.Helper()
	require.NoError(t, c.Config.Set(path, value))
	return c
}

// SetSecret is Set for `pulumi config set --secret --path`.
func (c *Config) SetSecret(t testing.TB, path, value string) *Config {
	t.Helper()
	require.NoError(t, c.Config.SetSecret(path, value))
	return c
}

// Value returns one value of the stack's file or the project's defaults as text, and "" where neither has one.
func (c *Config) Value(t testing.TB, path string) string {
	t.Helper()
	value, err := c.Config.Value(path)
	require.NoError(t, err)
	return value
}

// Remove takes out one value, as `pulumi config rm --path` does, and returns c.
func (c *Config) Remove(t testing.TB, path string) *Config {
	t.Helper()
	require.NoError(t, c.Config.Remove(path))
	return c
}
