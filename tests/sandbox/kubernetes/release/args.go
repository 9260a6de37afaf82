package release

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"sigs.k8s.io/yaml"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/property"
)

// defaultTimeout is for each operation of Helm's, as in the official provider.
const defaultTimeout = 5 * time.Minute

// args are the inputs of a release, in the meaning that the SDK documents. Values are merged from valueYamlFiles and
// values, and hold nulls.
type args struct {
	Name            string `json:"name"`
	Namespace       string `json:"namespace"`
	Chart           string `json:"chart"`
	Version         string `json:"version"`
	Devel           bool   `json:"devel"`
	Description     string `json:"description"`
	CreateNamespace bool   `json:"createNamespace"`

	RepositoryOpts repository `json:"repositoryOpts"`
	Verify         bool       `json:"verify"`
	Keyring        string     `json:"keyring"`

	Timeout       int  `json:"timeout"`
	SkipAwait     bool `json:"skipAwait"`
	WaitForJobs   bool `json:"waitForJobs"`
	Atomic        bool `json:"atomic"`
	CleanupOnFail bool `json:"cleanupOnFail"`

	MaxHistory               int    `json:"maxHistory"`
	SkipCrds                 bool   `json:"skipCrds"`
	DisableWebhooks          bool   `json:"disableWebhooks"`
	DisableOpenapiValidation bool   `json:"disableOpenapiValidation"`
	ForceUpdate              bool   `json:"forceUpdate"`
	RecreatePods             bool   `json:"recreatePods"`
	Replace                  bool   `json:"replace"`
	ResetValues              bool   `json:"resetValues"`
	ReuseValues              bool   `json:"reuseValues"`
	RenderSubchartNotes      bool   `json:"renderSubchartNotes"`
	TakeOwnership            bool   `json:"takeOwnership"`
	Lint                     bool   `json:"lint"`
	Postrender               string `json:"postrender"`

	// AllowNullValues has no effect, as in the official provider: nulls are kept.
	AllowNullValues bool `json:"allowNullValues"`
	// Checksum is that of a local chart's files. Check adds it, so that a change in one of them is an update.
	Checksum string `json:"checksum"`

	Values map[string]any `json:"-"`
}

// repository is where the chart comes from.
type repository struct {
	Repo     string `json:"repo"`
	CaFile   string `json:"caFile"`
	CertFile string `json:"certFile"`
	KeyFile  string `json:"keyFile"`
	Username string `json:"username"`
	Password string `json:"password"`
}

// unsupported are the SDK's options that this plugin does not have, and why.
var unsupported = map[resource.PropertyKey]string{
	"dependencyUpdate": "the sandbox's kubernetes plugin does not download dependencies: vendor them in the chart's charts folder",
	"disableCRDHooks":  "the sandbox's kubernetes plugin cannot tell hooks of custom resource definitions from others",
	"manifest":         "is an output",
	"resourceNames":    "is an output",
}

// elsewhere are the inputs that are not decoded into args by their name.
var elsewhere = []resource.PropertyKey{"values", "valueYamlFiles", "compat"}

// checkOptions returns the inputs that are no options of a release, or none that this plugin has.
func checkOptions(inputs resource.PropertyMap) []plugin.CheckFailure {
	var failures []plugin.CheckFailure
	known := optionNames()
	for _, key := range slices.Sorted(maps.Keys(inputs)) {
		value, _ := property.Unwrap(inputs[key])
		if reason, ok := unsupported[key]; ok {
			if isSet(value) {
				failures = append(failures, plugin.CheckFailure{Property: key, Reason: reason})
			}
		} else if !slices.Contains(known, string(key)) && !slices.Contains(elsewhere, key) {
			failures = append(failures, plugin.CheckFailure{
				Property: key, Reason: fmt.Sprintf("a release has no option %q", key),
			})
		}
	}
	return failures
}

func isSet(value resource.PropertyValue) bool {
	switch {
	case value.IsBool():
		return value.BoolValue()
	case value.IsObject():
		return len(value.ObjectValue()) > 0
	default:
		return !value.IsNull()
	}
}

func optionNames() []string {
	encoded, err := json.Marshal(args{})
	if err != nil {
		return nil
	}
	var fields map[string]any
	if err := json.Unmarshal(encoded, &fields); err != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(fields))
}

// decode reads a release's inputs. Values that are not known yet are left out.
func decode(inputs resource.PropertyMap) (args, error) {
	options := inputs.Copy()
	for _, key := range elsewhere {
		delete(options, key)
	}
	plain, _ := property.Plain(options)
	encoded, err := json.Marshal(plain)
	if err != nil {
		return args{}, fmt.Errorf("encode the release's inputs: %w", err)
	}
	var decoded args
	if err := json.Unmarshal(encoded, &decoded); err != nil {
		var mismatch *json.UnmarshalTypeError
		if errors.As(err, &mismatch) {
			return args{}, fmt.Errorf("%s: expected a %s, got a %s", mismatch.Field, mismatch.Type, mismatch.Value)
		}
		return args{}, fmt.Errorf("decode the release's inputs: %w", err)
	}
	decoded.Values, err = decodeValues(inputs)
	return decoded, err
}

// decodeValues merges the files of valueYamlFiles, the later over the earlier, and values over them all.
func decodeValues(inputs resource.PropertyMap) (map[string]any, error) {
	merged := map[string]any{}
	files, _ := property.Unwrap(inputs["valueYamlFiles"])
	if files.IsArray() {
		for i, element := range files.ArrayValue() {
			values, err := readValues(element)
			if err != nil {
				return nil, fmt.Errorf("valueYamlFiles[%d]: %w", i, err)
			}
			merged = merge(merged, values)
		}
	} else if !files.IsNull() && !files.IsComputed() {
		return nil, fmt.Errorf("valueYamlFiles: expected a list of assets")
	}
	values, _ := property.Unwrap(inputs["values"])
	switch {
	case values.IsObject():
		plain, _ := property.PlainWithNulls(values.ObjectValue())
		return merge(merged, plain), nil
	case values.IsNull() || values.IsComputed() || values.IsOutput():
		return merged, nil
	default:
		return nil, fmt.Errorf("values: expected an object, got %s", values.TypeString())
	}
}

func readValues(element resource.PropertyValue) (map[string]any, error) {
	inner, _ := property.Unwrap(element)
	if inner.IsComputed() || inner.IsOutput() {
		return nil, nil
	}
	if !inner.IsAsset() {
		return nil, fmt.Errorf("expected an asset, got %s", inner.TypeString())
	}
	content, err := inner.AssetValue().Bytes()
	if err != nil {
		return nil, fmt.Errorf("read the asset: %w", err)
	}
	values := map[string]any{}
	if err := yaml.Unmarshal(content, &values); err != nil {
		return nil, fmt.Errorf("parse the asset as YAML: %w", err)
	}
	return values, nil
}

// merge returns base with the values of over, map by map; unlike Helm's own merging it keeps nulls, which take a
// chart's default away.
func merge(base, over map[string]any) map[string]any {
	merged := maps.Clone(base)
	for key, value := range over {
		if child, ok := value.(map[string]any); ok {
			if parent, ok := merged[key].(map[string]any); ok {
				value = merge(parent, child)
			}
		}
		merged[key] = value
	}
	return merged
}

// timeout is for each of Helm's operations: requested (in seconds, from the resource's custom timeouts) if positive,
// else the release's option, else the default.
func (a args) timeout(requested float64) time.Duration {
	if requested > 0 {
		return time.Duration(requested * float64(time.Second))
	}
	return cmp.Or(time.Duration(a.Timeout)*time.Second, defaultTimeout)
}

// String is how messages name the release.
func (a args) String() string {
	return fmt.Sprintf("release %s/%s (chart %s)", a.Namespace, a.Name, a.Chart)
}
