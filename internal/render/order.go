package render

import (
	"cmp"
	"slices"

	"helm.sh/helm/v3/pkg/releaseutil"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// first go the kinds that others need before they can be created at all; the rest of the built-in kinds follow in
// Helm's order of installation, then all others, and the releases' documents last.
var first = []string{"Namespace", "CustomResourceDefinition"}

func rank(object *unstructured.Unstructured) int {
	kind := object.GetKind()
	if at := slices.Index(first, kind); at >= 0 {
		return at
	}
	if object.GetAPIVersion() == ReleaseAPIVersion {
		return len(first) + len(releaseutil.InstallOrder) + 1
	}
	if at := slices.Index(releaseutil.InstallOrder, kind); at >= 0 {
		return len(first) + at
	}
	return len(first) + len(releaseutil.InstallOrder)
}

// compare orders objects so that no two different ones are equal.
func compare(a, b *unstructured.Unstructured) int {
	return cmp.Or(
		cmp.Compare(rank(a), rank(b)),
		cmp.Compare(a.GetKind(), b.GetKind()),
		cmp.Compare(a.GetAPIVersion(), b.GetAPIVersion()),
		cmp.Compare(a.GetNamespace(), b.GetNamespace()),
		cmp.Compare(a.GetName(), b.GetName()),
	)
}
