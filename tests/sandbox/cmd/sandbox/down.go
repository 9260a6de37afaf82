package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/federated-risk/federated-risk/tests/sandbox/pulumicli"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

func downCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "Stop the cluster and remove it with its state; the built tools stay",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			w, err := userWorkspace(string(workspace.Sandbox))
			if err != nil {
				return err
			}
			if err := down(command.Context(), w); err != nil {
				return err
			}
			report("the cluster and its state are removed; the built tools stay in " + w.Bin + " (`make clean` removes them too)")
			return nil
		},
	}
}

func cleanCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "clean",
		Short: "As down, and remove the built tools too",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			w, err := userWorkspace(string(workspace.Sandbox))
			if err != nil {
				return err
			}
			if err := down(command.Context(), w); err != nil {
				return err
			}
			if err := os.RemoveAll(w.Dir); err != nil {
				return fmt.Errorf("remove the sandbox: %w", err)
			}
			report("removed " + w.Dir)
			return nil
		},
	}
}

// down needs no part of the sandbox to be whole. The objects in the cluster go with its data: nothing is
// destroyed one by one.
func down(ctx context.Context, w workspace.Workspace) error {
	lock, err := lockWorkspace(ctx, w)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release() }()
	c, err := userCluster(w)
	if err != nil {
		return err
	}
	if err := c.Stop(ctx); err != nil {
		return err
	}
	for _, kind := range []workspace.Plugins{workspace.Sandbox, workspace.Official} {
		w.Plugins = kind
		if err := pulumicli.KillOrphans(ctx, w); err != nil {
			return err
		}
	}
	return w.RemoveState()
}
