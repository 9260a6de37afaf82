package pulumicli

import (
	"context"
	"fmt"
	"strings"

	"github.com/federated-risk/federated-risk/tests/sandbox/process"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

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
		return !alive || parent.Name() != "pulumi"
	})
	if err != nil {
		return fmt.Errorf("look for plugins without an engine: %w", err)
	}
	if err := process.KillAll(ctx, orphans); err != nil {
		return fmt.Errorf("kill plugins without an engine: %w", err)
	}
	return nil
}
