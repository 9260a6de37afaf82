// Package tests runs the program that main runs over each of the real stack files, and looks at what it asks for.
package tests

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/stacks"
	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// TestMain keeps the config that a surrounding `pulumi` may have put into the environment away from the program.
func TestMain(m *testing.M) {
	for _, variable := range []string{"PULUMI_CONFIG", "PULUMI_CONFIG_SECRET_KEYS"} {
		if err := os.Unsetenv(variable); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// mode is an update or a preview.
type mode struct {
	name    string
	preview bool
}

var modes = []mode{{"update", false}, {"preview", true}}

// execute runs the program; the run may have failed.
func execute(t testing.TB, config *stacktest.Config, preview bool) *stacktest.Run {
	t.Helper()
	return stacktest.Execute(t, stacks.Deploy, stacktest.Options{Config: config, Preview: preview})
}

// deploy runs the program, which must succeed.
func deploy(t testing.TB, config *stacktest.Config, preview bool) *stacktest.Run {
	t.Helper()
	run := execute(t, config, preview)
	require.NoError(t, run.Err)
	return run
}

// files are the runs of deployFile: one per stack and mode is enough for all tests that only look.
var files = map[string]*stacktest.Run{}

// deployFile deploys a stack as its file has it.
func deployFile(t testing.TB, stack string, preview bool) *stacktest.Run {
	t.Helper()
	key := fmt.Sprintf("%s %t", stack, preview)
	if files[key] == nil {
		files[key] = deploy(t, stacktest.Load(t, stack), preview)
	}
	return files[key]
}

// everywhere looks at each stack's update and preview.
func everywhere(t *testing.T, look func(t *testing.T, stack string, run *stacktest.Run)) {
	t.Helper()
	for _, stack := range stacktest.Stacks() {
		for _, mode := range modes {
			t.Run(stack+"/"+mode.name, func(t *testing.T) {
				look(t, stack, deployFile(t, stack, mode.preview))
			})
		}
	}
}
