package localonly

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// Provider serves Resources. It keeps nothing between calls and is safe for concurrent use.
type Provider struct {
	plugin.UnimplementedProvider
	name      string
	resources map[tokens.Type]Resource
	now       func() time.Time
}

var _ plugin.Provider = (*Provider)(nil)

// New returns the provider called name of the given resource types. now is the clock, time.Now but in tests.
func New(name string, resources map[tokens.Type]Resource, now func() time.Time) *Provider {
	return &Provider{name: name, resources: resources, now: now}
}

// Handshake accepts secrets, so that an input that is one stays one.
func (p *Provider) Handshake(context.Context, plugin.ProviderHandshakeRequest) (*plugin.ProviderHandshakeResponse, error) {
	return &plugin.ProviderHandshakeResponse{AcceptSecrets: true}, nil
}

// CheckConfig refuses every option: there is none.
func (p *Provider) CheckConfig(_ context.Context, req plugin.CheckConfigRequest) (plugin.CheckConfigResponse, error) {
	check := &checker{}
	for _, option := range slices.Sorted(maps.Keys(req.News)) {
		// The engine's own notes on the plugin, not the program's.
		if option == "version" || option == "pluginDownloadURL" || option == "__internal" {
			continue
		}
		check.fault(string(option), "unknown option: the sandbox's stand-in for the %s provider has none", p.name)
	}
	return plugin.CheckConfigResponse{Properties: req.News, Failures: check.failures()}, nil
}

// DiffConfig never finds a difference that matters.
func (p *Provider) DiffConfig(context.Context, plugin.DiffConfigRequest) (plugin.DiffConfigResponse, error) {
	return plugin.DiffConfigResponse{Changes: plugin.DiffNone}, nil
}

// Configure does nothing.
func (p *Provider) Configure(context.Context, plugin.ConfigureRequest) (plugin.ConfigureResponse, error) {
	return plugin.ConfigureResponse{}, nil
}

// Check returns the inputs with defaults, or all that is wrong with them. A failure's reason starts with the path of
// the property; its Property stays empty, because the engine would print the property's value, be it secret or not.
func (p *Provider) Check(_ context.Context, req plugin.CheckRequest) (plugin.CheckResponse, error) {
	kind, err := p.resource(req.Type)
	if err != nil {
		return plugin.CheckResponse{}, err
	}
	check := &checker{}
	inputs := check.properties("", kind.Inputs, req.News)
	if len(check.faults) == 0 {
		if kind.Normalize != nil {
			kind.Normalize(inputs)
		}
		if kind.Rules != nil {
			check.faults = kind.Rules(reveal(inputs))
		}
	}
	if len(check.faults) > 0 {
		inputs = req.News
	}
	return plugin.CheckResponse{Properties: inputs, Failures: check.failures()}, nil
}

// Create generates the resource; in a preview its generated outputs are unknown.
func (p *Provider) Create(_ context.Context, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	kind, err := p.resource(req.Type)
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	if req.Preview {
		unknown := resource.PropertyMap{}
		for _, output := range kind.Outputs {
			unknown[resource.PropertyKey(output.Name)] = resource.MakeComputed(resource.NewProperty(""))
		}
		return plugin.CreateResponse{Properties: kind.state(req.Properties, unknown)}, nil
	}
	if req.Properties.ContainsUnknowns() {
		return plugin.CreateResponse{}, fmt.Errorf("%s: an input is still unknown outside a preview", req.URN)
	}
	id, outputs, err := kind.Create(reveal(req.Properties), p.now())
	if err != nil {
		return plugin.CreateResponse{}, fmt.Errorf("%s: %w", req.URN, err)
	}
	return plugin.CreateResponse{ID: id, Properties: kind.state(req.Properties, outputs), Status: resource.StatusOK}, nil
}

// Read returns the resource as it is in the state, or what the ID stands for where there is no state: an import.
func (p *Provider) Read(_ context.Context, req plugin.ReadRequest) (plugin.ReadResponse, error) {
	kind, err := p.resource(req.Type)
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	if len(req.State) == 0 {
		return kind.read(req)
	}
	outputs := req.State.Copy()
	if kind.Renewal != nil && kind.Renewal(reveal(outputs), p.now()) {
		outputs[ReadyForRenewal] = resource.NewProperty(true)
	}
	return plugin.ReadResponse{
		ReadResult: plugin.ReadResult{ID: req.ID, Inputs: req.Inputs, Outputs: kind.markSecrets(outputs)},
		Status:     resource.StatusOK,
	}, nil
}

// Update takes over the inputs that can change in place; all that was generated stays.
func (p *Provider) Update(_ context.Context, req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	kind, err := p.resource(req.Type)
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	generated := resource.PropertyMap{}
	for _, output := range kind.Outputs {
		if value, ok := req.OldOutputs[resource.PropertyKey(output.Name)]; ok {
			generated[resource.PropertyKey(output.Name)] = value
		}
	}
	state := kind.state(req.NewInputs, generated)
	if kind.Renewal != nil {
		state[ReadyForRenewal] = resource.NewProperty(kind.Renewal(reveal(state), p.now()))
	}
	return plugin.UpdateResponse{Properties: state, Status: resource.StatusOK}, nil
}

// Delete has nothing to do but be forgotten.
func (p *Provider) Delete(_ context.Context, req plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	if _, err := p.resource(req.Type); err != nil {
		return plugin.DeleteResponse{Status: resource.StatusUnknown}, err
	}
	return plugin.DeleteResponse{Status: resource.StatusOK}, nil
}

// Invoke refuses every function: there is none.
func (p *Provider) Invoke(_ context.Context, req plugin.InvokeRequest) (plugin.InvokeResponse, error) {
	return plugin.InvokeResponse{}, fmt.Errorf("the sandbox's stand-in for the %s provider has no function %q", p.name, req.Tok)
}

// Call refuses every method: there is none.
func (p *Provider) Call(_ context.Context, req plugin.CallRequest) (plugin.CallResponse, error) {
	return plugin.CallResponse{}, fmt.Errorf("the sandbox's stand-in for the %s provider has no method %q", p.name, req.Tok)
}

// Construct refuses every component: there is none.
func (p *Provider) Construct(_ context.Context, req plugin.ConstructRequest) (plugin.ConstructResponse, error) {
	return plugin.ConstructResponse{}, fmt.Errorf("the sandbox's stand-in for the %s provider has no component %q", p.name, req.Type)
}

// SignalCancellation has nothing to stop: every call is short.
func (p *Provider) SignalCancellation(context.Context) error { return nil }

// Close has nothing to release.
func (p *Provider) Close() error { return nil }

func (p *Provider) resource(token tokens.Type) (Resource, error) {
	kind, ok := p.resources[token]
	if !ok {
		known := make([]string, 0, len(p.resources))
		for candidate := range p.resources {
			known = append(known, string(candidate))
		}
		return Resource{}, fmt.Errorf("the sandbox's stand-in for the %s provider does not know the resource type %q%s",
			p.name, token, suggestion(string(token), known))
	}
	return kind, nil
}

func (c *checker) failures() []plugin.CheckFailure {
	failures := make([]plugin.CheckFailure, len(c.faults))
	for i, fault := range c.faults {
		failures[i].Reason = fault
	}
	return failures
}
