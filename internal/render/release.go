package render

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/federated-risk/federated-risk/internal/offline"
)

const releaseType = "kubernetes:helm.sh/v3:Release"

// ReleaseAPIVersion and ReleaseKind mark the document of a Helm release. It is for people and for tools that compare: no
// API server knows the kind.
const (
	ReleaseAPIVersion = "helm.sh/v3"
	ReleaseKind       = "Release"
)

// release returns the document of a Helm release: which chart, from where, with which values.
func release(r *offline.Resource) (*unstructured.Unstructured, error) {
	spec := map[string]any{}
	for input, field := range map[string]string{
		"chart": "chart", "version": "version", "values": "values", "timeout": "timeoutSeconds", "atomic": "atomic",
	} {
		value, err := plain(r.Inputs[resource.PropertyKey(input)], false, Redacted)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", input, err)
		}
		if value != nil {
			spec[field] = value
		}
	}
	options, err := plain(r.Inputs["repositoryOpts"], false, Redacted)
	if err != nil {
		return nil, fmt.Errorf("repositoryOpts: %w", err)
	}
	if repository, ok := options.(map[string]any); ok {
		spec["repository"] = repository["repo"]
	}
	document := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	document.SetAPIVersion(ReleaseAPIVersion)
	document.SetKind(ReleaseKind)
	for input, set := range map[string]func(string){"name": document.SetName, "namespace": document.SetNamespace} {
		value, err := plain(r.Inputs[resource.PropertyKey(input)], false, Redacted)
		text, ok := value.(string)
		if err != nil || !ok {
			return nil, fmt.Errorf("%s is %v: expected a text (%w)", input, value, err)
		}
		set(text)
	}
	return document, nil
}
