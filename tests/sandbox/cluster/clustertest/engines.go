package clustertest

import (
	"context"
	"os"
	"time"

	"github.com/federated-risk/federated-risk/tests/sandbox/process"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

const killTimeout = 20 * time.Second

// KillEngines kills, by SIGKILL and all at once, whatever works with the workspace's Pulumi home: the
// engine, its plugins, the language host and the program. They are told by their environment, since a
// plugin is in a process group of its own and loses its parent with the engine. It returns once all of them
// are gone, and says how many there were.
func KillEngines(ctx context.Context, w workspace.Workspace) (int, error) {
	return killEvery(ctx, func(p process.Process) bool {
		return p.PID != os.Getpid() && p.Variable("PULUMI_HOME") == w.PulumiHome()
	})
}

// killEvery kills the matching processes until there are none, and says how many there were.
func killEvery(ctx context.Context, match func(process.Process) bool) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, killTimeout)
	defer cancel()
	// Again and again: one of them may have been starting another.
	for killed := 0; ; {
		found, err := process.Find(match)
		if err != nil || len(found) == 0 {
			return killed, err
		}
		killed += len(found)
		if err := process.KillAll(ctx, found); err != nil {
			return killed, err
		}
	}
}
