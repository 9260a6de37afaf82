// Package kubernetes is the sandbox's stand-in for Pulumi's kubernetes provider plugin: Kubernetes objects of any kind by
// server-side apply, patches of objects, and Helm releases. docs/sandbox-plugins.md lists where it differs from the
// official plugin.
package kubernetes

import (
	"context"
	"fmt"
	"reflect"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/kube"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/property"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/release"
	"github.com/federated-risk/federated-risk/tests/sandbox/pluginserver"
)

// Provider implements plugin.Provider for the package kubernetes.
type Provider struct {
	plugin.UnimplementedProvider

	host *pluginserver.Host
	// ctx ends when the engine cancels the operation.
	ctx    context.Context
	cancel context.CancelFunc

	mu       sync.RWMutex
	objects  *objects
	releases *release.Releases
}

// New returns a provider that reports its progress to host.
func New(host *pluginserver.Host) plugin.Provider {
	ctx, cancel := context.WithCancel(context.Background())
	return &Provider{host: host, ctx: ctx, cancel: cancel}
}

// resources are the operations on the resources of one sort.
type resources interface {
	Check(context.Context, plugin.CheckRequest) (plugin.CheckResponse, error)
	Diff(context.Context, plugin.DiffRequest) (plugin.DiffResponse, error)
	Create(context.Context, plugin.CreateRequest) (plugin.CreateResponse, error)
	Read(context.Context, plugin.ReadRequest) (plugin.ReadResponse, error)
	Update(context.Context, plugin.UpdateRequest) (plugin.UpdateResponse, error)
	Delete(context.Context, plugin.DeleteRequest) (plugin.DeleteResponse, error)
}

// Handshake tells the engine what the provider understands.
func (p *Provider) Handshake(
	context.Context, plugin.ProviderHandshakeRequest,
) (*plugin.ProviderHandshakeResponse, error) {
	return &plugin.ProviderHandshakeResponse{
		AcceptSecrets: true, AcceptResources: true, AcceptOutputs: true, SupportsAutonamingConfiguration: true,
	}, nil
}

// Close has nothing to release.
func (p *Provider) Close() error { return nil }

// SignalCancellation ends the waits in progress, and every call that comes after.
func (p *Provider) SignalCancellation(context.Context) error {
	p.cancel()
	return nil
}

// CheckConfig refuses provider options that are unknown or malformed.
func (p *Provider) CheckConfig(
	_ context.Context, req plugin.CheckConfigRequest,
) (plugin.CheckConfigResponse, error) {
	_, failures := parseSettings(req.News)
	return plugin.CheckConfigResponse{Properties: req.News, Failures: failures}, nil
}

// DiffConfig replaces the provider, and with it its resources, when it points at another cluster. If both the old and
// the new configuration have a clusterIdentifier, that alone decides.
func (p *Provider) DiffConfig(
	_ context.Context, req plugin.DiffConfigRequest,
) (plugin.DiffConfigResponse, error) {
	detailed := property.Diff(req.OldInputs, req.NewInputs)
	if len(detailed) == 0 {
		return plugin.DiffResult{Changes: plugin.DiffNone}, nil
	}
	replace, err := otherCluster(req.OldInputs, req.NewInputs)
	if err != nil {
		return plugin.DiffResult{}, err
	}
	if replace {
		for path, change := range detailed {
			switch property.Parse(path)[0] {
			case "kubeconfig", "context", "cluster", "clusterIdentifier":
				detailed[path] = change.ToReplace()
			}
		}
	}
	return plugin.DiffResult{Changes: plugin.DiffSome, DetailedDiff: detailed}, nil
}

func otherCluster(before, after resource.PropertyMap) (bool, error) {
	oldSettings, _ := parseSettings(before)
	newSettings, _ := parseSettings(after)
	if oldSettings.clusterIdentifier != "" && newSettings.clusterIdentifier != "" {
		return oldSettings.clusterIdentifier != newSettings.clusterIdentifier, nil
	}
	for _, key := range []resource.PropertyKey{"kubeconfig", "context", "cluster"} {
		if after[key].ContainsUnknowns() {
			return true, nil
		}
	}
	oldCluster, err := oldSettings.cluster.ActiveCluster()
	if err != nil {
		return false, nil //nolint:nilerr // the old kubeconfig may be gone: nothing to compare with
	}
	newCluster, err := newSettings.cluster.ActiveCluster()
	if err != nil {
		return false, err
	}
	return oldCluster != nil && newCluster != nil && !reflect.DeepEqual(oldCluster, newCluster), nil
}

// Configure sets the cluster up that the resources are in. It does not contact it.
func (p *Provider) Configure(
	_ context.Context, req plugin.ConfigureRequest,
) (plugin.ConfigureResponse, error) {
	parsed, failures := parseSettings(req.Inputs)
	if len(failures) > 0 {
		return plugin.ConfigureResponse{}, fmt.Errorf("provider option %s: %s", failures[0].Property, failures[0].Reason)
	}
	connection := &connection{settings: parsed.cluster}
	if !parsed.suppressDeprecationWarnings {
		connection.warn = p.warn
	}
	declared := newDeclaredKinds()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.objects = &objects{settings: parsed, connection: connection, declared: declared, host: p.host}
	p.releases = release.New(connection.client, p.host, declared.addManifest, parsed.upsertExistingObjects)
	return plugin.ConfigureResponse{}, nil
}

// connection makes the cluster's client when a resource first needs it.
type connection struct {
	settings kube.Settings
	warn     func(context.Context, string)

	mu   sync.Mutex
	made *kube.Client
}

func (c *connection) client() (*kube.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made == nil {
		made, err := kube.NewClient(c.settings, c.warn)
		if err != nil {
			return nil, err
		}
		c.made = made
	}
	return c.made, nil
}

type urnKey struct{}

// warn shows a warning of the API server beside the resource that the request was for.
func (p *Provider) warn(ctx context.Context, warning string) {
	urn, _ := ctx.Value(urnKey{}).(resource.URN)
	p.host.Log(ctx, diag.Warning, urn, warning)
}

// operation returns the resources of the sort that type token and inputs stand for, and a context for an operation on urn
// that ends with the call, or when the engine cancels.
func (p *Provider) operation(
	ctx context.Context, token tokens.Type, urn resource.URN, inputs resource.PropertyMap,
) (resources, context.Context, context.CancelFunc, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.objects == nil {
		return nil, nil, nil, fmt.Errorf("%s: the provider has not been configured yet", urn)
	}
	ctx, cancel := context.WithCancel(context.WithValue(ctx, urnKey{}, urn))
	stop := context.AfterFunc(p.ctx, cancel)
	release := func() { stop(); cancel() }
	switch {
	case token == releaseToken:
		return p.releases, ctx, release, nil
	case isPatch(token, inputs):
		return &patches{p.objects}, ctx, release, nil
	default:
		return p.objects, ctx, release, nil
	}
}

// Check validates inputs and completes them with a name and a namespace.
func (p *Provider) Check(ctx context.Context, req plugin.CheckRequest) (plugin.CheckResponse, error) {
	of, ctx, done, err := p.operation(ctx, req.Type, req.URN, req.News)
	if err != nil {
		return plugin.CheckResponse{}, err
	}
	defer done()
	return of.Check(ctx, req)
}

// Diff compares old and new inputs, and asks the API server which changes it cannot make in place.
func (p *Provider) Diff(ctx context.Context, req plugin.DiffRequest) (plugin.DiffResponse, error) {
	of, ctx, done, err := p.operation(ctx, req.Type, req.URN, req.NewInputs)
	if err != nil {
		return plugin.DiffResponse{}, err
	}
	defer done()
	return of.Diff(ctx, req)
}

// Create creates the resource and waits until it is ready; in a preview the API server tries it without storing it.
func (p *Provider) Create(ctx context.Context, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	of, ctx, done, err := p.operation(ctx, req.Type, req.URN, req.Properties)
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	defer done()
	return of.Create(ctx, req)
}

// Read returns the resource as it is in the cluster, for a refresh or an import.
func (p *Provider) Read(ctx context.Context, req plugin.ReadRequest) (plugin.ReadResponse, error) {
	of, ctx, done, err := p.operation(ctx, req.Type, req.URN, req.Inputs)
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	defer done()
	return of.Read(ctx, req)
}

// Update changes the resource and waits until it is ready; in a preview the API server tries it without storing it.
func (p *Provider) Update(ctx context.Context, req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	of, ctx, done, err := p.operation(ctx, req.Type, req.URN, req.NewInputs)
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	defer done()
	return of.Update(ctx, req)
}

// Delete deletes the resource and waits until it is gone.
func (p *Provider) Delete(ctx context.Context, req plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	of, ctx, done, err := p.operation(ctx, req.Type, req.URN, req.Inputs)
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	defer done()
	return of.Delete(ctx, req)
}

// Construct refuses the package's component resources.
func (p *Provider) Construct(_ context.Context, req plugin.ConstructRequest) (plugin.ConstructResponse, error) {
	return plugin.ConstructResponse{}, unsupported(req.Type)
}

// Invoke refuses the package's functions.
func (p *Provider) Invoke(_ context.Context, req plugin.InvokeRequest) (plugin.InvokeResponse, error) {
	return plugin.InvokeResponse{}, fmt.Errorf("function %q is not supported by the sandbox's kubernetes plugin", req.Tok)
}

// Call refuses the package's methods.
func (p *Provider) Call(_ context.Context, req plugin.CallRequest) (plugin.CallResponse, error) {
	return plugin.CallResponse{}, fmt.Errorf("method %q is not supported by the sandbox's kubernetes plugin", req.Tok)
}

// GetMapping has no mapping for any other ecosystem.
func (p *Provider) GetMapping(context.Context, plugin.GetMappingRequest) (plugin.GetMappingResponse, error) {
	return plugin.GetMappingResponse{}, nil
}

// GetMappings has no mapping for any other ecosystem.
func (p *Provider) GetMappings(context.Context, plugin.GetMappingsRequest) (plugin.GetMappingsResponse, error) {
	return plugin.GetMappingsResponse{}, nil
}
