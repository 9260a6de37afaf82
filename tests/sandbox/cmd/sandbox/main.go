// Command sandbox runs the platform on this machine: it builds the tools, starts a control plane and
// deploys the local stack into it. The Makefile's targets call it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster"
	"github.com/federated-risk/federated-risk/tests/sandbox/filelock"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

func main() { os.Exit(run()) }

func run() int {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup asks for
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	err := newCommand().ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "interrupted; what runs keeps running, and the same command goes on from here")
	default:
		fmt.Fprintln(os.Stderr, "error:", err)
	}
	return 1
}

func newCommand() *cobra.Command {
	command := &cobra.Command{
		Use:           "sandbox",
		Short:         "The platform on this machine: no cluster, no account, nothing downloaded but Go modules",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	command.AddCommand(upCommand(), downCommand(), statusCommand(), envCommand(), toolsCommand(), cleanCommand())
	return command
}

// pluginsFlag adds the flag that chooses the kind of plugins.
func pluginsFlag(command *cobra.Command, value *string) {
	command.Flags().StringVar(value, "plugins", string(workspace.Sandbox),
		`"sandbox" for the stand-ins of this repository, "official" for the pulumi on your PATH and the plugins it downloads`)
}

// userWorkspace is the workspace of the checkout around the current directory.
func userWorkspace(plugins string) (workspace.Workspace, error) {
	kind, err := workspace.ParsePlugins(plugins)
	if err != nil {
		return workspace.Workspace{}, err
	}
	root, err := workspace.FindRoot(".")
	if err != nil {
		return workspace.Workspace{}, err
	}
	return workspace.User(root, kind), nil
}

func userCluster(w workspace.Workspace) (*cluster.Cluster, error) {
	return cluster.New(cluster.ConfigFor(w, report))
}

// lockWorkspace keeps two drivers from changing one sandbox at a time.
func lockWorkspace(ctx context.Context, w workspace.Workspace) (*filelock.Lock, error) {
	return filelock.Acquire(ctx, w.Lock(), func() { report("waiting: another command is at work in this sandbox") })
}

// report prints a line of progress. It goes to the standard error, as what a command is asked for goes to
// its output.
func report(line string) { fmt.Fprintln(os.Stderr, strings.TrimRight(line, "\n")) }
