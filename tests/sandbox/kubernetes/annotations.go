package kubernetes

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/await"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/kube"
)

// Annotations by which a program says how its objects are handled.
const (
	annotationPrefix  = "pulumi.com/"
	autonamed         = annotationPrefix + "autonamed"
	skipAwait         = annotationPrefix + "skipAwait"
	timeoutSeconds    = annotationPrefix + "timeoutSeconds"
	patchForce        = annotationPrefix + "patchForce"
	patchFieldManager = annotationPrefix + "patchFieldManager"
	annotationsInPath = `metadata.annotations["%s"]`
)

// checkAnnotations returns the faults in the annotations that are for this plugin. patch says that they are a patch's.
func checkAnnotations(annotations map[string]any, patch bool) []plugin.CheckFailure {
	var failures []plugin.CheckFailure
	for _, name := range slices.Sorted(maps.Keys(annotations)) {
		if !strings.HasPrefix(name, annotationPrefix) {
			continue
		}
		value, _ := annotations[name].(string)
		reason := ""
		switch name {
		case autonamed, skipAwait, patchForce:
			if value != "true" && value != "false" {
				reason = fmt.Sprintf(`expected "true" or "false", got %q`, value)
			}
		case timeoutSeconds:
			if seconds, err := strconv.Atoi(value); err != nil || seconds <= 0 {
				reason = fmt.Sprintf(`expected a positive number of seconds, like "600", got %q`, value)
			}
		case patchFieldManager:
			reason = managerFault(value, patch)
		default:
			reason = fmt.Sprintf("the sandbox's kubernetes plugin does not support this annotation; it has %q, %q and %q",
				skipAwait, timeoutSeconds, patchForce)
		}
		if reason != "" {
			failures = append(failures, failure(fmt.Sprintf(annotationsInPath, name), reason))
		}
	}
	return failures
}

func managerFault(name string, patch bool) string {
	switch {
	case !patch:
		return fmt.Sprintf("the sandbox's kubernetes plugin has it for Patch resources alone: it applies every other object as %q",
			kube.FieldManager)
	case name == "" || len(validation.ValidateFieldManager(name, nil)) > 0:
		return fmt.Sprintf("expected a name of 1 to %d bytes of printable characters, got %q", validation.FieldManagerMaxLength, name)
	default:
		return ""
	}
}

func isTrue(object *unstructured.Unstructured, annotation string) bool {
	return object.GetAnnotations()[annotation] == "true"
}

// timeout is how long to wait for object: requested (in seconds, from the resource's custom timeouts) if positive, else
// what its annotation says, else the default.
func timeout(object *unstructured.Unstructured, requested float64) time.Duration {
	if requested > 0 {
		return time.Duration(requested * float64(time.Second))
	}
	if seconds, err := strconv.Atoi(object.GetAnnotations()[timeoutSeconds]); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	return await.DefaultTimeout
}
