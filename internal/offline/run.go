package offline

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

const projectName = "federated-risk"

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

func (o Options) encode() (values map[string]string, secretKeys []string, err error) {
	if o.Config == nil {
		return map[string]string{}, nil, nil
	}
	return o.Config.Encode()
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

// Is says whether the resource's type ends with kind: Deployment, or v1:Service where several types end alike.
func (r *Resource) Is(kind string) bool {
	return r.Type == kind || strings.HasSuffix(r.Type, ":"+kind) || strings.HasSuffix(r.Type, "/"+kind)
}

// Execute runs a program to its end, whatever that is: Run.Err is the program's own error. Execute fails only where
// the engine does, or when ctx ends before the program has; the program then keeps waiting for what never comes.
func Execute(ctx context.Context, program pulumi.RunFunc, options Options) (*Run, error) {
	values, secretKeys, err := options.encode()
	if err != nil {
		return nil, err
	}
	e, err := start(ctx, options)
	if err != nil {
		return nil, err
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
		return e.run(), e.stop()
	case <-ctx.Done():
		return nil, fmt.Errorf("the program has not ended: %w", context.Cause(ctx))
	}
}

// Serve starts an engine and returns the environment in which the language host would start the program, a function
// that returns what the program did, and one that stops the engine.
func Serve(ctx context.Context, options Options) (environment map[string]string, run func() *Run, stop func() error, err error) {
	values, secretKeys, err := options.encode()
	if err != nil {
		return nil, nil, nil, err
	}
	encodedValues, err := json.Marshal(values)
	if err != nil {
		return nil, nil, nil, err
	}
	encodedKeys, err := json.Marshal(secretKeys)
	if err != nil {
		return nil, nil, nil, err
	}
	e, err := start(ctx, options)
	if err != nil {
		return nil, nil, nil, err
	}
	return map[string]string{
		pulumi.EnvProject:          projectName,
		pulumi.EnvStack:            options.stack(),
		pulumi.EnvConfig:           string(encodedValues),
		pulumi.EnvConfigSecretKeys: string(encodedKeys),
		pulumi.EnvDryRun:           strconv.FormatBool(options.Preview),
		pulumi.EnvMonitor:          e.address,
		pulumi.EnvEngine:           e.address,
	}, e.run, e.stop, nil
}

func (e *engine) run() *Run {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	slices.SortFunc(e.recorded.Resources, func(a, b *Resource) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name), cmp.Compare(a.URN, b.URN))
	})
	return &e.recorded
}

// Lookup returns the resource with this name whose type ends with kind, nil if there is none.
func (run *Run) Lookup(kind, name string) *Resource {
	for _, r := range run.Resources {
		if r.Name == name && r.Is(kind) {
			return r
		}
	}
	return nil
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

// StackOutputs returns the outputs of the stack, and false if the program has registered none.
func (run *Run) StackOutputs() (resource.PropertyMap, bool) {
	for urn, outputs := range run.Registered {
		if resource.URN(urn).QualifiedType() == resource.RootStackType {
			return outputs, true
		}
	}
	return nil, false
}
