package pluginserver

import (
	"context"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/federated-risk/federated-risk/tests/sandbox/pluginserver/calls"
)

// recorded writes down when the calls that work on resources are in progress.
type recorded struct {
	pulumirpc.ResourceProviderServer
	recorder *calls.Recorder
}

func record[Request, Response any](
	ctx context.Context, s *recorded, request Request, call func(context.Context, Request) (Response, error),
) (Response, error) {
	defer s.recorder.Begin()()
	return call(ctx, request)
}

// CheckConfig implements the service.
func (s *recorded) CheckConfig(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return record(ctx, s, req, s.ResourceProviderServer.CheckConfig)
}

// DiffConfig implements the service.
func (s *recorded) DiffConfig(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return record(ctx, s, req, s.ResourceProviderServer.DiffConfig)
}

// Configure implements the service.
func (s *recorded) Configure(ctx context.Context, req *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return record(ctx, s, req, s.ResourceProviderServer.Configure)
}

// Check implements the service.
func (s *recorded) Check(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return record(ctx, s, req, s.ResourceProviderServer.Check)
}

// Diff implements the service.
func (s *recorded) Diff(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return record(ctx, s, req, s.ResourceProviderServer.Diff)
}

// Create implements the service.
func (s *recorded) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	return record(ctx, s, req, s.ResourceProviderServer.Create)
}

// Read implements the service.
func (s *recorded) Read(ctx context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	return record(ctx, s, req, s.ResourceProviderServer.Read)
}

// Update implements the service.
func (s *recorded) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	return record(ctx, s, req, s.ResourceProviderServer.Update)
}

// Delete implements the service.
func (s *recorded) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	return record(ctx, s, req, s.ResourceProviderServer.Delete)
}
