package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/federated-risk/federated-risk/tests/sandbox/pulumicli"
	"github.com/federated-risk/federated-risk/tests/sandbox/toolchain"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

func upCommand() *cobra.Command {
	var plugins string
	command := &cobra.Command{
		Use:   "up",
		Short: "Build the tools, start the cluster, deploy the local stack",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			w, err := userWorkspace(plugins)
			if err != nil {
				return err
			}
			return up(command.Context(), w)
		},
	}
	pluginsFlag(command, &plugins)
	return command
}

func up(ctx context.Context, w workspace.Workspace) error {
	started := time.Now()
	cli, err := pulumicli.New(w, report)
	if err != nil {
		return err
	}
	lock, err := lockWorkspace(ctx, w)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release() }()
	if err := forgetLostCluster(w); err != nil {
		return err
	}
	if err := refuseOtherKind(w); err != nil {
		return err
	}
	if err := w.Create(); err != nil {
		return err
	}
	tools, err := installTools(ctx, w)
	if err != nil {
		return err
	}
	if err := startCluster(ctx, w); err != nil {
		return err
	}
	if w.Plugins == workspace.Sandbox {
		if err := cli.InstallPlugins(ctx, tools, toolchain.Plugins()); err != nil {
			return err
		}
	}
	// First: a killed engine may leave a state that not even selects.
	if err := cli.ClearInterrupted(ctx); err != nil {
		return err
	}
	if err := cli.SelectStack(ctx); err != nil {
		return err
	}
	if err := cli.Run(ctx, os.Stdout, "up", "--stack", workspace.Stack, "--yes", "--skip-preview"); err != nil {
		return fmt.Errorf("%w\nThe cluster keeps running: `make up` again goes on from here, `make down` removes everything", err)
	}
	fmt.Printf("\nThe platform is deployed (%s). Next:\n"+
		"  eval \"$(make -s env%s)\"    this shell's pulumi and kubectl then work on the sandbox\n"+
		"  pulumi stack output          addresses and names; --show-secrets for the secrets\n"+
		"  make down                    stop and remove it\n",
		time.Since(started).Round(time.Second), makeArgument(w.Plugins))
	return nil
}

// forgetLostCluster removes the state of a deployment whose cluster is gone (an interrupted `make down`): by
// that state the engine would find nothing to do and leave the new cluster empty.
func forgetLostCluster(w workspace.Workspace) error {
	c, err := userCluster(w)
	if err != nil {
		return err
	}
	if c.Created() {
		return nil
	}
	for _, kind := range []workspace.Plugins{workspace.Sandbox, workspace.Official} {
		w.Plugins = kind
		checkpoint, err := w.Checkpoint()
		if err == nil && checkpoint.Resources == 0 {
			continue
		}
		report(fmt.Sprintf("the cluster that was deployed with the %s plugins is gone: forgetting its state", kind))
		if err := os.RemoveAll(w.State()); err != nil {
			return fmt.Errorf("remove the state of a cluster that is gone: %w", err)
		}
	}
	return nil
}

// refuseOtherKind keeps the two kinds of plugins from deploying the same objects from two states.
func refuseOtherKind(w workspace.Workspace) error {
	other := w
	other.Plugins = workspace.Official
	if w.Plugins == workspace.Official {
		other.Plugins = workspace.Sandbox
	}
	checkpoint, err := other.Checkpoint()
	if err != nil {
		return err
	}
	if checkpoint.Resources > 0 {
		return fmt.Errorf("this sandbox is deployed with the %s plugins: run `make down` first, then `make up%s`",
			other.Plugins, makeArgument(w.Plugins))
	}
	return nil
}

// installTools builds what `up` needs: with the official plugins that is the cluster alone.
func installTools(ctx context.Context, w workspace.Workspace) (*toolchain.Toolchain, error) {
	wanted := toolchain.Cluster()
	if w.Plugins == workspace.Sandbox {
		wanted = append(append(wanted, toolchain.CLI()...), toolchain.Plugins()...)
	}
	tools := toolchain.New(w, report)
	return tools, tools.Ensure(ctx, wanted...)
}

func startCluster(ctx context.Context, w workspace.Workspace) error {
	started := time.Now()
	c, err := userCluster(w)
	if err != nil {
		return err
	}
	if err := c.Ensure(ctx); err != nil {
		return err
	}
	report(fmt.Sprintf("cluster %s ready in %s", workspace.ClusterName, time.Since(started).Round(100*time.Millisecond)))
	return nil
}

func makeArgument(plugins workspace.Plugins) string {
	if plugins == workspace.Official {
		return " PLUGINS=" + string(plugins)
	}
	return ""
}
