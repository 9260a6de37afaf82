package kubernetes

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/kube"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/property"
)

// settings are the options of the provider resource, in the meaning that the official plugin's documentation gives
// them.
type settings struct {
	cluster                     kube.Settings
	clusterIdentifier           string
	enablePatchForce            bool
	upsertExistingObjects       bool
	enableSecretMutable         bool
	enableConfigMapMutable      bool
	suppressDeprecationWarnings bool
}

// setting reads one option into the settings. A value that is not known yet is skipped: Configure, where the values
// count, gets no such value outside of previews.
type setting func(*settings, resource.PropertyValue) error

var options = map[resource.PropertyKey]setting{
	"kubeconfig":                  kubeconfigSetting,
	"context":                     stringSetting(func(s *settings) *string { return &s.cluster.Context }),
	"cluster":                     stringSetting(func(s *settings) *string { return &s.cluster.Cluster }),
	"namespace":                   stringSetting(func(s *settings) *string { return &s.cluster.Namespace }),
	"clusterIdentifier":           stringSetting(func(s *settings) *string { return &s.clusterIdentifier }),
	"enablePatchForce":            boolSetting(func(s *settings) *bool { return &s.enablePatchForce }),
	"upsertExistingObjects":       boolSetting(func(s *settings) *bool { return &s.upsertExistingObjects }),
	"enableSecretMutable":         boolSetting(func(s *settings) *bool { return &s.enableSecretMutable }),
	"enableConfigMapMutable":      boolSetting(func(s *settings) *bool { return &s.enableConfigMapMutable }),
	"suppressDeprecationWarnings": boolSetting(func(s *settings) *bool { return &s.suppressDeprecationWarnings }),
	"enableServerSideApply":       serverSideApplySetting,
	"kubeClientSettings":          clientSetting,
	// The engine's own, not the plugin's.
	"version":           func(*settings, resource.PropertyValue) error { return nil },
	"pluginDownloadURL": func(*settings, resource.PropertyValue) error { return nil },
}

// parseSettings reads the provider's inputs and returns every fault in them. It names options, never their values: a
// kubeconfig holds credentials.
func parseSettings(inputs resource.PropertyMap) (settings, []plugin.CheckFailure) {
	var result settings
	var failures []plugin.CheckFailure
	for _, key := range slices.Sorted(maps.Keys(inputs)) {
		read, known := options[key]
		value, _ := property.Unwrap(inputs[key])
		switch {
		case value.IsNull() || value.IsComputed() || value.IsOutput():
			continue
		case !known:
			failures = append(failures, plugin.CheckFailure{Property: key, Reason: fmt.Sprintf(
				"the sandbox's kubernetes plugin has no provider option %q; it has %v", key, slices.Sorted(maps.Keys(options)))})
		default:
			if err := read(&result, value); err != nil {
				failures = append(failures, plugin.CheckFailure{Property: key, Reason: err.Error()})
			}
		}
	}
	return result, failures
}

func kubeconfigSetting(s *settings, value resource.PropertyValue) error {
	switch {
	case value.IsString():
		s.cluster.Kubeconfig = value.StringValue()
	case value.IsObject():
		plain, _ := property.Plain(value.ObjectValue())
		encoded, err := json.Marshal(plain)
		if err != nil {
			return fmt.Errorf("encode the kubeconfig object: %w", err)
		}
		s.cluster.Kubeconfig = string(encoded)
	default:
		return fmt.Errorf("expected the content of a kubeconfig or the path of one, got %s", value.TypeString())
	}
	_, err := s.cluster.ClientConfig()
	return err
}

func stringSetting(field func(*settings) *string) setting {
	return func(s *settings, value resource.PropertyValue) error {
		if !value.IsString() {
			return fmt.Errorf("expected a string, got %s", value.TypeString())
		}
		*field(s) = value.StringValue()
		return nil
	}
}

func boolSetting(field func(*settings) *bool) setting {
	return func(s *settings, value resource.PropertyValue) error {
		parsed, err := boolean(value)
		if err == nil {
			*field(s) = parsed
		}
		return err
	}
}

// boolean reads a boolean, which some SDKs and environment variables spell as a string.
func boolean(value resource.PropertyValue) (bool, error) {
	if value.IsBool() {
		return value.BoolValue(), nil
	}
	if value.IsString() {
		if parsed, err := strconv.ParseBool(value.StringValue()); err == nil {
			return parsed, nil
		}
	}
	return false, fmt.Errorf("expected true or false, got %s", value.TypeString())
}

func serverSideApplySetting(_ *settings, value resource.PropertyValue) error {
	enabled, err := boolean(value)
	if err == nil && !enabled {
		return fmt.Errorf("the sandbox's kubernetes plugin applies on the server only: set it to true or leave it out")
	}
	return err
}

func clientSetting(s *settings, value resource.PropertyValue) error {
	if value.IsString() { // some SDKs send nested options as JSON
		var decoded map[string]any
		if err := json.Unmarshal([]byte(value.StringValue()), &decoded); err != nil {
			return fmt.Errorf("expected an object: %w", err)
		}
		value = resource.NewProperty(property.FromPlain(decoded))
	}
	if !value.IsObject() {
		return fmt.Errorf("expected an object, got %s", value.TypeString())
	}
	for key, element := range value.ObjectValue() {
		inner, _ := property.Unwrap(element)
		if inner.IsNull() || inner.IsComputed() {
			continue
		}
		if !inner.IsNumber() || inner.NumberValue() <= 0 || inner.NumberValue() > math.MaxInt32 {
			return fmt.Errorf("%s: expected a positive number", key)
		}
		switch n := inner.NumberValue(); key {
		case "burst":
			s.cluster.Burst = int(n)
		case "qps":
			s.cluster.QPS = float32(n)
		case "timeout":
			s.cluster.Timeout = time.Duration(n * float64(time.Second))
		default:
			return fmt.Errorf("unknown field %q: it has burst, qps and timeout", key)
		}
	}
	return nil
}
