// Package localonlytest plays the engine to a provider in tests: over gRPC, with Pulumi's own encoding of properties.
package localonlytest

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/structpb"
)

var encoding = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, PropagateNil: true}

// Engine calls a provider as Pulumi's engine does.
type Engine struct {
	t      *testing.T
	client pulumirpc.ResourceProviderClient
}

// State is what the engine records of a resource.
type State struct {
	Type            tokens.Type
	ID              resource.ID
	Inputs, Outputs resource.PropertyMap
}

// Output returns a known output with any secret unwrapped.
func (s State) Output(name resource.PropertyKey) any {
	value := s.Outputs[name]
	if value.IsSecret() {
		value = value.SecretValue().Element
	}
	return value.V
}

// Connect serves the provider until the test ends, shakes hands with it and configures it.
func Connect(t *testing.T, provider plugin.Provider) *Engine {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	pulumirpc.RegisterResourceProviderServer(server, plugin.NewProviderServer(provider))
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	connection, err := grpc.NewClient("passthrough:///provider",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = connection.Close() })

	engine := &Engine{t: t, client: pulumirpc.NewResourceProviderClient(connection)}
	handshake, err := engine.client.Handshake(t.Context(), &pulumirpc.ProviderHandshakeRequest{})
	require.NoError(t, err)
	require.True(t, handshake.GetAcceptSecrets())
	_, err = engine.client.Configure(t.Context(), &pulumirpc.ConfigureRequest{AcceptSecrets: true, Args: engine.encode(resource.PropertyMap{})})
	require.NoError(t, err)
	return engine
}

// Client returns the connection, for calls that the Engine has no method for.
func (e *Engine) Client() pulumirpc.ResourceProviderClient { return e.client }

// Check returns the checked inputs and the reasons of all failures.
func (e *Engine) Check(kind tokens.Type, inputs resource.PropertyMap) (resource.PropertyMap, []string) {
	e.t.Helper()
	response, err := e.client.Check(e.t.Context(), &pulumirpc.CheckRequest{Urn: urn(kind), News: e.encode(inputs)})
	require.NoError(e.t, err)
	var reasons []string
	for _, failure := range response.GetFailures() {
		require.Empty(e.t, failure.GetProperty(), "the engine would print the property's value")
		reasons = append(reasons, failure.GetReason())
	}
	return e.decode(response.GetInputs()), reasons
}

// Create checks the inputs, which must be right, and creates the resource or previews that.
func (e *Engine) Create(kind tokens.Type, inputs resource.PropertyMap, preview bool) (State, error) {
	e.t.Helper()
	checked, reasons := e.Check(kind, inputs)
	require.Empty(e.t, reasons)
	response, err := e.client.Create(e.t.Context(), &pulumirpc.CreateRequest{Urn: urn(kind), Properties: e.encode(checked), Preview: preview})
	if err != nil {
		return State{}, err
	}
	return State{Type: kind, ID: resource.ID(response.GetId()), Inputs: checked, Outputs: e.decode(response.GetProperties())}, nil
}

// Up is Create outside a preview, which must succeed.
func (e *Engine) Up(kind tokens.Type, inputs resource.PropertyMap) State {
	e.t.Helper()
	state, err := e.Create(kind, inputs, false)
	require.NoError(e.t, err)
	return state
}

// Diff checks new inputs, which must be right, and returns their difference from the state.
func (e *Engine) Diff(state State, inputs resource.PropertyMap) *pulumirpc.DiffResponse {
	e.t.Helper()
	checked, reasons := e.Check(state.Type, inputs)
	require.Empty(e.t, reasons)
	response, err := e.client.Diff(e.t.Context(), &pulumirpc.DiffRequest{
		Urn: urn(state.Type), Id: string(state.ID),
		Olds: e.encode(state.Outputs), OldInputs: e.encode(state.Inputs), News: e.encode(checked),
	})
	require.NoError(e.t, err)
	return response
}

// Update gives the resource new inputs in place.
func (e *Engine) Update(state State, inputs resource.PropertyMap) State {
	e.t.Helper()
	checked, reasons := e.Check(state.Type, inputs)
	require.Empty(e.t, reasons)
	response, err := e.client.Update(e.t.Context(), &pulumirpc.UpdateRequest{
		Urn: urn(state.Type), Id: string(state.ID),
		Olds: e.encode(state.Outputs), OldInputs: e.encode(state.Inputs), News: e.encode(checked),
	})
	require.NoError(e.t, err)
	return State{Type: state.Type, ID: state.ID, Inputs: checked, Outputs: e.decode(response.GetProperties())}
}

// Refresh reads the resource anew.
func (e *Engine) Refresh(state State) State {
	e.t.Helper()
	read, err := e.read(state)
	require.NoError(e.t, err)
	return read
}

// Import reads a resource of which nothing but an ID is known.
func (e *Engine) Import(kind tokens.Type, id string) (State, error) {
	e.t.Helper()
	return e.read(State{Type: kind, ID: resource.ID(id)})
}

func (e *Engine) read(state State) (State, error) {
	e.t.Helper()
	response, err := e.client.Read(e.t.Context(), &pulumirpc.ReadRequest{
		Urn: urn(state.Type), Id: string(state.ID),
		Properties: e.encode(state.Outputs), Inputs: e.encode(state.Inputs),
	})
	if err != nil {
		return State{}, err
	}
	return State{
		Type: state.Type, ID: resource.ID(response.GetId()),
		Inputs: e.decode(response.GetInputs()), Outputs: e.decode(response.GetProperties()),
	}, nil
}

func (e *Engine) encode(properties resource.PropertyMap) *structpb.Struct {
	e.t.Helper()
	encoded, err := plugin.MarshalProperties(properties, encoding)
	require.NoError(e.t, err)
	return encoded
}

func (e *Engine) decode(properties *structpb.Struct) resource.PropertyMap {
	e.t.Helper()
	decoded, err := plugin.UnmarshalProperties(properties, encoding)
	require.NoError(e.t, err)
	return decoded
}

func urn(kind tokens.Type) string {
	name := string(kind[strings.LastIndex(string(kind), ":")+1:])
	return string(resource.NewURN("stack", "project", "", kind, name))
}
