package growth

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestPrintSaysWhatAFurtherResourceCosts(t *testing.T) {
	seconds := func(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
	costs := []Cost{
		{Services: 4, Resources: 100, Wall: seconds(12), Start: seconds(10), ProgramCPU: seconds(1), EngineCPU: seconds(3), PluginCPU: seconds(1)},
		{Services: 40, Resources: 600, Wall: seconds(16), Start: seconds(9), Plugins: seconds(3), ProgramCPU: seconds(2), EngineCPU: seconds(8), PluginCPU: seconds(2)},
		{Services: 200, Resources: 2600, Wall: seconds(40), Start: seconds(11), ProgramCPU: seconds(6.2), EngineCPU: seconds(33), PluginCPU: seconds(4)},
	}
	var out bytes.Buffer
	Print(&out, "preview", costs)
	text := out.String()
	for _, line := range []string{
		"      40       600    16.0s     9.0s      3.0s       11.7ms     2.0s     8.0s     2.0s         20.0ms\n",
		"  wall clock           each further resource: 10.0 ms from 4 to 40 services, 11.0 ms from 40 to 200: flat, +10 % (at most +20 %)\n",
		"  CPU of the program   each further resource: 2.0 ms from 4 to 40 services, 2.1 ms from 40 to 200: flat, +5 % (at most +20 %)\n",
		"  CPU of the engine    each further resource: 10.0 ms from 4 to 40 services, 12.5 ms from 40 to 200: NOT flat, +25 %\n",
		"  CPU of the plugins   each further resource: 2.0 ms from 4 to 40 services, 1.0 ms from 40 to 200: flat, -50 % (at most +20 %)\n",
	} {
		assert.Contains(t, text, line)
	}
}

func TestNoVerdictWithoutThreeFigures(t *testing.T) {
	costs := []Cost{{Services: 4, Resources: 100, Wall: time.Second}, {Services: 40, Resources: 600, Wall: 6 * time.Second}}
	assert.Equal(t, "each further resource: 10.0 ms from 4 to 40 services", verdict(costs, Cost.running))
	assert.Empty(t, verdict(costs[:1], Cost.running))
	assert.Empty(t, verdict(costs, Cost.CPU), "nothing was measured")
	costs = append(costs, Cost{Services: 200, Resources: 2600, Wall: 30 * time.Second})
	costs[1].Wall = time.Second
	assert.Contains(t, verdict(costs, Cost.running), "too little to compare")
}
