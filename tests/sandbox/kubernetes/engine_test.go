package kubernetes_test

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"
	"sigs.k8s.io/yaml"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster"
	"github.com/federated-risk/federated-risk/tests/sandbox/cluster/clustertest"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes"
	"github.com/federated-risk/federated-risk/tests/sandbox/pluginserver"
)

// engine drives a provider the way that Pulumi's engine does: through the engine's own client, over gRPC.
type engine struct {
	t       *testing.T
	plugin  plugin.Provider
	cluster *cluster.Cluster
	live    *liveCluster
}

// state is what the engine records of a resource.
type state struct {
	urn             resource.URN
	id              resource.ID
	inputs, outputs resource.PropertyMap
}

func urn(token, name string) resource.URN {
	return resource.NewURN("test", "kubernetes", "", tokens.Type(token), name)
}

// values parses YAML as inputs. Tabs, for Go's sake, count as two spaces; a string "<secret>x" is the secret x, and
// "<unknown>" is not known yet.
func values(t *testing.T, text string) resource.PropertyMap {
	t.Helper()
	var object map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(strings.ReplaceAll(text, "\t", "  ")), &object))
	return resource.NewPropertyMapFromMapRepl(object, nil, func(v any) (resource.PropertyValue, bool) {
		text, _ := v.(string)
		if text == "<unknown>" {
			return resource.MakeComputed(resource.NewProperty("")), true
		}
		if secret, ok := strings.CutPrefix(text, "<secret>"); ok {
			return resource.MakeSecret(resource.NewProperty(secret)), true
		}
		return resource.PropertyValue{}, false
	})
}

// connect serves a new provider over gRPC and returns the engine's client of it.
func connect(t *testing.T) plugin.Provider {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	pulumirpc.RegisterResourceProviderServer(server, pluginserver.NewServer(kubernetes.New(&pluginserver.Host{})))
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	client := plugin.NewProviderWithClient(nil, pulumirpc.NewResourceProviderClient(conn), false)
	_, err = client.Handshake(t.Context(), plugin.ProviderHandshakeRequest{})
	require.NoError(t, err)
	return client
}

func configure(t *testing.T, provider plugin.Provider, options resource.PropertyMap) {
	t.Helper()
	providerURN := urn("pulumi:providers:kubernetes", "cluster")
	checked, err := provider.CheckConfig(t.Context(), plugin.CheckConfigRequest{URN: providerURN, News: options})
	require.NoError(t, err)
	require.Empty(t, checked.Failures)
	token, name, id := providerURN.Type(), providerURN.Name(), resource.ID("cluster")
	_, err = provider.Configure(t.Context(), plugin.ConfigureRequest{
		URN: &providerURN, Type: &token, Name: &name, ID: &id, Inputs: checked.Properties,
	})
	require.NoError(t, err)
}

// programOptions are the provider options that the platform's own program sets.
func programOptions() resource.PropertyMap {
	on := resource.NewProperty(true)
	return resource.PropertyMap{
		"enableServerSideApply": on, "enablePatchForce": on, "upsertExistingObjects": on,
		"enableSecretMutable": on, "enableConfigMapMutable": on,
	}
}

// start returns an engine whose provider talks to the shared test cluster, with options besides.
func start(t *testing.T, options resource.PropertyMap) *engine {
	t.Helper()
	shared := clustertest.Start(t)
	provider := connect(t)
	options = options.Copy()
	options["kubeconfig"] = resource.NewProperty(shared.Kubeconfig())
	options["context"] = resource.NewProperty(shared.Context())
	configure(t, provider, options)
	return &engine{t: t, plugin: provider, cluster: shared, live: liveOf(t, shared)}
}

// check returns the completed inputs, and the failures as "path: reason".
func (e *engine) check(token, name string, inputs, old resource.PropertyMap) (resource.PropertyMap, []string) {
	e.t.Helper()
	response, err := e.plugin.Check(e.t.Context(), plugin.CheckRequest{
		URN: urn(token, name), Olds: old, News: inputs, AllowUnknowns: true, RandomSeed: []byte("0123456789012345678901234567890" + "1"),
	})
	require.NoError(e.t, err)
	var failures []string
	for _, failure := range response.Failures {
		failures = append(failures, fmt.Sprintf("%s: %s", failure.Property, failure.Reason))
	}
	return response.Properties, failures
}

func (e *engine) mustCheck(token, name string, inputs, old resource.PropertyMap) resource.PropertyMap {
	e.t.Helper()
	checked, failures := e.check(token, name, inputs, old)
	require.Empty(e.t, failures)
	return checked
}

func (e *engine) diff(old *state, inputs resource.PropertyMap) plugin.DiffResponse {
	e.t.Helper()
	response, err := e.plugin.Diff(e.t.Context(), plugin.DiffRequest{
		URN: old.urn, ID: old.id, OldInputs: old.inputs, OldOutputs: old.outputs, NewInputs: inputs, AllowUnknowns: true,
	})
	require.NoError(e.t, err)
	return response
}

// create checks and creates, after a preview. On an error the state is what the engine would record, nil for nothing.
func (e *engine) create(token, name, inputs string) (*state, error) {
	e.t.Helper()
	return e.createFrom(token, name, values(e.t, inputs))
}

func (e *engine) createFrom(token, name string, inputs resource.PropertyMap) (*state, error) {
	e.t.Helper()
	checked := e.mustCheck(token, name, inputs, nil)
	request := plugin.CreateRequest{URN: urn(token, name), Properties: checked, Preview: true}
	if _, err := e.plugin.Create(e.t.Context(), request); err != nil {
		return nil, fmt.Errorf("preview: %w", err)
	}
	request.Preview = false
	response, err := e.plugin.Create(e.t.Context(), request)
	if err != nil && response.Status != resource.StatusPartialFailure {
		return nil, err
	}
	return &state{urn: request.URN, id: response.ID, inputs: checked, outputs: response.Properties}, err
}

func (e *engine) mustCreate(token, name, inputs string) *state {
	e.t.Helper()
	created, err := e.create(token, name, inputs)
	require.NoError(e.t, err)
	return created
}

// update checks, diffs and, if there is a difference, updates in place after a preview. It returns what the diff called
// for: same, update or replace (which it leaves to the caller).
func (e *engine) update(old *state, inputs string) (string, *state, error) {
	e.t.Helper()
	return e.updateFrom(old, values(e.t, inputs))
}

func (e *engine) updateFrom(old *state, inputs resource.PropertyMap) (string, *state, error) {
	e.t.Helper()
	checked := e.mustCheck(string(old.urn.Type()), old.urn.Name(), inputs, old.inputs)
	diff := e.diff(old, checked)
	switch {
	case diff.Changes == plugin.DiffNone:
		return "same", old, nil
	case diff.Replace():
		return "replace", old, nil
	}
	request := plugin.UpdateRequest{
		URN: old.urn, ID: old.id, OldInputs: old.inputs, OldOutputs: old.outputs, NewInputs: checked, Preview: true,
	}
	if _, err := e.plugin.Update(e.t.Context(), request); err != nil {
		return "update", old, fmt.Errorf("preview: %w", err)
	}
	request.Preview = false
	response, err := e.plugin.Update(e.t.Context(), request)
	if err != nil && response.Status != resource.StatusPartialFailure {
		return "update", old, err
	}
	return "update", &state{urn: old.urn, id: old.id, inputs: checked, outputs: response.Properties}, err
}

// refresh returns the resource as the provider reads it, nil if it is gone.
func (e *engine) refresh(old *state) *state {
	e.t.Helper()
	response, err := e.plugin.Read(e.t.Context(), plugin.ReadRequest{
		URN: old.urn, ID: old.id, Inputs: old.inputs, State: old.outputs,
	})
	require.True(e.t, err == nil || response.Status == resource.StatusPartialFailure, "%v", err)
	if response.ID == "" || response.Outputs == nil {
		return nil
	}
	return &state{urn: old.urn, id: response.ID, inputs: response.Inputs, outputs: response.Outputs}
}

func (e *engine) delete(old *state, timeout time.Duration) error {
	_, err := e.plugin.Delete(e.t.Context(), plugin.DeleteRequest{
		URN: old.urn, ID: old.id, Inputs: old.inputs, Outputs: old.outputs, Timeout: timeout.Seconds(),
	})
	return err
}

// changed lists the paths of a diff, those that need a replacement with a "!".
func changed(diff plugin.DiffResponse) []string {
	var paths []string
	for _, path := range slices.Sorted(maps.Keys(diff.DetailedDiff)) {
		if slices.Contains(diff.ReplaceKeys, resource.PropertyKey(path)) || diff.DetailedDiff[path].Kind.IsReplace() {
			path = "!" + path
		}
		paths = append(paths, path)
	}
	return paths
}

// namespace creates a namespace of the test's own, which is deleted in the end.
func (e *engine) namespace() string {
	e.t.Helper()
	name := "t-" + strings.ToLower(strings.NewReplacer("/", "-", "_", "-", " ", "-").Replace(e.t.Name()))
	name = strings.Trim(name[:min(len(name), 55)], "-")
	e.live.apply("v1", "Namespace", "", name, "{}")
	e.t.Cleanup(func() { e.live.delete("v1", "Namespace", "", name) })
	return name
}

// liveCluster reads and edits objects behind the provider's back.
type liveCluster struct {
	t      *testing.T
	client dynamic.Interface
	mapper meta.RESTMapper
}

func liveOf(t *testing.T, of *cluster.Cluster) *liveCluster {
	t.Helper()
	config, err := of.RESTConfig()
	require.NoError(t, err)
	client, err := dynamic.NewForConfig(config)
	require.NoError(t, err)
	served, err := discovery.NewDiscoveryClientForConfig(config)
	require.NoError(t, err)
	return &liveCluster{t: t, client: client, mapper: restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(served))}
}

func (l *liveCluster) resource(apiVersion, kind, namespace string) dynamic.ResourceInterface {
	l.t.Helper()
	version, err := schema.ParseGroupVersion(apiVersion)
	require.NoError(l.t, err)
	mapping, err := l.mapper.RESTMapping(schema.GroupKind{Group: version.Group, Kind: kind}, version.Version)
	require.NoError(l.t, err)
	if namespace == "" {
		return l.client.Resource(mapping.Resource)
	}
	return l.client.Resource(mapping.Resource).Namespace(namespace)
}

// get returns the object, nil if there is none.
func (l *liveCluster) get(apiVersion, kind, namespace, name string) *unstructured.Unstructured {
	l.t.Helper()
	object, err := l.resource(apiVersion, kind, namespace).Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		require.ErrorContains(l.t, err, "not found")
		return nil
	}
	return object
}

// apply writes fields, in YAML, as another manager would.
func (l *liveCluster) apply(apiVersion, kind, namespace, name, fields string) {
	l.t.Helper()
	var object map[string]any
	require.NoError(l.t, yaml.Unmarshal([]byte(strings.ReplaceAll(fields, "\t", "  ")), &object))
	applied := &unstructured.Unstructured{Object: object}
	applied.SetAPIVersion(apiVersion)
	applied.SetKind(kind)
	applied.SetName(name)
	applied.SetNamespace(namespace)
	_, err := l.resource(apiVersion, kind, namespace).Apply(context.Background(), name, applied,
		metav1.ApplyOptions{FieldManager: "somebody-else", Force: true})
	require.NoError(l.t, err)
}

// patch edits the object with a JSON patch, as kubectl edit does.
func (l *liveCluster) patch(apiVersion, kind, namespace, name, patch string) {
	l.t.Helper()
	_, err := l.resource(apiVersion, kind, namespace).Patch(context.Background(), name, types.JSONPatchType, []byte(patch),
		metav1.PatchOptions{FieldManager: "kubectl-edit"})
	require.NoError(l.t, err)
}

func (l *liveCluster) delete(apiVersion, kind, namespace, name string) {
	_ = l.resource(apiVersion, kind, namespace).Delete(context.Background(), name, metav1.DeleteOptions{})
}
