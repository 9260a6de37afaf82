package render

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/federated-risk/federated-risk/internal/offline"
)

// Redacted stands for every text that is secret; in base64 where the API server decodes it.
const Redacted = "(secret)"

// object returns the Kubernetes object that a resource declares, under the name that the offline engine has given it.
func object(r *offline.Resource) (*unstructured.Unstructured, error) {
	fields := map[string]any{}
	for key, value := range r.Inputs {
		redacted := Redacted
		if key == "data" && r.Is("Secret") || key == "binaryData" {
			redacted = base64.StdEncoding.EncodeToString([]byte(Redacted))
		}
		converted, err := plain(value, false, redacted)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if converted != nil {
			fields[string(key)] = converted
		}
	}
	object := &unstructured.Unstructured{Object: fields}
	if object.GetKind() == "" || object.GetAPIVersion() == "" {
		return nil, errors.New("declares neither kind nor apiVersion: a type that stands for several objects cannot be rendered")
	}
	if object.GetName() == "" && object.GetGenerateName() == "" {
		object.SetName(offline.GeneratedName(r))
	}
	return object, nil
}

// plain converts a property to what JSON knows, with redacted for each text, number and boolean that is secret. The
// keys of a secret object stay: without them the manifest would not be one.
func plain(v resource.PropertyValue, secret bool, redacted string) (any, error) {
	switch {
	case v.IsSecret():
		return plain(v.SecretValue().Element, true, redacted)
	case v.IsOutput() && v.OutputValue().Known:
		return plain(v.OutputValue().Element, secret || v.OutputValue().Secret, redacted)
	case v.IsNull():
		return nil, nil
	case v.IsArray():
		return plainList(v.ArrayValue(), secret, redacted)
	case v.IsObject():
		return plainMap(v.ObjectValue(), secret, redacted)
	case !v.IsString() && !v.IsNumber() && !v.IsBool():
		return nil, fmt.Errorf("a %s is nothing that a manifest can hold", v.TypeString())
	case secret:
		return redacted, nil
	case v.IsNumber() && v.NumberValue() == math.Trunc(v.NumberValue()):
		return int64(v.NumberValue()), nil
	default:
		return v.V, nil
	}
}

func plainList(values []resource.PropertyValue, secret bool, redacted string) (any, error) {
	list := make([]any, len(values))
	for i, value := range values {
		converted, err := plain(value, secret, redacted)
		if err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
		list[i] = converted
	}
	return list, nil
}

func plainMap(values resource.PropertyMap, secret bool, redacted string) (any, error) {
	members := map[string]any{}
	for key, value := range values {
		converted, err := plain(value, secret, redacted)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if converted != nil {
			members[string(key)] = converted
		}
	}
	return members, nil
}

// visitTexts visits every text and key of what plain returns.
func visitTexts(value any, path string, visit func(path, text string)) {
	switch value := value.(type) {
	case string:
		visit(path, value)
	case []any:
		for i, element := range value {
			visitTexts(element, fmt.Sprintf("%s[%d]", path, i), visit)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			visit(path+" key", key)
			visitTexts(value[key], path+"."+key, visit)
		}
	}
}
