package platformtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster/clustertest"
)

// momentInterval is how often an engine that is to be killed is looked at.
const momentInterval = 20 * time.Millisecond

// Moment reports whether the time to kill the engine has come, given the events so far.
type Moment func(ctx context.Context, events []apitype.EngineEvent) (bool, error)

// KillDuring runs a pulumi command, such as "up", and kills the engine with everything it started by SIGKILL when the
// moment has come. It fails if the command ends before. The events until then are returned.
func (p *Platform) KillDuring(ctx context.Context, command string, moment Moment) ([]apitype.EngineEvent, error) {
	ctx, cancel := context.WithTimeout(ctx, operationTimeout)
	defer cancel()
	log := filepath.Join(p.Workspace.Dir, "killed-"+command+".events")
	if err := os.Remove(log); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("kill pulumi %s: %w", command, err)
	}
	var out bytes.Buffer
	run := p.CLI.Command(ctx, command, "--stack", p.stack.Name(), "--yes", "--skip-preview", "--event-log", log)
	// The flag --event-log is one of the commands that the CLI keeps for debugging.
	run.Env = append(run.Env, "PULUMI_DEBUG_COMMANDS=true")
	run.Stdout, run.Stderr = &out, &out
	if err := run.Start(); err != nil {
		return nil, fmt.Errorf("kill pulumi %s: %w", command, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- run.Wait() }()

	momentErr := wait.PollUntilContextCancel(ctx, momentInterval, true, func(ctx context.Context) (bool, error) {
		select {
		case err := <-ended:
			ended <- err
			return false, fmt.Errorf("it ended before the moment to kill it came: %w\n%s", errors.Join(errEnded, err), out.String())
		default:
		}
		events, err := readEvents(log)
		if err != nil {
			return false, err
		}
		return moment(ctx, events)
	})
	killed, killErr := clustertest.KillEngines(context.WithoutCancel(ctx), p.Workspace)
	<-ended
	events, readErr := readEvents(log)
	p.transcript.WriteString(Result{Output: out.String(), Events: events}.transcript())
	if err := errors.Join(momentErr, killErr, readErr); err != nil {
		return events, fmt.Errorf("kill pulumi %s: %w", command, err)
	}
	Progress(fmt.Sprintf("  pulumi %s killed after %d steps had begun (%d processes)", command, len(Started(events)), killed))
	return events, nil
}

var errEnded = errors.New("process ended")

// readEvents reads an event log that may still be written to.
func readEvents(path string) ([]apitype.EngineEvent, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the event log: %w", err)
	}
	var events []apitype.EngineEvent
	for {
		// A last line without an end is being written, or was when the engine died.
		line, rest, whole := bytes.Cut(content, []byte{'\n'})
		if !whole {
			return events, nil
		}
		content = rest
		var event apitype.EngineEvent
		if err := json.Unmarshal(line, &event); err != nil {
			return nil, fmt.Errorf("read the event log %s: %w", path, err)
		}
		events = append(events, event)
	}
}
