package pulumicli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/federated-risk/federated-risk/tests/sandbox/toolchain"
)

// InstallPlugins installs the stand-in plugins that the toolchain built and that are not installed in the
// workspace's Pulumi home with their present content. Installed this way, by file, the engine finds them
// without the warning it prints for one on PATH.
func (c *CLI) InstallPlugins(ctx context.Context, tools *toolchain.Toolchain, plugins []toolchain.Tool) error {
	record, err := c.readInstalled()
	if err != nil {
		return err
	}
	for _, plugin := range plugins {
		name, ok := plugin.PluginName()
		if !ok {
			return fmt.Errorf("install plugins: tool %s is not a plugin", plugin.Name)
		}
		version, err := plugin.Version(tools.Source)
		if err != nil {
			return fmt.Errorf("install plugin %s: %w", name, err)
		}
		key, err := tools.Key(plugin)
		if err != nil {
			return fmt.Errorf("install plugin %s: %w", name, err)
		}
		dir := filepath.Join(c.Workspace.PulumiHome(), "plugins", fmt.Sprintf("resource-%s-%s", name, version))
		identity := version + " " + key
		if _, err := os.Stat(filepath.Join(dir, plugin.Name)); err == nil && record[name] == identity {
			continue
		}
		if _, err := c.Output(ctx, "plugin", "install", "resource", name, strings.TrimPrefix(version, "v"),
			"--file", plugin.File(tools.Bin), "--reinstall"); err != nil {
			return fmt.Errorf("install plugin %s %s: %w", name, version, err)
		}
		record[name] = identity
		c.progress("plugin %s %s installed", name, version)
	}
	return c.writeInstalled(record)
}

func (c *CLI) installedFile() string {
	return filepath.Join(c.Workspace.PulumiHome(), "stand-ins.json")
}

// readInstalled returns the version and content key of each stand-in by its plugin's name.
func (c *CLI) readInstalled() (map[string]string, error) {
	record := map[string]string{}
	content, err := os.ReadFile(c.installedFile())
	if errors.Is(err, os.ErrNotExist) {
		return record, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read which plugins are installed: %w", err)
	}
	if err := json.Unmarshal(content, &record); err != nil {
		return map[string]string{}, nil //nolint:nilerr // a damaged record only means that they are installed again
	}
	return record, nil
}

func (c *CLI) writeInstalled(record map[string]string) error {
	content, err := json.Marshal(record)
	if err == nil {
		err = os.WriteFile(c.installedFile(), content, 0o600)
	}
	if err != nil {
		return fmt.Errorf("record which plugins are installed: %w", err)
	}
	return nil
}
