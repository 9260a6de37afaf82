package kubernetes

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/property"
)

// releaseToken is the one resource type of the package that is no Kubernetes object.
const releaseToken = tokens.Type("kubernetes:helm.sh/v3:Release")

// patchSuffix ends the resource types that patch objects of another kind: DeploymentPatch.
const patchSuffix = "Patch"

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

// objectKind returns the kind of the object that a resource with inputs is about. It is kindOf, but for a patch: the kind
// of what it patches.
func objectKind(token tokens.Type, inputs resource.PropertyMap) (schema.GroupVersionKind, error) {
	kind, err := kindOf(token)
	if err == nil && isPatch(token, inputs) {
		kind.Kind = strings.TrimSuffix(kind.Kind, patchSuffix)
	}
	return kind, err
}

// isPatch tells whether a resource patches an object. Its type alone does not say so, since a kind of its own may end in
// Patch, but its input kind does: that of DeploymentPatch is Deployment.
func isPatch(token tokens.Type, inputs resource.PropertyMap) bool {
	kind, _ := property.Unwrap(inputs["kind"])
	return kind.IsString() && kind.StringValue() != "" && strings.HasSuffix(string(token), ":"+kind.StringValue()+patchSuffix)
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

// patchedKind returns the kind that kind, which the API server does not have, stands for the patches of; empty if there is
// none.
func patchedKind(kind schema.GroupVersionKind, known func(schema.GroupVersionKind) bool) string {
	patched, ok := strings.CutSuffix(kind.Kind, patchSuffix)
	if !ok || patched == "" || !known(kind.GroupVersion().WithKind(patched)) {
		return ""
	}
	return patched
}
