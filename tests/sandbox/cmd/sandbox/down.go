package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/federated-risk/federated-risk/tests/sandbox/pulumicli"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

func downCommand() *cobra.Command {
	command := &cobra.Command{Use: "down", Short: "Stop the cluster and remove it with its state; the built tools stay"}
	return onWorkspace(command, func(ctx context.Context, w workspace.Workspace) error {
		if err := down(ctx, w); err != nil {
			return err
		}
		report("the cluster and its state are removed; the built tools stay in " + w.Bin + " (`make clean` removes them too)")
		return nil
	})
}

func cleanCommand() *cobra.Command {
	command := &cobra.Command{Use: "clean", Short: "As down, and remove the built tools too"}
	return onWorkspace(command, func(ctx context.Context, w workspace.Workspace) error {
		if err := down(ctx, w); err != nil {
			return err
		}
		if err := removeAll(w); err != nil {
			return fmt.Errorf("remove the sandbox: %w", err)
		}
		report("removed " + w.Dir)
		return nil
	})
}

// onWorkspace lets command run with the lock of the checkout's workspace held.
func onWorkspace(command *cobra.Command, run func(context.Context, workspace.Workspace) error) *cobra.Command {
	command.Args = cobra.NoArgs
	command.RunE = func(command *cobra.Command, _ []string) error {
		w, err := userWorkspace(string(workspace.Sandbox))
		if err != nil {
			return err
		}
		lock, err := lockWorkspace(command.Context(), w)
		if err != nil {
			return err
		}
		defer func() { _ = lock.Release() }()
		return run(command.Context(), w)
	}
	return command
}

// down needs no part of the sandbox to be whole. The objects in the cluster go with its data: nothing is
// destroyed one by one. The caller holds the workspace's lock.
func down(ctx context.Context, w workspace.Workspace) error {
	// An engine that outlived its driver, or that works for another shell, would write its state anew.
	for _, kind := range []workspace.Plugins{workspace.Sandbox, workspace.Official} {
		w.Plugins = kind
		if err := pulumicli.KillEngines(ctx, w); err != nil {
			return err
		}
	}
	c, err := userCluster(w)
	if err != nil {
		return err
	}
	if err := c.Stop(ctx); err != nil {
		return err
	}
	return w.RemoveState()
}

// removeAll removes the workspace's directory, the lock that the caller holds last: whoever waits for it
// may begin a new sandbox as soon as it is gone.
func removeAll(w workspace.Workspace) error {
	entries, err := os.ReadDir(w.Dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(w.Dir, entry.Name())
		if path == w.Lock() {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	if err := os.Remove(w.Lock()); err != nil {
		return err
	}
	// Not empty if another command has begun a new sandbox.
	_ = os.Remove(w.Dir)
	return nil
}
