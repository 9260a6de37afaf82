// Package stacktest runs the program against an engine that deploys nothing and writes down everything.
//
// The engine stands behind Pulumi's gRPC protocol, one layer below the SDK's own mocks (pulumi.WithMocks): those show a
// test neither stack outputs nor the outputs of components, and drop inputs that are unknown in a preview.
package stacktest

import (
	"encoding/json"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/stretchr/testify/require"
)

// Stacks are the stacks that have a file in the repository.
func Stacks() []string { return []string{"dev", "local", "prod"} }

// Config is the config of one stack: its file over the defaults of the project.
type Config struct {
	// Stack is the stack's name.
	Stack string

	project *workspace.Project
	values  config.Map
}

// Load reads Pulumi.yaml and Pulumi.<stack>.yaml at the repository's root with the engine's own loaders, which check
// them against the engine's schema.
func Load(t testing.TB, stack string) *Config {
	t.Helper()
	_, self, _, ok := runtime.Caller(0)
	require.True(t, ok, "cannot find this source file, and with it the repository's root")
	root := filepath.Join(filepath.Dir(self), "..", "..")
	project, err := workspace.LoadProject(filepath.Join(root, "Pulumi.yaml"))
	require.NoError(t, err)
	file, err := workspace.LoadProjectStack(nil, project, filepath.Join(root, "Pulumi."+stack+".yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, file.Config, "Pulumi.%s.yaml is missing or sets nothing", stack)
	loaded := &Config{Stack: stack, project: project, values: file.Config}
	loaded.applyDefaults(t)
	return loaded
}

// applyDefaults gives each key that the stack leaves out the value, or else the default, that Pulumi.yaml has for it.
func (c *Config) applyDefaults(t testing.TB) {
	t.Helper()
	for name, declared := range c.project.Config {
		key, err := c.key(name)
		require.NoError(t, err)
		value := declared.Value
		if value == nil {
			value = declared.Default
		}
		if _, set := c.values[key]; set || value == nil {
			continue
		}
		text, scalar := value.(string)
		if scalar {
			c.values[key] = config.NewValue(text)
			continue
		}
		encoded, err := json.Marshal(value)
		require.NoError(t, err)
		c.values[key] = config.NewObjectValue(string(encoded))
	}
}

// key reads a key as the engine does: without a namespace it is the project's.
func (c *Config) key(name string) (config.Key, error) {
	if key, err := config.ParseKey(name); err == nil {
		return key, nil
	}
	return config.ParseKey(c.project.Name.String() + ":" + name)
}

// Set changes one value, as `pulumi config set --path '<path>' <value>` does, and returns c. The path is relative to
// the project's namespace: services.frontend.replicas.
func (c *Config) Set(t testing.TB, path, value string) *Config {
	t.Helper()
	return c.set(t, path, config.NewValue(value))
}

// SetSecret is Set for `pulumi config set --secret --path`.
func (c *Config) SetSecret(t testing.TB, path, value string) *Config {
	t.Helper()
	return c.set(t, path, config.NewSecureValue(value))
}

func (c *Config) set(t testing.TB, path string, value config.Value) *Config {
	t.Helper()
	key, err := config.ParseKey(c.project.Name.String() + ":" + path)
	require.NoError(t, err)
	require.NoError(t, c.values.Set(key, value, true))
	return c
}

// Value returns one value of the stack's file or the project's defaults as text, and "" where neither has one.
func (c *Config) Value(t testing.TB, path string) string {
	t.Helper()
	key, err := config.ParseKey(c.project.Name.String() + ":" + path)
	require.NoError(t, err)
	value, found, err := c.values.Get(key, true)
	require.NoError(t, err)
	if !found {
		return ""
	}
	text, err := value.Value(config.NopDecrypter)
	require.NoError(t, err)
	return text
}

// Remove takes out one value, as `pulumi config rm --path` does, and returns c.
func (c *Config) Remove(t testing.TB, path string) *Config {
	t.Helper()
	key, err := config.ParseKey(c.project.Name.String() + ":" + path)
	require.NoError(t, err)
	require.NoError(t, c.values.Remove(key, true))
	return c
}

// encode returns the config as the language host hands it to a program.
func (c *Config) encode(t testing.TB) (values map[string]string, secretKeys []string) {
	t.Helper()
	decrypted, err := c.values.Decrypt(config.NopDecrypter)
	require.NoError(t, err)
	values = map[string]string{}
	for key, value := range decrypted {
		values[key.String()] = value
	}
	for _, key := range c.values.SecureKeys() {
		secretKeys = append(secretKeys, key.String())
	}
	return values, secretKeys
}
