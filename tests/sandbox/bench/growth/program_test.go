package growth

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The script runs a program that uses some CPU and fails.
func TestTimedProgram(t *testing.T) {
	p := Program{Dir: t.TempDir()}
	require.NoError(t, p.Prepare())
	busy := "#!/bin/sh\ni=0\nwhile [ $i -lt 30000 ]; do i=$((i+1)); done\nexit \"$1\"\n"
	require.NoError(t, os.WriteFile(filepath.Join(p.Dir, binary), []byte(busy), 0o700))
	file := filepath.Join(t.TempDir(), "times")
	before := time.Now()
	run := exec.CommandContext(t.Context(), filepath.Join(p.Dir, timed), "7")
	run.Env = append(os.Environ(), timesVariable+"="+file)
	var exit *exec.ExitError
	require.ErrorAs(t, run.Run(), &exit)
	assert.Equal(t, 7, exit.ExitCode())
	started, cpu, err := readTimes(file)
	require.NoError(t, err)
	assert.False(t, started.Before(before) || started.After(time.Now()), started)
	assert.Positive(t, cpu)
	assert.LessOrEqual(t, cpu, used(run.ProcessState))

	require.NoError(t, os.WriteFile(file, []byte("1\n"), 0o600))
	_, _, err = readTimes(file)
	assert.ErrorContains(t, err, "the program did not end")
}

// What is built is kept, so that to come back to a number of services links nothing.
func TestProgramsOfEveryNumberOfServicesAreKept(t *testing.T) {
	p := Program{Dir: t.TempDir(), Environment: append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")}
	require.NoError(t, os.WriteFile(filepath.Join(p.Dir, "go.mod"), []byte("module small\n\ngo 1.26\n"), 0o600))
	run := func() string {
		output, err := exec.CommandContext(t.Context(), filepath.Join(p.Dir, binary)).CombinedOutput()
		require.NoError(t, err)
		return string(output)
	}
	for _, number := range []int{1, 2} {
		main := fmt.Sprintf("package main\n\nfunc main() { print(%d) }\n", number)
		require.NoError(t, os.WriteFile(filepath.Join(p.Dir, "main.go"), []byte(main), 0o600))
		require.NoError(t, p.built(t.Context(), binary, ".", number))
		assert.Equal(t, strconv.Itoa(number), run())
	}
	require.NoError(t, os.WriteFile(filepath.Join(p.Dir, "main.go"), []byte("no Go"), 0o600))
	require.NoError(t, p.built(t.Context(), binary, ".", 1))
	assert.Equal(t, "1", run())
	assert.ErrorContains(t, p.built(t.Context(), binary, ".", 3), "build "+binary)
}

func TestResourcesOfASummary(t *testing.T) {
	assert.Equal(t, 92, resources("Previewing\n     Type\n\nOutputs:\n  + n: 7\n\nResources:\n    + 92 to create\n"))
	assert.Equal(t, 95, resources("Updating\nResources:\n    + 3 created\n    ~ 2 updated\n    90 unchanged\n\nDuration: 3s\n"))
	assert.Zero(t, resources("error: 5 unchanged\n"))
}
