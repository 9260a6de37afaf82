package pluginserver

import (
	"context"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// NewServer returns the gRPC service of provider. It is the SDK's, except that the engine gets to see the provider's
// detailed diffs, which the SDK's server sends without marking them as present.
func NewServer(provider plugin.Provider) pulumirpc.ResourceProviderServer {
	return &server{ResourceProviderServer: plugin.NewProviderServer(provider)}
}

type server struct {
	pulumirpc.ResourceProviderServer
}

// DiffConfig implements the service.
func (s *server) DiffConfig(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	response, err := s.ResourceProviderServer.DiffConfig(ctx, req)
	return detailed(response), err
}

// Diff implements the service.
func (s *server) Diff(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	response, err := s.ResourceProviderServer.Diff(ctx, req)
	return detailed(response), err
}

func detailed(response *pulumirpc.DiffResponse) *pulumirpc.DiffResponse {
	if response == nil {
		return nil
	}
	if len(response.GetDetailedDiff()) == 0 {
		return response
	}
	response.HasDetailedDiff = true
	// The engine matches these with the resource's properties, while the SDK's server sends whole paths.
	response.Diffs = topLevel(response.GetDiffs())
	for path, change := range response.GetDetailedDiff() {
		if change.GetKind() == pulumirpc.PropertyDiff_DELETE && slices.Contains(response.GetReplaces(), path) {
			change.Kind = pulumirpc.PropertyDiff_DELETE_REPLACE // the SDK's server sends DELETE
		}
	}
	return response
}

func topLevel(paths []string) []string {
	keys := make([]string, len(paths))
	for i, text := range paths {
		keys[i] = text
		if path, err := resource.ParsePropertyPath(text); err == nil && len(path) > 0 {
			if key, ok := path[0].(string); ok {
				keys[i] = key
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
