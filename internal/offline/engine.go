// Package offline runs the program against an engine that deploys nothing and writes down everything. It needs no
// cluster, account, plugin or network, and nothing that it makes up is a secret of anybody's.
//
// The engine stands behind Pulumi's gRPC protocol, one layer below the SDK's own mocks (pulumi.WithMocks): those show
// neither stack outputs nor the outputs of components, and drop inputs that are unknown in a preview.
package offline

import (
	"context"
	"fmt"
	"net"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// engine answers a program as the engine would on a stack's first update or preview.
type engine struct {
	pulumirpc.UnimplementedResourceMonitorServer
	pulumirpc.UnimplementedEngineServer

	options Options
	address string
	server  *grpc.Server
	served  chan error

	mutex    sync.Mutex
	recorded Run
	root     string
}

// keepEverything of what the program sends: what is secret, what is unknown, and what refers to a resource.
var keepEverything = plugin.MarshalOptions{
	KeepUnknowns: true, KeepSecrets: true, KeepResources: true, KeepOutputValues: true,
}

// start serves on a free port of the loopback interface until stop.
func start(ctx context.Context, options Options) (*engine, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the offline engine: %w", err)
	}
	e := &engine{options: options, address: listener.Addr().String(), server: grpc.NewServer(), served: make(chan error, 1)}
	e.recorded = Run{Preview: options.Preview, Registered: map[string]resource.PropertyMap{}}
	pulumirpc.RegisterResourceMonitorServer(e.server, e)
	pulumirpc.RegisterEngineServer(e.server, e)
	go func() { e.served <- e.server.Serve(listener) }()
	return e, nil
}

func (e *engine) stop() error {
	e.server.Stop()
	return <-e.served
}

// GetDeploymentInfo announces what the engine of this SDK's version can do, as far as programs make use of it.
func (e *engine) GetDeploymentInfo(context.Context, *emptypb.Empty) (*pulumirpc.DeploymentInfo, error) {
	return &pulumirpc.DeploymentInfo{SupportedFeatures: []pulumirpc.ResourceMonitorFeature{
		pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_SECRETS,
		pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
		pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
		pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
		pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_DELETED_WITH,
		pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
		pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_TRANSFORMS,
		pulumirpc.ResourceMonitorFeature_RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
	}}, nil
}

// RegisterResource records a resource and answers with its outputs.
func (e *engine) RegisterResource(_ context.Context, request *pulumirpc.RegisterResourceRequest) (*pulumirpc.RegisterResourceResponse, error) {
	inputs, err := plugin.UnmarshalProperties(request.GetObject(), keepEverything)
	if err != nil {
		return nil, fmt.Errorf("inputs of %s %q: %w", request.GetType(), request.GetName(), err)
	}
	r := &Resource{URN: e.urn(request), Type: request.GetType(), Name: request.GetName(), Request: request, Inputs: inputs}
	if request.GetType() == string(resource.RootStackType) {
		return &pulumirpc.RegisterResourceResponse{Urn: r.URN}, nil
	}
	if err := e.record(r); err != nil {
		return nil, err
	}
	if e.options.Fail != nil {
		if err := e.options.Fail(r); err != nil {
			return nil, err
		}
	}
	return e.answer(r)
}

// answer completes the inputs to what the provider would return.
func (e *engine) answer(r *Resource) (*pulumirpc.RegisterResourceResponse, error) {
	response := &pulumirpc.RegisterResourceResponse{Urn: r.URN}
	switch {
	case !r.Request.GetCustom():
		return response, nil
	case r.IsProvider():
		response.Id = r.Name + "-id"
		if e.options.Preview {
			response.Id = plugin.UnknownStringValue
		}
	case !e.options.Preview:
		response.Id = r.Name + "-id"
	}
	outputs, found, err := outputsOf(r, e.options.Preview)
	if err != nil {
		return nil, err
	}
	e.mutex.Lock()
	e.recorded.Generated = append(e.recorded.Generated, found...)
	e.mutex.Unlock()
	for _, key := range r.Request.GetAdditionalSecretOutputs() {
		property := resource.PropertyKey(key)
		if value, ok := outputs[property]; ok && !value.IsSecret() {
			outputs[property] = resource.MakeSecret(value)
		}
	}
	if response.Object, err = plugin.MarshalProperties(outputs, keepEverything); err != nil {
		return nil, fmt.Errorf("outputs of %s %q: %w", r.Type, r.Name, err)
	}
	return response, nil
}

// record refuses what the engine would refuse: one name for two resources.
func (e *engine) record(r *Resource) error {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	for _, other := range e.recorded.Resources {
		if other.URN == r.URN {
			return fmt.Errorf("duplicate resource URN %q; try giving it a unique name", r.URN)
		}
	}
	e.recorded.Resources = append(e.recorded.Resources, r)
	return nil
}

func (e *engine) urn(request *pulumirpc.RegisterResourceRequest) string {
	var parentType tokens.Type
	if parent := resource.URN(request.GetParent()); parent != "" && parent.QualifiedType() != resource.RootStackType {
		parentType = parent.QualifiedType()
	}
	return string(resource.NewURN(tokens.QName(e.options.stack()), projectName, parentType,
		tokens.Type(request.GetType()), request.GetName()))
}

// RegisterResourceHook takes the hook and never calls it: on a first update nothing is updated or deleted.
func (e *engine) RegisterResourceHook(context.Context, *pulumirpc.RegisterResourceHookRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// RegisterResourceOutputs records the outputs of a component or of the stack.
func (e *engine) RegisterResourceOutputs(_ context.Context, request *pulumirpc.RegisterResourceOutputsRequest) (*emptypb.Empty, error) {
	outputs, err := plugin.UnmarshalProperties(request.GetOutputs(), keepEverything)
	if err != nil {
		return nil, fmt.Errorf("outputs of %s: %w", request.GetUrn(), err)
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.recorded.Registered[request.GetUrn()] = outputs
	return &emptypb.Empty{}, nil
}

// Invoke refuses: whatever a provider function would return depends on a cluster that is not there.
func (e *engine) Invoke(_ context.Context, request *pulumirpc.ResourceInvokeRequest) (*pulumirpc.ResourceInvokeResponse, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.recorded.Invokes = append(e.recorded.Invokes, request.GetTok())
	return nil, fmt.Errorf("the program invokes %s, for which the offline engine has no answer", request.GetTok())
}

// SignalAndWaitForShutdown ends a program that succeeded.
func (e *engine) SignalAndWaitForShutdown(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// Log records what a user would see.
func (e *engine) Log(_ context.Context, request *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.recorded.Logs = append(e.recorded.Logs, request.GetMessage())
	return &emptypb.Empty{}, nil
}

// SetRootResource and GetRootResource keep the URN of the stack.
func (e *engine) SetRootResource(_ context.Context, request *pulumirpc.SetRootResourceRequest) (*pulumirpc.SetRootResourceResponse, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.root = request.GetUrn()
	return &pulumirpc.SetRootResourceResponse{}, nil
}

// GetRootResource returns the URN that SetRootResource was given.
func (e *engine) GetRootResource(context.Context, *pulumirpc.GetRootResourceRequest) (*pulumirpc.GetRootResourceResponse, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return &pulumirpc.GetRootResourceResponse{Urn: e.root}, nil
}
