package stacktest

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/offline"
)

// patience is how long a program may take: it takes well under a second, unless it waits for ever.
const patience = 30 * time.Second

// Options of a run.
type Options struct {
	// Config of the stack; without one, the stack is called test and has none.
	Config *Config
	// Preview makes it a preview: the engine creates nothing, and what it does not know is unknown.
	Preview bool
	// Fail returns the error with which the engine refuses a resource, or nil to accept it.
	Fail func(*Resource) error
}

func (o Options) offline() offline.Options {
	options := offline.Options{Preview: o.Preview}
	if o.Config != nil {
		options.Config = o.Config.Config
	}
	if o.Fail != nil {
		options.Fail = func(r *offline.Resource) error { return o.Fail(&Resource{r}) }
	}
	return options
}

// Run is what a program told the engine.
type Run struct {
	*offline.Run
	// Resources, components and providers, by type and name. The stack itself is not among them.
	Resources []*Resource
}

// Resource is one registration.
type Resource struct {
	*offline.Resource
}

func newRun(recorded *offline.Run) *Run {
	run := &Run{Run: recorded}
	for _, r := range recorded.Resources {
		run.Resources = append(run.Resources, &Resource{r})
	}
	return run
}

// Execute runs a program to its end, whatever that is. It fails the test if there is none.
func Execute(t testing.TB, program pulumi.RunFunc, options Options) *Run {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	recorded, err := offline.Execute(ctx, program, options.offline())
	if errors.Is(err, context.DeadlineExceeded) {
		trace := make([]byte, 1<<20)
		t.Fatalf("the program has not ended after %s: it waits for something that never comes\n%s",
			patience, trace[:runtime.Stack(trace, true)])
	}
	require.NoError(t, err)
	return newRun(recorded)
}

// Environment starts an engine, which the end of the test stops, and returns the environment in which the language
// host would start the program, and a function that returns what the program did.
func Environment(t testing.TB, options Options) (map[string]string, func() *Run) {
	t.Helper()
	environment, recorded, stop, err := offline.Serve(t.Context(), options.offline())
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, stop()) })
	return environment, func() *Run { return newRun(recorded()) }
}

// Find returns the resource with this name whose type ends with kind: Find(t, "Deployment", "frontend-stable"). Where
// several types end alike, more of the type tells them apart: v1:Service.
func (run *Run) Find(t testing.TB, kind, name string) *Resource {
	t.Helper()
	r := run.Lookup(kind, name)
	require.NotNil(t, r, "the program declares no %s %q", kind, name)
	return r
}

// Lookup is Find that returns nil for a resource that is not there.
func (run *Run) Lookup(kind, name string) *Resource { return run.wrapped(run.Run.Lookup(kind, name)) }

// OfKind returns the resources whose type ends with kind, as in Find.
func (run *Run) OfKind(kind string) []*Resource {
	var found []*Resource
	for _, r := range run.Resources {
		if r.Is(kind) {
			found = append(found, r)
		}
	}
	return found
}

// ByURN returns the resource, or nil.
func (run *Run) ByURN(urn string) *Resource { return run.wrapped(run.Run.ByURN(urn)) }

func (run *Run) wrapped(recorded *offline.Resource) *Resource {
	for _, r := range run.Resources {
		if r.Resource == recorded {
			return r
		}
	}
	return nil
}

// StackOutputs returns the outputs of the stack.
func (run *Run) StackOutputs(t testing.TB) resource.PropertyMap {
	t.Helper()
	outputs, registered := run.Run.StackOutputs()
	require.True(t, registered, "the program has registered no stack outputs")
	return outputs
}
