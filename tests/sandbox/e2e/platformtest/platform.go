// Package platformtest gives a test a sandbox of its own in which the real engine deploys the program.
package platformtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster"
	"github.com/federated-risk/federated-risk/tests/sandbox/cluster/clustertest"
	"github.com/federated-risk/federated-risk/tests/sandbox/pulumicli"
	"github.com/federated-risk/federated-risk/tests/sandbox/toolchain"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

// prepareTimeout covers the installation of plugins and the creation of the stack.
const prepareTimeout = 2 * time.Minute

// Platform is the program with a cluster, a state and a Pulumi home that belong to one test alone.
type Platform struct {
	Workspace workspace.Workspace
	// Cluster is not started by New.
	Cluster *cluster.Cluster
	// CLI is the command line as the sandbox's driver uses it, working on the copy of the program.
	CLI *pulumicli.CLI
	// Home is what the engine takes for the user's home directory: empty at first.
	Home string

	stack auto.Stack
	// transcript is all that the engine ever said, of any stack.
	transcript *strings.Builder
}

// New makes a platform with nothing deployed and its cluster not yet started. The tools are built where they
// are missing. Everything is removed when the test binary ends, also when it is killed.
func New(tb testing.TB) *Platform {
	tb.Helper()
	w := clustertest.Workspace(tb)
	c := clustertest.In(tb, w)
	plugins := toolchain.Plugins()
	clustertest.Tools(tb, w, append(toolchain.CLI(), plugins...)...)

	p := &Platform{Workspace: w, Cluster: c, Home: isolate(tb, w), transcript: &strings.Builder{}}
	program := filepath.Join(w.Dir, "program")
	require.NoError(tb, copyProgram(w.Root, program))
	cli, err := pulumicli.New(w, Progress)
	require.NoError(tb, err)
	cli.Program = program
	p.CLI = cli

	ctx, cancel := context.WithTimeout(context.Background(), prepareTimeout)
	defer cancel()
	require.NoError(tb, cli.InstallPlugins(ctx, toolchain.New(w, Progress), plugins))
	require.NoError(tb, cli.SelectStack(ctx))
	require.NoError(tb, p.openStack(ctx, workspace.Stack))
	return p
}

// Beside returns the same program and cluster with another stack, which has its own state and Pulumi.<stack>.yaml. It is
// made if it is not there.
func (p *Platform) Beside(ctx context.Context, stack string) (*Platform, error) {
	if _, err := p.CLI.Output(ctx, "stack", "select", stack, "--create", "--secrets-provider", "passphrase"); err != nil {
		return nil, fmt.Errorf("make the stack %s: %w", stack, err)
	}
	other := *p
	return &other, other.openStack(ctx, stack)
}

func (p *Platform) openStack(ctx context.Context, stack string) error {
	command, err := auto.NewPulumiCommand(&auto.PulumiCommandOptions{Root: filepath.Dir(p.Workspace.Bin)})
	if err != nil {
		return fmt.Errorf("the sandbox's pulumi: %w", err)
	}
	variables := map[string]string{}
	for _, variable := range p.Workspace.Variables() {
		name, value, _ := strings.Cut(variable, "=")
		variables[name] = value
	}
	local, err := auto.NewLocalWorkspace(ctx, auto.WorkDir(p.CLI.Program), auto.Pulumi(command), auto.EnvVars(variables))
	if err != nil {
		return fmt.Errorf("open the program in %s: %w", p.CLI.Program, err)
	}
	p.stack, err = auto.SelectStack(ctx, stack, local)
	if err != nil {
		return fmt.Errorf("open stack %s: %w", stack, err)
	}
	return nil
}

// programFiles are what the program consists of, relative to the checkout.
var programFiles = []string{
	"go.mod", "go.sum", "main.go", "Pulumi*.yaml", "stacks", "components", "internal", "tests/sandbox/charts",
}

// copyProgram copies the program, so that a test can change its config and charts.
func copyProgram(root, destination string) error {
	for _, pattern := range programFiles {
		matches, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(matches) == 0 {
			return fmt.Errorf("copy the program: no %s in %s: %w", pattern, root, err)
		}
		for _, match := range matches {
			relative, err := filepath.Rel(root, match)
			if err == nil {
				err = copyPath(match, filepath.Join(destination, relative))
			}
			if err != nil {
				return fmt.Errorf("copy the program: %w", err)
			}
		}
	}
	return nil
}

func copyPath(source, destination string) error {
	info, err := os.Stat(source)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return os.CopyFS(destination, os.DirFS(source))
	}
	content, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(destination), 0o700); err != nil {
		return err
	}
	return os.WriteFile(destination, content, 0o600)
}

// Progress prints a line at once: a test's own log appears only when the test is over.
func Progress(line string) { fmt.Fprintln(os.Stderr, line) }
