package riskctl

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/spf13/cobra"

	"github.com/federated-risk/federated-risk/internal/offline"
	"github.com/federated-risk/federated-risk/stacks"
)

// stackFlags choose a stack and change its config for one command.
type stackFlags struct {
	stack, project string
	config         []string
}

func (f *stackFlags) add(command *cobra.Command) {
	command.Flags().StringVarP(&f.stack, "stack", "s", "", "name of the stack, for example dev (required)")
	command.Flags().StringVar(&f.project, "project", "", "folder of the project (default: the nearest one upwards with Pulumi.yaml)")
	command.Flags().StringArrayVarP(&f.config, "config", "c", nil,
		"KEY=VALUE to set in the stack's config for this command alone; KEY is a path as 'pulumi config set --path' takes it; a VALUE in double quotes is text, whatever it looks like; repeatable")
}

// load returns the stack's config with the changes of the flags. Faults in it are the program's own list.
func (f *stackFlags) load() (*offline.Config, error) {
	if f.stack == "" {
		return nil, usagef("--stack is missing: name the stack, for example --stack dev")
	}
	dir, err := f.dir()
	if err != nil {
		return nil, err
	}
	config, err := offline.Load(dir, f.stack)
	var unknown *offline.UnknownStackError
	if errors.As(err, &unknown) {
		return nil, &usageError{err}
	}
	if err != nil {
		return nil, err
	}
	for _, setting := range f.config {
		key, value, found := strings.Cut(setting, "=")
		if !found || key == "" {
			return nil, usagef("--config %q: expected KEY=VALUE, for example services.model-serving.canary.weight=25", setting)
		}
		set := config.Set
		if text, err := strconv.Unquote(value); err == nil && strings.HasPrefix(value, `"`) {
			set, value = config.SetString, text
		}
		if err := set(key, value); err != nil {
			return nil, usagef("--config %q: %w", setting, err)
		}
	}
	return config, check(config)
}

// dir returns the project's folder.
func (f *stackFlags) dir() (string, error) {
	if f.project != "" {
		return f.project, nil
	}
	here, err := filepath.Abs(".")
	if err != nil {
		return "", err
	}
	file, err := workspace.DetectProjectPathFrom(here)
	if errors.Is(err, workspace.ErrProjectNotFound) {
		return "", usagef("no Pulumi.yaml in %s or above: run this in a checkout, or name the project's folder with --project", here)
	}
	if err != nil {
		return "", fmt.Errorf("find the project: %w", err)
	}
	return filepath.Dir(file), nil
}

// check validates the config as the program does. The program alone would not see keys that it does not know: they
// reach it through its environment, which a command has none of.
func check(config *offline.Config) error {
	values, secretKeys, err := config.Encode()
	if err != nil {
		return err
	}
	source := stacks.Source{Stack: config.Stack, Values: map[string]string{}, Secret: map[string]bool{}}
	for full, value := range values {
		if key, ours := strings.CutPrefix(full, stacks.Project+":"); ours {
			source.Values[key] = value
		}
	}
	for _, full := range secretKeys {
		if key, ours := strings.CutPrefix(full, stacks.Project+":"); ours {
			source.Secret[key] = true
		}
	}
	_, err = stacks.Parse(source)
	return err
}
