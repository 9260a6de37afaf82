package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/federated-risk/federated-risk/tests/sandbox/toolchain"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

func statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Say what of the sandbox runs and what is deployed",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			w, err := userWorkspace(string(workspace.Sandbox))
			if err != nil {
				return err
			}
			c, err := userCluster(w)
			if err != nil {
				return err
			}
			status, err := c.Status(command.Context())
			if err != nil {
				return err
			}
			if !status.Created {
				fmt.Println("cluster: not created; `make up` starts it")
			}
			for _, component := range status.Components {
				state := "running"
				if component.Problem != "" {
					state = "broken: " + component.Problem + "; `make up` restarts it"
				}
				fmt.Printf("%-24s pid %-8d %s\n", component.Name, component.PID, state)
			}
			for _, kind := range []workspace.Plugins{workspace.Sandbox, workspace.Official} {
				w.Plugins = kind
				checkpoint, err := w.Checkpoint()
				if err != nil {
					return err
				}
				fmt.Printf("stack %s with %s plugins: %d resources, %d interrupted operations\n",
					workspace.Stack, kind, checkpoint.Resources, checkpoint.Pending)
			}
			return nil
		},
	}
}

func envCommand() *cobra.Command {
	var plugins string
	command := &cobra.Command{
		Use:   "env",
		Short: "Print the environment in which pulumi and kubectl work on the sandbox, for eval",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			w, err := userWorkspace(plugins)
			if err != nil {
				return err
			}
			for _, name := range w.Foreign() {
				fmt.Printf("unset %s\n", name)
			}
			for _, variable := range w.Variables() {
				name, value, _ := strings.Cut(variable, "=")
				fmt.Printf("export %s=%s\n", name, shellQuote(value))
			}
			return nil
		},
	}
	pluginsFlag(command, &plugins)
	return command
}

func toolsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "tools [NAME...]",
		Short: "Build the named tools, or all of them",
		RunE: func(command *cobra.Command, names []string) error {
			w, err := userWorkspace(string(workspace.Sandbox))
			if err != nil {
				return err
			}
			wanted := toolchain.All()
			if len(names) > 0 {
				wanted = nil
			}
			for _, name := range names {
				tool, err := toolchain.Find(name)
				if err != nil {
					return err
				}
				wanted = append(wanted, tool)
			}
			if err := w.Create(); err != nil {
				return err
			}
			return toolchain.New(w, report).Ensure(command.Context(), wanted...)
		},
	}
}

// shellQuote makes one word of a value in any POSIX shell.
func shellQuote(value string) string {
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
