// Package bench measures what a person waits for. It tests nothing:
//
//	go test -run '^$' -bench . -benchtime 3x -timeout 60m ./bench
package bench

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/e2e/platformtest"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

const weightPath = "federated-risk:services.model-serving.canary.weight"

// figure is one line of the table.
type figure struct {
	name   string
	took   []time.Duration
	target time.Duration
}

var figures []*figure

func TestMain(m *testing.M) {
	code := m.Run()
	if len(figures) > 0 {
		printFigures(os.Stdout)
	}
	os.Exit(code)
}

// BenchmarkSandbox measures a sandbox of its own, its tools and the program's packages compiled before.
func BenchmarkSandbox(b *testing.B) {
	// Before the benchmark gets a home directory of its own.
	toolCache, err := os.UserCacheDir()
	require.NoError(b, err)
	p := platformtest.New(b)
	up := []string{"up", "--stack", workspace.Stack, "--yes"}
	run := func(b *testing.B, arguments ...string) {
		b.Helper()
		_, err := p.CLI.Output(b.Context(), arguments...)
		require.NoError(b, err)
	}

	measure(b, "cluster created and ready", 10*time.Second,
		func(b *testing.B) { require.NoError(b, p.Cluster.Ensure(b.Context())) },
		func(b *testing.B) { require.NoError(b, p.Cluster.Stop(b.Context())) })
	require.NoError(b, p.Cluster.Ensure(b.Context()))
	run(b, "preview", "--stack", workspace.Stack)

	measure(b, "pulumi up from nothing", 0,
		func(b *testing.B) { run(b, append(up, "--skip-preview")...) },
		func(b *testing.B) { run(b, "destroy", "--stack", workspace.Stack, "--yes", "--skip-preview") })
	run(b, append(up, "--skip-preview")...)

	measure(b, "pulumi up, nothing to do", 12*time.Second,
		func(b *testing.B) { run(b, append(up, "--skip-preview")...) }, nil)
	measure(b, "pulumi up, nothing to do, with its preview", 0, func(b *testing.B) { run(b, up...) }, nil)

	weight := 0
	measure(b, "canary weight: config set and pulumi up", 12*time.Second, func(b *testing.B) {
		weight = (weight + 10) % 100
		run(b, "config", "set", "--stack", workspace.Stack, "--path", weightPath, strconv.Itoa(weight))
		run(b, append(up, "--skip-preview")...)
	}, nil)
	measure(b, "pulumi destroy", 0,
		func(b *testing.B) { run(b, "destroy", "--stack", workspace.Stack, "--yes", "--skip-preview") },
		func(b *testing.B) { run(b, append(up, "--skip-preview")...) })
	printSizes(b, p.Workspace, filepath.Join(toolCache, "federated-risk"))
}

// measure times what do does, over and over, with undo after each time but the last. A target of 0 means none.
func measure(b *testing.B, name string, target time.Duration, do func(b *testing.B), undo func(b *testing.B)) {
	b.Helper()
	b.Run(strings.ReplaceAll(name, " ", "_"), func(b *testing.B) {
		line := &figure{name: name, target: target}
		for b.Loop() {
			if len(line.took) > 0 && undo != nil {
				b.StopTimer()
				undo(b)
				b.StartTimer()
			}
			started := time.Now()
			do(b)
			line.took = append(line.took, time.Since(started))
		}
		figures = append(figures, line)
	})
}

func (f figure) median() time.Duration {
	sorted := slices.Sorted(slices.Values(f.took))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}

func printFigures(out io.Writer) {
	_, _ = fmt.Fprintf(out, "\n%-46s %9s %9s %9s %9s %5s\n", fmt.Sprintf("on %d cores", runtime.NumCPU()), "median", "least", "most", "target", "runs")
	for _, line := range figures {
		target := "-"
		if line.target > 0 {
			target = "< " + line.target.String()
		}
		_, _ = fmt.Fprintf(out, "%-46s %8.1fs %8.1fs %8.1fs %9s %5d\n", line.name,
			line.median().Seconds(), slices.Min(line.took).Seconds(), slices.Max(line.took).Seconds(), target, len(line.took))
	}
}
