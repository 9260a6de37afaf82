package localonly

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Diff compares inputs. A change replaces the resource unless all changed inputs are in-place ones; so does a renewal
// that is due, whose reason is then the property readyForRenewal.
func (p *Provider) Diff(_ context.Context, req plugin.DiffRequest) (plugin.DiffResponse, error) {
	kind, err := p.resource(req.Type)
	if err != nil {
		return plugin.DiffResponse{}, err
	}
	inPlace := map[resource.PropertyKey]bool{}
	for _, field := range kind.Inputs {
		inPlace[field.Name] = field.InPlace
	}
	oldInputs, newInputs := resource.PropertyMap(reveal(req.OldInputs)), resource.PropertyMap(reveal(req.NewInputs))
	diff := plugin.DiffResponse{Changes: plugin.DiffNone, DetailedDiff: map[string]plugin.PropertyDiff{}}
	changed, replacing := map[resource.PropertyKey]bool{}, map[resource.PropertyKey]bool{}
	for path, change := range plugin.NewDetailedDiffFromObjectDiff(oldInputs.Diff(newInputs), true) {
		name := root(path)
		changed[name] = true
		if !inPlace[name] {
			change = change.ToReplace()
			replacing[name] = true
		}
		diff.DetailedDiff[path] = change
	}
	if kind.renewalDue(req, p.now()) {
		diff.DetailedDiff[string(ReadyForRenewal)] = plugin.PropertyDiff{Kind: plugin.DiffUpdateReplace}
		changed[ReadyForRenewal], replacing[ReadyForRenewal] = true, true
	}
	if len(diff.DetailedDiff) > 0 {
		diff.Changes = plugin.DiffSome
	}
	diff.ChangedKeys, diff.ReplaceKeys = slices.Sorted(maps.Keys(changed)), slices.Sorted(maps.Keys(replacing))
	return diff, nil
}

// renewalDue looks at the outputs as they will be with the new inputs: a longer early renewal counts at once.
func (r Resource) renewalDue(req plugin.DiffRequest, now time.Time) bool {
	if r.Renewal == nil {
		return false
	}
	outputs := maps.Clone(reveal(req.OldOutputs))
	maps.Copy(outputs, reveal(req.NewInputs))
	return r.Renewal(outputs, now)
}

// root returns the first name of a property path.
func root(path string) resource.PropertyKey {
	if parsed, err := resource.ParsePropertyPath(path); err == nil && len(parsed) > 0 {
		if name, ok := parsed[0].(string); ok {
			return resource.PropertyKey(name)
		}
	}
	return resource.PropertyKey(path)
}

// state joins inputs and generated outputs and marks what is secret.
func (r Resource) state(inputs, generated resource.PropertyMap) resource.PropertyMap {
	joined := inputs.Copy()
	maps.Copy(joined, generated)
	return r.markSecrets(joined)
}

// markSecrets wraps the outputs and inputs that are always secret, where they are not yet. It changes properties.
func (r Resource) markSecrets(properties resource.PropertyMap) resource.PropertyMap {
	mark := func(name resource.PropertyKey) {
		if value, ok := properties[name]; ok && !value.IsSecret() {
			properties[name] = resource.MakeSecret(value)
		}
	}
	for _, output := range r.Outputs {
		if output.Secret {
			mark(resource.PropertyKey(output.Name))
		}
	}
	for _, field := range r.Inputs {
		if field.Secret {
			mark(field.Name)
		}
	}
	return properties
}

// read makes a resource from its import ID. Errors never contain the ID, which can be the secret itself.
func (r Resource) read(req plugin.ReadRequest) (plugin.ReadResponse, error) {
	if r.Import == nil {
		return plugin.ReadResponse{}, fmt.Errorf("%s: a resource of type %s cannot be imported", req.URN, req.Type)
	}
	imported, err := r.Import(string(req.ID))
	if err != nil {
		return plugin.ReadResponse{}, fmt.Errorf("import %s: %w", req.URN, err)
	}
	check := &checker{}
	inputs := check.properties("", r.Inputs, imported.Inputs)
	if r.Normalize != nil {
		r.Normalize(inputs)
	}
	if len(check.faults) > 0 {
		return plugin.ReadResponse{}, fmt.Errorf("import %s: %s", req.URN, strings.Join(check.faults, "; "))
	}
	return plugin.ReadResponse{
		ReadResult: plugin.ReadResult{ID: imported.ID, Inputs: inputs, Outputs: r.state(inputs, imported.Outputs)},
		Status:     resource.StatusOK,
	}, nil
}
