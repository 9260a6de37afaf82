// Package release implements the resource type kubernetes:helm.sh/v3:Release with the Helm SDK.
package release

import (
	"context"
	"fmt"
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	helm "helm.sh/helm/v3/pkg/release"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/kube"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/property"
	"github.com/federated-risk/federated-risk/tests/sandbox/pluginserver"
)

// autonameLength is the number of random characters in the name of a release that the program does not name.
const autonameLength = 8

// Releases are the resources that are Helm releases, in one cluster.
type Releases struct {
	client  func() (*kube.Client, error)
	host    *pluginserver.Host
	declare func(manifest string)
	adopt   bool
}

// New returns the releases of the cluster that client connects to. declare gets the manifests of each chart that is
// going to be installed. adopt allows a release that exists already to be taken over.
func New(
	client func() (*kube.Client, error), host *pluginserver.Host, declare func(manifest string), adopt bool,
) *Releases {
	return &Releases{client: client, host: host, declare: declare, adopt: adopt}
}

// Check completes the inputs with a name, a namespace, the chart's exact version and a local chart's checksum, and
// validates the values against the chart. What is not known yet postpones the latter.
func (r *Releases) Check(_ context.Context, req plugin.CheckRequest) (plugin.CheckResponse, error) {
	if failures := checkOptions(req.News); len(failures) > 0 {
		return plugin.CheckResponse{Failures: failures}, nil
	}
	client, err := r.client()
	if err != nil {
		return plugin.CheckResponse{}, err
	}
	inputs := req.News.Copy()
	delete(inputs, "compat")
	delete(inputs, "checksum")
	if isEmpty(inputs["namespace"]) {
		inputs["namespace"] = resource.NewProperty(client.Namespace())
	}
	if isEmpty(inputs["name"]) {
		name, err := autoname(req)
		if err != nil {
			return fail("name", err, inputs)
		}
		inputs["name"] = resource.NewProperty(name)
	}
	if isEmpty(inputs["chart"]) {
		return fail("chart", fmt.Errorf("is required: the name, path or address of a chart"), inputs)
	}
	release, err := decode(inputs)
	if err != nil {
		return fail("", err, inputs)
	}
	if inputs["chart"].ContainsUnknowns() || inputs["version"].ContainsUnknowns() ||
		inputs["repositoryOpts"].ContainsUnknowns() {
		return plugin.CheckResponse{Properties: inputs}, nil
	}
	if key, err := r.checkChart(client, release, inputs); err != nil {
		return fail(key, fmt.Errorf("%s: %w", release, err), inputs)
	}
	return plugin.CheckResponse{Properties: inputs}, nil
}

// checkChart loads the chart, adds to inputs what is known of it then, and renders it. It returns the input at fault.
func (r *Releases) checkChart(
	client *kube.Client, release args, inputs resource.PropertyMap,
) (resource.PropertyKey, error) {
	loaded, path, err := release.load()
	if err != nil {
		return "chart", err
	}
	inputs["version"] = resource.NewProperty(loaded.Metadata.Version)
	if release.isLocal() {
		inputs["checksum"] = resource.NewProperty(checksum(loaded))
	}
	if inputs.ContainsUnknowns() {
		return "", nil
	}
	if release.Lint {
		if err := release.lint(path); err != nil {
			return "lint", err
		}
	}
	manifest, err := release.render(client, loaded)
	if err != nil {
		return "values", err
	}
	r.declare(manifest)
	return "", nil
}

func fail(key resource.PropertyKey, err error, inputs resource.PropertyMap) (plugin.CheckResponse, error) {
	return plugin.CheckResponse{Failures: []plugin.CheckFailure{
		{Property: key, Reason: property.Redact(err.Error(), inputs)},
	}}, nil
}

func isEmpty(value resource.PropertyValue) bool {
	inner, _ := property.Unwrap(value)
	return inner.IsNull() || inner.IsString() && inner.StringValue() == ""
}

// autoname returns the name from before, or a new one.
func autoname(req plugin.CheckRequest) (string, error) {
	if old, _ := property.Unwrap(req.Olds["name"]); old.IsString() && old.StringValue() != "" {
		return old.StringValue(), nil
	}
	if req.Autonaming != nil {
		switch {
		case req.Autonaming.Mode == plugin.AutonamingModeDisabled:
			return "", fmt.Errorf("automatic naming is disabled: set the release's name")
		case req.Autonaming.ProposedName != "":
			return req.Autonaming.ProposedName, nil
		}
	}
	name, err := resource.NewUniqueName(req.RandomSeed, req.URN.Name()+"-", autonameLength, 0, nil)
	if err != nil {
		return "", fmt.Errorf("make up a name: %w", err)
	}
	return name, nil
}

// Diff compares old and new inputs. Another name or namespace is another release; any other change is an upgrade.
func (r *Releases) Diff(_ context.Context, req plugin.DiffRequest) (plugin.DiffResponse, error) {
	before, after := withNulls(req.OldInputs), withNulls(req.NewInputs)
	result := plugin.DiffResult{
		Changes: plugin.DiffNone,
		// Two releases of one name cannot coexist, whoever asks for the replacement.
		DeleteBeforeReplace: before["name"].DeepEquals(after["name"]) && before["namespace"].DeepEquals(after["namespace"]),
	}
	detailed := property.Diff(before, after)
	if len(detailed) == 0 {
		return result, nil
	}
	for _, path := range []string{"name", "namespace"} {
		if change, ok := detailed[path]; ok {
			detailed[path] = change.ToReplace()
		}
	}
	result.Changes, result.DetailedDiff = plugin.DiffSome, detailed
	return result, nil
}

// withNulls makes nulls in a chart's values, which take defaults away, differ from absent values.
func withNulls(inputs resource.PropertyMap) resource.PropertyMap {
	values, _ := property.Unwrap(inputs["values"])
	if !values.IsObject() {
		return inputs
	}
	marked := inputs.Copy()
	marked["values"] = markNulls(values)
	return marked
}

func markNulls(value resource.PropertyValue) resource.PropertyValue {
	inner, _ := property.Unwrap(value)
	switch {
	case inner.IsNull():
		return resource.NewProperty(resource.PropertyMap{})
	case inner.IsObject():
		marked := resource.PropertyMap{}
		for key, element := range inner.ObjectValue() {
			marked[key] = markNulls(element)
		}
		return resource.NewProperty(marked)
	default:
		return inner
	}
}

// Create installs the release, or in a preview does nothing: Check has rendered it.
func (r *Releases) Create(ctx context.Context, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	if req.Preview {
		return plugin.CreateResponse{Properties: previewOutputs(req.Properties)}, nil
	}
	release, err := decode(req.Properties)
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	outputs, err := r.deploy(ctx, operation{
		urn: req.URN, args: release, inputs: req.Properties, timeout: release.timeout(req.Timeout), create: true,
	})
	return plugin.CreateResponse{ID: release.id(), Properties: outputs}, redact(err, req.Properties)
}

// Update upgrades the release.
func (r *Releases) Update(ctx context.Context, req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	if req.Preview {
		return plugin.UpdateResponse{Properties: previewOutputs(req.NewInputs)}, nil
	}
	release, err := decode(req.NewInputs)
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	outputs, err := r.deploy(ctx, operation{
		urn: req.URN, args: release, inputs: req.NewInputs, timeout: release.timeout(req.Timeout),
	})
	return plugin.UpdateResponse{Properties: outputs}, redact(err, req.OldInputs, req.NewInputs)
}

// Delete uninstalls the release and waits until its objects are gone.
func (r *Releases) Delete(ctx context.Context, req plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	release, err := decode(req.Inputs)
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	release.Namespace, release.Name = parseID(req.ID, release)
	helm, err := r.helm(release.Namespace)
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	r.host.LogStatus(ctx, diag.Info, req.URN, "uninstalling the release")
	err = helm.uninstall(ctx, release, release.timeout(req.Timeout))
	return plugin.DeleteResponse{}, redact(err, req.Inputs, req.Outputs)
}

// Read returns the release as Helm has it. A chart version or values that someone else has set show in the inputs.
func (r *Releases) Read(_ context.Context, req plugin.ReadRequest) (plugin.ReadResponse, error) {
	release, err := decode(req.Inputs)
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	release.Namespace, release.Name = parseID(req.ID, release)
	if release.Namespace == "" || release.Name == "" {
		return plugin.ReadResponse{}, fmt.Errorf("ID %q names no release: expected <namespace>/<name>", req.ID)
	}
	connection, err := r.helm(release.Namespace)
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	last, err := connection.last(release.Name)
	if last == nil || err != nil {
		return plugin.ReadResponse{}, err // without an ID: the release does not exist
	}
	inputs := req.Inputs
	if len(inputs) == 0 {
		inputs = importInputs(last)
	} else {
		inputs = observed(release, inputs, last)
	}
	outputs := toOutputs(inputs, last)
	result := plugin.ReadResponse{ReadResult: plugin.ReadResult{ID: release.id(), Inputs: inputs, Outputs: outputs}}
	if status := last.Info.Status; status != helm.StatusDeployed {
		reason := property.Redact(fmt.Sprintf("%s is %s: %s", release, status, last.Info.Description), inputs)
		return result, property.InitFailed(release.id(), inputs, outputs, reason)
	}
	return result, nil
}

func importInputs(last *helm.Release) resource.PropertyMap {
	inputs := resource.PropertyMap{
		"name":      resource.NewProperty(last.Name),
		"namespace": resource.NewProperty(last.Namespace),
		"chart":     resource.NewProperty(last.Chart.Metadata.Name),
		"version":   resource.NewProperty(last.Chart.Metadata.Version),
	}
	if len(last.Config) > 0 {
		inputs["values"] = resource.NewProperty(property.FromPlain(last.Config))
	}
	return inputs
}

// observed returns inputs with the chart version and values that the release has.
func observed(release args, inputs resource.PropertyMap, last *helm.Release) resource.PropertyMap {
	result := inputs.Copy()
	if version := last.Chart.Metadata.Version; version != release.Version {
		result["version"] = resource.NewProperty(version)
	}
	if !release.ReuseValues && !sameValues(release.Values, last.Config) {
		live := resource.PropertyMap{"values": resource.NewProperty(property.FromPlain(last.Config))}
		result["values"] = property.MarkSecrets(live, inputs)["values"]
		delete(result, "valueYamlFiles")
	}
	return result
}

// sameValues compares values as JSON does, to which Helm's storage converts them.
func sameValues(declared, stored map[string]any) bool {
	if len(declared) == 0 && len(stored) == 0 {
		return true
	}
	return reflect.DeepEqual(
		property.FromPlain(declared).Mappable(), property.FromPlain(stored).Mappable())
}
