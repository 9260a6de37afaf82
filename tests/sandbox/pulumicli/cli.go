// Package pulumicli runs the Pulumi command line in a sandbox's workspace: plugins installed by file, the
// local stack selected, what a killed engine left behind cleared away.
package pulumicli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

// interruptDelay is how long an interrupted engine may take to finish the operations in flight.
const interruptDelay = 2 * time.Minute

// CLI is the Pulumi command line of one workspace, working on one program.
type CLI struct {
	// Workspace says where state, plugins and kubeconfig are.
	Workspace workspace.Workspace
	// Program is the directory of Pulumi.yaml.
	Program string
	// Binary is the pulumi program.
	Binary string
	// Progress is told, a line at a time, what was found left over and what was done about it. It may be nil.
	Progress func(line string)
}

// New returns the command line that a workspace's kind of plugins asks for, for the program at the root of
// the checkout. For official plugins it fails when no pulumi but the sandbox's own is on PATH.
func New(w workspace.Workspace, progress func(line string)) (*CLI, error) {
	cli := &CLI{Workspace: w, Program: w.Root, Binary: filepath.Join(w.Bin, "pulumi"), Progress: progress}
	if w.Plugins == workspace.Official {
		binary, err := officialBinary(w.Bin)
		if err != nil {
			return nil, err
		}
		cli.Binary = binary
	}
	return cli, nil
}

// officialBinary finds pulumi on PATH outside the sandbox's tools.
func officialBinary(bin string) (string, error) {
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if dir == "" || dir == bin {
			continue
		}
		candidate := filepath.Join(dir, "pulumi")
		info, err := os.Stat(candidate)
		if err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return candidate, nil
		}
	}
	return "", fmt.Errorf("no official pulumi on PATH: install it from https://www.pulumi.com/docs/iac/download-install/, or leave out PLUGINS=official to use the sandbox's own")
}

// Command returns a pulumi command that never asks anything. Cancelling ctx interrupts it once, as Ctrl-C
// would, so that the engine can record what it has done.
func (c *CLI) Command(ctx context.Context, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, c.Binary, append(arguments, "--non-interactive")...)
	command.Dir = c.Program
	command.Env = c.Workspace.Environment()
	// In a process group of its own the engine does not also get the terminal's interrupt: a second one
	// makes it abandon the operations in flight.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = interruptDelay
	return command
}

// Run runs pulumi with its output going to out.
func (c *CLI) Run(ctx context.Context, out io.Writer, arguments ...string) error {
	command := c.Command(ctx, arguments...)
	command.Stdout, command.Stderr = out, out
	if err := command.Run(); err != nil {
		return c.failure(ctx, arguments, err, "")
	}
	return nil
}

// Output runs pulumi and returns what it wrote to its standard output.
func (c *CLI) Output(ctx context.Context, arguments ...string) (string, error) {
	command := c.Command(ctx, arguments...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		return "", c.failure(ctx, arguments, err, stderr.String())
	}
	return string(output), nil
}

func (c *CLI) failure(ctx context.Context, arguments []string, err error, stderr string) error {
	if ctxErr := ctx.Err(); ctxErr != nil {
		err = ctxErr
	}
	command := arguments[0]
	if len(arguments) > 1 && !strings.HasPrefix(arguments[1], "-") {
		command += " " + arguments[1]
	}
	if stderr = strings.TrimSpace(stderr); stderr != "" {
		return fmt.Errorf("pulumi %s: %w\n%s", command, err, stderr)
	}
	return fmt.Errorf("pulumi %s: %w", command, err)
}

func (c *CLI) progress(format string, values ...any) {
	if c.Progress != nil {
		c.Progress(fmt.Sprintf(format, values...))
	}
}
