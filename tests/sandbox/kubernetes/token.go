package kubernetes

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// releaseToken is the one resource type of the package that is no Kubernetes object.
const releaseToken = tokens.Type("kubernetes:helm.sh/v3:Release")

// special are the modules whose resources are made of other resources, or of none in the cluster.
var special = []string{"helm.sh/", "kustomize", "yaml"}

// kindOf returns the kind that a resource type stands for: kubernetes:apps/v1:Deployment is Deployment of apps/v1,
// kubernetes:core/v1:Service is Service of v1.
func kindOf(token tokens.Type) (schema.GroupVersionKind, error) {
	parts := strings.Split(string(token), ":")
	if len(parts) != 3 || parts[0] != "kubernetes" || parts[2] == "" {
		return schema.GroupVersionKind{}, fmt.Errorf(
			"resource type %q is not of the form kubernetes:<group>/<version>:<Kind>", token)
	}
	module, kind := parts[1], parts[2]
	for _, prefix := range special {
		if strings.HasPrefix(module, prefix) {
			return schema.GroupVersionKind{}, unsupported(token)
		}
	}
	group, version, ok := strings.Cut(module, "/")
	if !ok || group == "" || version == "" || strings.Contains(version, "/") {
		return schema.GroupVersionKind{}, fmt.Errorf(
			"resource type %q names no API group and version: expected kubernetes:<group>/<version>:<Kind>", token)
	}
	if group == "core" {
		group = ""
	}
	return schema.GroupVersionKind{Group: group, Version: version, Kind: kind}, nil
}

func unsupported(token tokens.Type) error {
	return fmt.Errorf("resource type %q is not supported by the sandbox's kubernetes plugin; it supports Kubernetes "+
		"objects, custom resources and %s", token, releaseToken)
}

// isListKind tells whether kind is the list of another one. The API server has those too, but only as answers.
func isListKind(kind schema.GroupVersionKind, known func(schema.GroupVersionKind) bool) bool {
	base, ok := strings.CutSuffix(kind.Kind, "List")
	return ok && base != "" && known(kind.GroupVersion().WithKind(base))
}

// isPatchKind tells whether kind, which the API server does not have, is the SDK's variant that patches another one.
func isPatchKind(kind schema.GroupVersionKind, known func(schema.GroupVersionKind) bool) bool {
	base, ok := strings.CutSuffix(strings.TrimSuffix(kind.Kind, "List"), "Patch")
	return ok && base != "" && known(kind.GroupVersion().WithKind(base))
}
