package bench

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/bench/growth"
	"github.com/federated-risk/federated-risk/tests/sandbox/e2e/platformtest"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

var (
	// grownTo are the numbers of services.
	grownTo = []int{4, 40, 200}
	// deployedTo are those that are also deployed, for a preview that finds nothing to do. The file backend writes the whole
	// state at each step, so that what a deployment takes grows faster than the number of its resources.
	deployedTo = []int{4, 40}
)

// BenchmarkGrowth measures what each further resource costs: to render, to preview on an empty stack, and to preview with
// nothing to do. Of the runs of each it prints the one that used the least CPU, which others on the machine disturbed least.
func BenchmarkGrowth(b *testing.B) {
	p := platformtest.New(b)
	root := p.Workspace.Root
	read := func(elements ...string) []byte {
		content, err := os.ReadFile(filepath.Join(append([]string{root}, elements...)...))
		require.NoError(b, err)
		return content
	}
	catalogue, stack := read("internal", "catalogue", "services.go"), read("Pulumi.local.yaml")
	program := growth.Program{Dir: p.CLI.Program, Environment: p.Workspace.Environment()}
	require.NoError(b, os.CopyFS(filepath.Join(program.Dir, "cmd"), os.DirFS(filepath.Join(root, "cmd"))))
	require.NoError(b, program.Prepare())
	require.NoError(b, p.Cluster.Ensure(b.Context()))

	var rendered, empty, unchanged []growth.Cost
	pulumi := func(arguments ...string) func() (growth.Cost, error) {
		return func() (growth.Cost, error) {
			return program.Engine(b.Context(), p.CLI, append(arguments, "--stack", workspace.Stack)...)
		}
	}
	grow := func(services int) {
		require.NoError(b, program.Grow(b.Context(), catalogue, stack, services))
	}
	for _, services := range grownTo {
		grow(services)
		render := func() (growth.Cost, error) { return program.Render(b.Context(), workspace.Stack) }
		rendered = append(rendered, least(b, fmt.Sprintf("render/%d", services), services, render))
		empty = append(empty, least(b, fmt.Sprintf("preview-empty/%d", services), services, pulumi("preview")))
	}
	link, err := program.Link(b.Context())
	require.NoError(b, err)
	// Before the deployments, which take the longest and may fail.
	growth.Print(os.Stdout, "riskctl render, the program alone", rendered)
	growth.Print(os.Stdout, "pulumi preview, on an empty stack", empty)
	fmt.Printf("\nlinking the program, which is in none of these: %.1fs\n", link.Seconds())
	for _, services := range deployedTo {
		grow(services)
		deployed, err := pulumi("up", "--yes", "--skip-preview")()
		require.NoError(b, err)
		platformtest.Progress(fmt.Sprintf("deployed: %d services, %d resources, %s", services, deployed.Resources, deployed.Wall))
		unchanged = append(unchanged, least(b, fmt.Sprintf("preview-unchanged/%d", services), services, pulumi("preview")))
	}
	growth.Print(os.Stdout, "pulumi preview, nothing to do", unchanged)
}

// least returns the run that used the least CPU.
func least(b *testing.B, name string, services int, run func() (growth.Cost, error)) growth.Cost {
	b.Helper()
	var costs []growth.Cost
	b.Run(name, func(b *testing.B) {
		costs = nil
		for b.Loop() {
			cost, err := run()
			require.NoError(b, err)
			cost.Services = services
			costs = append(costs, cost)
		}
	})
	require.NotEmpty(b, costs)
	return slices.MinFunc(costs, func(x, y growth.Cost) int { return cmp.Compare(x.CPU(), y.CPU()) })
}
