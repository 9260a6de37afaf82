package offline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
)

// Config is the config of one stack: its file over the defaults of the project.
type Config struct {
	// Stack is the stack's name.
	Stack string
	// Dir is the project's folder, which paths in the config are relative to.
	Dir string

	project *workspace.Project
	values  config.Map
}

// Load reads Pulumi.yaml and Pulumi.<stack>.yaml in dir with the engine's own loaders, which check them against the
// engine's schema. An *UnknownStackError says that there is no such stack.
func Load(dir, stack string) (*Config, error) {
	project, err := workspace.LoadProject(filepath.Join(dir, "Pulumi.yaml"))
	if err != nil {
		return nil, fmt.Errorf("read the project: %w", err)
	}
	path := filepath.Join(dir, "Pulumi."+stack+".yaml")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, &UnknownStackError{Stack: stack, Dir: dir}
	}
	file, err := workspace.LoadProjectStack(nil, project, path)
	if err != nil {
		return nil, fmt.Errorf("read the config of stack %s: %w", stack, err)
	}
	loaded := &Config{Stack: stack, Dir: dir, project: project, values: file.Config}
	if loaded.values == nil {
		loaded.values = config.Map{}
	}
	if err := loaded.applyDefaults(); err != nil {
		return nil, fmt.Errorf("read the defaults of Pulumi.yaml: %w", err)
	}
	return loaded, nil
}

// UnknownStackError says that a project has no file for a stack.
type UnknownStackError struct{ Stack, Dir string }

// Error implements error.
func (e *UnknownStackError) Error() string {
	known := "none"
	if stacks := Stacks(e.Dir); len(stacks) > 0 {
		known = strings.Join(stacks, ", ")
	}
	return fmt.Sprintf("no stack is named %q: expected one with a file Pulumi.<stack>.yaml in %s (there: %s)", e.Stack, e.Dir, known)
}

// Stacks returns the names of the stacks that have a file in dir, in order.
func Stacks(dir string) []string {
	files, _ := fs.Glob(os.DirFS(dir), "Pulumi.*.yaml") // the pattern is well-formed
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(file, "Pulumi."), ".yaml"))
	}
	return names
}

// applyDefaults gives each key that the stack leaves out the value, or else the default, that Pulumi.yaml has for it.
func (c *Config) applyDefaults() error {
	for name, declared := range c.project.Config {
		key, err := c.key(name)
		if err != nil {
			return err
		}
		value := declared.Value
		if value == nil {
			value = declared.Default
		}
		if _, set := c.values[key]; set || value == nil {
			continue
		}
		if text, scalar := value.(string); scalar {
			c.values[key] = config.NewValue(text)
			continue
		}
		encoded, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.values[key] = config.NewObjectValue(string(encoded))
	}
	return nil
}

// key reads a key as the engine does: without a namespace it is the project's.
func (c *Config) key(name string) (config.Key, error) {
	if key, err := config.ParseKey(name); err == nil {
		return key, nil
	}
	return config.ParseKey(c.project.Name.String() + ":" + name)
}

// Set changes one value, as `pulumi config set --path '<path>' <value>` does. The path is relative to the project's
// namespace, services.frontend.replicas, or begins with it.
func (c *Config) Set(path, value string) error { return c.set(path, config.NewValue(value)) }

// SetString is Set for `pulumi config set --type string --path`: it leaves a text that looks like a number as it is.
func (c *Config) SetString(path, value string) error {
	return c.set(path, config.NewTypedValue(value, config.TypeString))
}

// SetSecret is Set for `pulumi config set --secret --path`.
func (c *Config) SetSecret(path, value string) error {
	return c.set(path, config.NewSecureValue(value))
}

func (c *Config) set(path string, value config.Value) error {
	key, err := c.pathKey(path)
	if err != nil {
		return err
	}
	if err := c.values.Set(key, value, true); err != nil {
		return fmt.Errorf("set %s: %w", path, err)
	}
	return nil
}

// Value returns one value of the stack's file or the project's defaults as text, and "" where neither has one.
func (c *Config) Value(path string) (string, error) {
	key, err := c.pathKey(path)
	if err != nil {
		return "", err
	}
	value, found, err := c.values.Get(key, true)
	if err != nil || !found {
		return "", err
	}
	return value.Value(config.NopDecrypter)
}

// Remove takes out one value, as `pulumi config rm --path` does.
func (c *Config) Remove(path string) error {
	key, err := c.pathKey(path)
	if err != nil {
		return err
	}
	return c.values.Remove(key, true)
}

func (c *Config) pathKey(path string) (config.Key, error) {
	namespace := c.project.Name.String() + ":"
	key, err := config.ParseKey(namespace + strings.TrimPrefix(path, namespace))
	if err != nil {
		return config.Key{}, fmt.Errorf("config key %q: expected a path such as %sservices.frontend.replicas: %w", path, namespace, err)
	}
	return key, nil
}

// Encode returns the config as the language host hands it to a program: every value as text under its full key, and
// the full keys with an encrypted value, which stays encrypted.
func (c *Config) Encode() (values map[string]string, secretKeys []string, err error) {
	decrypted, err := c.values.Decrypt(config.NopDecrypter)
	if err != nil {
		return nil, nil, fmt.Errorf("read the config of stack %s: %w", c.Stack, err)
	}
	values = map[string]string{}
	for key, value := range decrypted {
		values[key.String()] = value
	}
	for _, key := range c.values.SecureKeys() {
		secretKeys = append(secretKeys, key.String())
	}
	return values, secretKeys, nil
}
