package stacktest

import (
	"cmp"
	"encoding/json"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
)

const (
	projectName = "federated-risk"
	// patience is how long a program may take: it takes well under a second, unless it waits for ever.
	patience = 30 * time.Second
)

// Options of a run.
type Options struct {
	// Config of the stack; without one, the stack is called test and has none.
	Config *Config
	// Preview makes it a preview: the engine creates nothing, and what it does not know is unknown.
	Preview bool
	// Fail returns the error with which the engine refuses a resource, or nil to accept it.
	Fail func(*Resource) error
}

func (o Options) stack() string {
	if o.Config == nil {
		return "test"
	}
	return o.Config.Stack
}

// Run is what a program told the engine.
type Run struct {
	Preview bool
	// Resources, components and providers, by type and name. The stack itself is not among them.
	Resources []*Resource
	// Registered are the outputs of components and of the stack, by URN.
	Registered map[string]resource.PropertyMap
	// Generated are the secrets that providers made up.
	Generated []Generated
	// Invokes are the tokens of the provider functions that the program called.
	Invokes []string
	// Logs are the messages to the user.
	Logs []string
	// Err is how the program ended.
	Err error
}

// Resource is one registration.
type Resource struct {
	URN, Type, Name string
	// Request is what the program sent, with every option.
	Request *pulumirpc.RegisterResourceRequest
	// Inputs of Request, with secrets and unknowns.
	Inputs resource.PropertyMap
}

// IsProvider says whether r is an explicit provider.
func (r *Resource) IsProvider() bool { return strings.HasPrefix(r.Type, "pulumi:providers:") }

// IsComponent says whether r is a component of this project.
func (r *Resource) IsComponent() bool { return strings.HasPrefix(r.Type, projectName+":") }

func (r *Resource) is(kind string) bool {
	return r.Type == kind || strings.HasSuffix(r.Type, ":"+kind) || strings.HasSuffix(r.Type, "/"+kind)
}

// Execute runs a program to its end, whatever that is. It fails the test if there is none.
func Execute(t testing.TB, program pulumi.RunFunc, options Options) *Run {
	t.Helper()
	e := start(t, options)
	values, secretKeys := map[string]string{}, []string(nil)
	if options.Config != nil {
		values, secretKeys = options.Config.encode(t)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- pulumi.RunErr(program, func(info *pulumi.RunInfo) {
			*info = pulumi.RunInfo{
				Project: projectName, Stack: options.stack(), Config: values, ConfigSecretKeys: secretKeys,
				Parallel: 16, DryRun: options.Preview, MonitorAddr: e.address, EngineAddr: e.address,
			}
		})
	}()
	select {
	case err := <-ended:
		e.recorded.Err = err
	case <-time.After(patience):
		trace := make([]byte, 1<<20)
		t.Fatalf("the program has not ended after %s: it waits for something that never comes\n%s",
			patience, trace[:runtime.Stack(trace, true)])
	}
	return e.run()
}

// Environment starts an engine and returns the environment in which the language host would start the program, and a
// function that returns what the program did.
func Environment(t testing.TB, options Options) (map[string]string, func() *Run) {
	t.Helper()
	e := start(t, options)
	values, secretKeys := options.Config.encode(t)
	encode := func(value any) string {
		encoded, err := json.Marshal(value)
		require.NoError(t, err)
		return string(encoded)
	}
	return map[string]string{
		pulumi.EnvProject:          projectName,
		pulumi.EnvStack:            options.stack(),
		pulumi.EnvConfig:           encode(values),
		pulumi.EnvConfigSecretKeys: encode(secretKeys),
		pulumi.EnvDryRun:           strconv.FormatBool(options.Preview),
		pulumi.EnvMonitor:          e.address,
		pulumi.EnvEngine:           e.address,
	}, e.run
}

func (e *engine) run() *Run {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	slices.SortFunc(e.recorded.Resources, func(a, b *Resource) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name), cmp.Compare(a.URN, b.URN))
	})
	return &e.recorded
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
func (run *Run) Lookup(kind, name string) *Resource {
	for _, r := range run.Resources {
		if r.Name == name && r.is(kind) {
			return r
		}
	}
	return nil
}

// OfKind returns the resources whose type ends with kind, as in Find.
func (run *Run) OfKind(kind string) []*Resource {
	var found []*Resource
	for _, r := range run.Resources {
		if r.is(kind) {
			found = append(found, r)
		}
	}
	return found
}

// ByURN returns the resource, or nil.
func (run *Run) ByURN(urn string) *Resource {
	for _, r := range run.Resources {
		if r.URN == urn {
			return r
		}
	}
	return nil
}

// StackOutputs returns the outputs of the stack.
func (run *Run) StackOutputs(t testing.TB) resource.PropertyMap {
	t.Helper()
	for urn, outputs := range run.Registered {
		if resource.URN(urn).QualifiedType() == resource.RootStackType {
			return outputs
		}
	}
	require.Fail(t, "the program has registered no stack outputs")
	return nil
}
