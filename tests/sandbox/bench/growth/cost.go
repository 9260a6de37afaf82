package growth

import (
	"fmt"
	"io"
	"time"
)

// Cost is what one run of the engine, or of riskctl, took. What a command does not have is 0.
type Cost struct {
	// Services of the catalogue, and Resources that they and their foundations are.
	Services, Resources int
	// Wall is from the command's start to its end, Start the part of it before the program was started.
	Wall, Start time.Duration
	// Plugins is how long a call was in progress in at least one of the plugins.
	Plugins time.Duration
	// CPU by process: that of the program, of the plugins, and of the rest, which is the engine with its language host.
	ProgramCPU, PluginCPU, EngineCPU time.Duration
}

// CPU is that of all processes.
func (c Cost) CPU() time.Duration { return c.ProgramCPU + c.PluginCPU + c.EngineCPU }

// running is Wall without what does not depend on the number of resources.
func (c Cost) running() time.Duration { return c.Wall - c.Start }

// quantities that should grow with the number of resources and no faster.
var quantities = []struct {
	name string
	of   func(Cost) time.Duration
}{
	{"wall clock", Cost.running},
	{"CPU", Cost.CPU},
	{"CPU of the program", func(c Cost) time.Duration { return c.ProgramCPU }},
	{"CPU of the engine", func(c Cost) time.Duration { return c.EngineCPU }},
	{"CPU of the plugins", func(c Cost) time.Duration { return c.PluginCPU }},
}

// mostGrowth of the cost of a further resource that still counts as flat, in percent.
const mostGrowth = 20

// further is what each resource costs that b has in addition to a. What is the same for both, such as the start and the
// releases that the services stand on, has no part in it.
func further(a, b Cost, of func(Cost) time.Duration) time.Duration {
	return (of(b) - of(a)) / time.Duration(max(b.Resources-a.Resources, 1))
}

// Print writes a line for each of the costs, which are of growing numbers of services, and what each further resource
// costs. Of three numbers it also says whether that stays the same.
func Print(out io.Writer, title string, costs []Cost) {
	_, _ = fmt.Fprintf(out, "\n%s\n%8s %9s %8s %8s %9s %12s %8s %8s %8s %14s\n", title,
		"services", "resources", "wall", "start", "in plugin", "per resource", "program", "engine", "plugins", "per resource")
	_, _ = fmt.Fprintf(out, "%8s %9s %8s %8s %9s %12s %8s %8s %8s %14s\n", "", "", "", "", "", "after start", "CPU", "CPU", "CPU", "CPU")
	for _, c := range costs {
		each := time.Duration(max(c.Resources, 1))
		_, _ = fmt.Fprintf(out, "%8d %9d %7.1fs %7.1fs %8.1fs %10.1fms %7.1fs %7.1fs %7.1fs %12.1fms\n", c.Services, c.Resources,
			c.Wall.Seconds(), c.Start.Seconds(), c.Plugins.Seconds(), milliseconds(c.running()/each),
			c.ProgramCPU.Seconds(), c.EngineCPU.Seconds(), c.PluginCPU.Seconds(), milliseconds(c.CPU()/each))
	}
	for _, quantity := range quantities {
		if line := verdict(costs, quantity.of); line != "" {
			_, _ = fmt.Fprintf(out, "  %-20s %s\n", quantity.name, line)
		}
	}
}

// verdict is empty where nothing was measured.
func verdict(costs []Cost, of func(Cost) time.Duration) string {
	if len(costs) < 2 || of(costs[len(costs)-1]) == 0 {
		return ""
	}
	first := further(costs[0], costs[1], of)
	text := fmt.Sprintf("each further resource: %.1f ms from %d to %d services", milliseconds(first), costs[0].Services, costs[1].Services)
	if len(costs) < 3 {
		return text
	}
	last := further(costs[1], costs[2], of)
	text += fmt.Sprintf(", %.1f ms from %d to %d", milliseconds(last), costs[1].Services, costs[2].Services)
	if first <= 0 {
		return text + ": too little to compare"
	}
	growth := 100 * (last.Seconds()/first.Seconds() - 1)
	if growth > mostGrowth {
		return text + fmt.Sprintf(": NOT flat, %+.0f %%", growth)
	}
	return text + fmt.Sprintf(": flat, %+.0f %% (at most %+d %%)", growth, mostGrowth)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
