// Package riskctl is the command line by which the platform is operated: one file per command, which reads flags and
// prints; what a command does is a package of its own.
package riskctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	succeeded = 0
	failed    = 1
	// misused says that the command line itself is wrong: nothing was done.
	misused = 2
)

// Run runs the command line that args are, and returns the process's exit code.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	command := newCommand() //nolint:contextcheck // cobra hands the context of ExecuteContextC to each command
	command.SetArgs(args)
	command.SetOut(stdout)
	command.SetErr(stderr)
	executed, err := command.ExecuteContextC(ctx)
	if err == nil {
		return succeeded
	}
	_, _ = fmt.Fprintln(stderr, "error:", err)
	var usage *usageError
	if errors.As(err, &usage) {
		_, _ = fmt.Fprintf(stderr, "Run '%s --help' for usage and examples.\n", executed.CommandPath())
		return misused
	}
	return failed
}

func newCommand() *cobra.Command {
	command := &cobra.Command{
		Use:           "riskctl",
		Short:         "Operate the federated risk-control platform",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          knownCommand,
		RunE:          func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	command.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	command.AddCommand(renderCommand())
	return command
}

// usageError is a fault of the command line.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// knownCommand refuses a first argument that names no command.
func knownCommand(command *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if command.SuggestionsMinimumDistance == 0 {
		command.SuggestionsMinimumDistance = 2
	}
	if near := command.SuggestionsFor(args[0]); len(near) > 0 {
		return usagef("unknown command %q: did you mean %s?", args[0], strings.Join(near, " or "))
	}
	return usagef("unknown command %q", args[0])
}

// noArguments refuses whatever is no flag.
func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("unexpected argument %q: this command takes flags only", args[0])
	}
	return nil
}
