package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// Format is how objects are written.
type Format string

// Formats.
const (
	YAML Format = "yaml"
	JSON Format = "json"
)

// ParseFormat returns the format of that name.
func ParseFormat(name string) (Format, error) {
	switch format := Format(name); format {
	case YAML, JSON:
		return format, nil
	}
	return "", fmt.Errorf("output %q: expected %s or %s", name, YAML, JSON)
}

// Write writes the objects as one stream: YAML documents, or one JSON List.
func Write(out io.Writer, format Format, objects []*unstructured.Unstructured) error {
	if format == JSON {
		items := make([]any, len(objects))
		for i, object := range objects {
			items[i] = object.Object
		}
		content, err := encode(JSON, map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
		if err != nil {
			return err
		}
		_, err = out.Write(content)
		return err
	}
	for _, object := range objects {
		content, err := encode(YAML, object.Object)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "---\n%s", content); err != nil {
			return err
		}
	}
	return nil
}

// WriteDir writes each object to a file of its own in dir, which must be empty or not exist, and returns their number.
func WriteDir(dir string, format Format, objects []*unstructured.Unstructured) error {
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		return fmt.Errorf("directory %s is not empty: expected an empty one or none, so that no file of another rendering stays behind", dir)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	names, err := fileNames(objects)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for i, object := range objects {
		content, err := encode(format, object.Object)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, names[i]+"."+string(format)), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// encode writes maps in the order of their keys.
func encode(format Format, value any) ([]byte, error) {
	if format == YAML {
		return yaml.Marshal(value)
	}
	var content bytes.Buffer
	encoder := json.NewEncoder(&content)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(value)
	return content.Bytes(), err
}

// unsafe is what stands in names of RBAC objects but should not in a file's.
var unsafe = regexp.MustCompile(`[^a-z0-9.-]+`)

// fileNames returns <kind>-<name> for each object, with the namespace, and then the API's group too, where several
// objects are named alike.
func fileNames(objects []*unstructured.Unstructured) ([]string, error) {
	longer := []func(*unstructured.Unstructured) string{
		func(object *unstructured.Unstructured) string { return object.GetKind() + "-" + object.GetName() },
		func(object *unstructured.Unstructured) string { return "-" + object.GetNamespace() },
		func(object *unstructured.Unstructured) string { return "-" + object.GroupVersionKind().Group },
	}
	names := make([]string, len(objects))
	ambiguous := make([]bool, len(objects))
	for i := range ambiguous {
		ambiguous[i] = true
	}
	for _, part := range longer {
		count := map[string]int{}
		for i, object := range objects {
			if ambiguous[i] {
				names[i] += unsafe.ReplaceAllString(strings.ToLower(part(object)), "_")
			}
			count[names[i]]++
		}
		for i := range objects {
			ambiguous[i] = count[names[i]] > 1
		}
	}
	for i, object := range objects {
		if ambiguous[i] {
			return nil, fmt.Errorf("two objects are %s %s in namespace %q", object.GetKind(), object.GetName(), object.GetNamespace())
		}
	}
	return names, nil
}
