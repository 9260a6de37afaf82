package pulumicli

import (
	"context"
	"fmt"
	"strings"

	"github.com/federated-risk/federated-risk/tests/sandbox/process"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

// engine is the name of the program that is the engine and the command line in one.
const engine = "pulumi"

// KillEngines kills the engines at work in the workspace, then what they started. The state they write is
// of no use afterwards.
func KillEngines(ctx context.Context, w workspace.Workspace) error {
	engines, err := process.Find(func(p process.Process) bool {
		return p.Name() == engine && p.Variable("PULUMI_HOME") == w.PulumiHome()
	})
	if err != nil {
		return fmt.Errorf("look for engines: %w", err)
	}
	if err := process.KillAll(ctx, engines); err != nil {
		return fmt.Errorf("kill engines: %w", err)
	}
	return KillOrphans(ctx, w)
}

// KillOrphans kills the language hosts and plugins of the workspace whose engine was killed: a language
// host does not notice and would stay for ever. Those of a running engine, and of other workspaces, stay.
func KillOrphans(ctx context.Context, w workspace.Workspace) error {
	orphans, err := process.Find(func(p process.Process) bool {
		name := p.Name()
		if !strings.HasPrefix(name, "pulumi-language-") && !strings.HasPrefix(name, "pulumi-resource-") {
			return false
		}
		if p.Variable("PULUMI_HOME") != w.PulumiHome() {
			return false
		}
		parent, alive := process.Read(p.Parent)
		return !alive || parent.Name() != engine
	})
	if err != nil {
		return fmt.Errorf("look for plugins without an engine: %w", err)
	}
	if err := process.KillAll(ctx, orphans); err != nil {
		return fmt.Errorf("kill plugins without an engine: %w", err)
	}
	return nil
}
