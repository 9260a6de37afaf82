package growth

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/federated-risk/federated-risk/tests/sandbox/pluginserver/calls"
	"github.com/federated-risk/federated-risk/tests/sandbox/pulumicli"
	"github.com/federated-risk/federated-risk/tests/sandbox/toolchain"
)

// Engine runs a pulumi command on the program that Grow built, and returns what it cost.
func (p Program) Engine(ctx context.Context, cli *pulumicli.CLI, arguments ...string) (Cost, error) {
	times, intervals := filepath.Join(p.Dir, timesVariable), filepath.Join(p.Dir, calls.Variable)
	for _, file := range []string{times, intervals} {
		if err := os.RemoveAll(file); err != nil {
			return Cost{}, err
		}
	}
	run := cli.Command(ctx, arguments...)
	run.Env = append(run.Env, timesVariable+"="+times, calls.Variable+"="+intervals,
		hostVariable+"="+toolchain.PulumiLanguageGo.File(cli.Workspace.Bin), "PATH="+p.path(run.Env))
	var out strings.Builder
	run.Stdout, run.Stderr = &out, &out
	started := time.Now()
	if err := run.Run(); err != nil {
		return Cost{}, fmt.Errorf("pulumi %s: %w\n%s", arguments[0], err, out.String())
	}
	cost := Cost{Wall: time.Since(started), Resources: resources(out.String())}
	if cost.Resources == 0 {
		return Cost{}, fmt.Errorf("pulumi %s: expected a summary with numbers of resources\n%s", arguments[0], out.String())
	}
	programStarted, programCPU, err := readTimes(times)
	if err != nil {
		return Cost{}, err
	}
	atWork, err := calls.Read(intervals)
	if err != nil {
		return Cost{}, err
	}
	if len(atWork) == 0 {
		return Cost{}, fmt.Errorf("pulumi %s: no plugin has recorded a call in %s", arguments[0], intervals)
	}
	cost.Start, cost.Plugins = programStarted.Sub(started), calls.Busy(atWork)
	cost.ProgramCPU, cost.PluginCPU = programCPU, calls.CPU(atWork)
	// The engine waits for all that it started, so their time is part of its own.
	cost.EngineCPU = used(run.ProcessState) - cost.ProgramCPU - cost.PluginCPU
	return cost, nil
}

// path has the scripts of Prepare before all else.
func (p Program) path(environment []string) string {
	path := p.Dir
	for _, variable := range environment {
		if value, found := strings.CutPrefix(variable, "PATH="); found {
			path = p.Dir + string(os.PathListSeparator) + value
		}
	}
	return path
}

// counted matches the numbers in the summary: "+ 92 to create", "92 unchanged".
var counted = regexp.MustCompile(`(?m)^\s+(?:\+-|[+~-])?\s*(\d+) (?:to create|to update|created|updated|unchanged)$`)

func resources(output string) int {
	_, summary, _ := strings.Cut(output, "\nResources:")
	total := 0
	for _, match := range counted.FindAllStringSubmatch(summary, -1) {
		number, _ := strconv.Atoi(match[1]) // it consists of digits
		total += number
	}
	return total
}
