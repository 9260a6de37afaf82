package platformtest

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

const (
	// operationTimeout is for one run of the engine. The first one compiles the program; a healthy machine needs a tenth
	// of it for any other.
	operationTimeout = 8 * time.Minute
	// streamGrace is how long events may take to arrive after the engine has ended.
	streamGrace = 5 * time.Second
)

// operation is one run of the engine with its output and events going to the given places.
type operation func(ctx context.Context, out io.Writer, stream chan<- events.EngineEvent) error

// Up is `pulumi up`.
func (p *Platform) Up(ctx context.Context, options ...optup.Option) Result {
	return p.run(ctx, "up", func(ctx context.Context, out io.Writer, stream chan<- events.EngineEvent) error {
		_, err := p.stack.Up(ctx, append(options,
			optup.ProgressStreams(out), optup.ErrorProgressStreams(out), optup.EventStreams(stream))...)
		return err
	})
}

// Preview is `pulumi preview`.
func (p *Platform) Preview(ctx context.Context, options ...optpreview.Option) Result {
	return p.run(ctx, "preview", func(ctx context.Context, out io.Writer, stream chan<- events.EngineEvent) error {
		_, err := p.stack.Preview(ctx, append(options,
			optpreview.ProgressStreams(out), optpreview.ErrorProgressStreams(out), optpreview.EventStreams(stream))...)
		return err
	})
}

// Refresh is `pulumi refresh`.
func (p *Platform) Refresh(ctx context.Context) Result {
	return p.run(ctx, "refresh", func(ctx context.Context, out io.Writer, stream chan<- events.EngineEvent) error {
		_, err := p.stack.Refresh(ctx,
			optrefresh.ProgressStreams(out), optrefresh.ErrorProgressStreams(out), optrefresh.EventStreams(stream))
		return err
	})
}

// Destroy is `pulumi destroy`.
func (p *Platform) Destroy(ctx context.Context) Result {
	return p.run(ctx, "destroy", func(ctx context.Context, out io.Writer, stream chan<- events.EngineEvent) error {
		_, err := p.stack.Destroy(ctx,
			optdestroy.ProgressStreams(out), optdestroy.ErrorProgressStreams(out), optdestroy.EventStreams(stream))
		return err
	})
}

// Outputs returns the stack's outputs.
func (p *Platform) Outputs(ctx context.Context) (auto.OutputMap, error) { return p.stack.Outputs(ctx) }

// Export returns the stack's state, secrets encrypted.
func (p *Platform) Export(ctx context.Context) (apitype.UntypedDeployment, error) {
	return p.stack.Export(ctx)
}

// SetConfig is `pulumi config set --path`.
func (p *Platform) SetConfig(ctx context.Context, path, value string) error {
	_, err := p.CLI.Output(ctx, "config", "set", "--stack", p.stack.Name(), "--path", path, value)
	return err
}

// RemoveConfig is `pulumi config rm --path`.
func (p *Platform) RemoveConfig(ctx context.Context, path string) error {
	_, err := p.CLI.Output(ctx, "config", "rm", "--stack", p.stack.Name(), "--path", path)
	return err
}

// StackFile is where the stack's config is.
func (p *Platform) StackFile() string {
	return filepath.Join(p.CLI.Program, "Pulumi."+p.stack.Name()+".yaml")
}

// Transcript is everything that the engine has printed or reported so far, of any stack.
func (p *Platform) Transcript() string { return p.transcript.String() }

func (p *Platform) run(ctx context.Context, command string, op operation) Result {
	ctx, cancel := context.WithTimeout(ctx, operationTimeout)
	defer cancel()
	stream := make(chan events.EngineEvent)
	collected := make(chan []apitype.EngineEvent, 1)
	ended := make(chan struct{})
	go func() { collected <- collect(stream, ended) }()

	var out strings.Builder
	started := time.Now()
	err := op(ctx, &out, stream)
	result := Result{Command: command, Output: out.String(), Took: time.Since(started)}
	close(ended)
	result.Events = <-collected
	if err != nil {
		result.Err = fmt.Errorf("pulumi %s: %w", command, err)
	}
	p.transcript.WriteString(result.transcript())
	Progress(fmt.Sprintf("  pulumi %s: %s, %s", command, result.Took.Round(100*time.Millisecond), result.summary()))
	return result
}

// collect receives events until the stream is closed, or for a while after the engine has ended: an engine that
// fails before its first event never opens the stream, and then nobody closes it.
func collect(stream <-chan events.EngineEvent, ended <-chan struct{}) []apitype.EngineEvent {
	var all []apitype.EngineEvent
	var giveUp <-chan time.Time
	for {
		select {
		case event, open := <-stream:
			if !open {
				return all
			}
			all = append(all, event.EngineEvent)
		case <-ended:
			ended, giveUp = nil, time.After(streamGrace)
		case <-giveUp:
			return all
		}
	}
}
