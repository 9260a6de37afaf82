// Package await waits until Kubernetes objects are ready, or gone, and says why they are not.
package await

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

// State is what an object's readiness is at one moment. Message says what it is waiting for, or why it failed.
type State struct {
	Ready, Failed bool
	Message       string
}

// StateOf computes the state of object: kstatus, and where kstatus calls an object current that has yet to do what it
// is for, more than that. A Job must complete (kstatus: start), a Service of type LoadBalancer must have an address.
func StateOf(object *unstructured.Unstructured) (State, error) {
	result, err := status.Compute(object)
	if err != nil {
		return State{}, fmt.Errorf("compute the status of %s %s: %w", object.GetKind(), object.GetName(), err)
	}
	state := State{
		Ready:   result.Status == status.CurrentStatus,
		Failed:  result.Status == status.FailedStatus,
		Message: result.Message,
	}
	if !state.Ready {
		return state, nil
	}
	switch object.GroupVersionKind().GroupKind().String() {
	case "Job.batch":
		return jobState(object, state), nil
	case "Service":
		return serviceState(object, state), nil
	default:
		return state, nil
	}
}

func jobState(object *unstructured.Unstructured, state State) State {
	if suspended, _, _ := unstructured.NestedBool(object.Object, "spec", "suspend"); suspended {
		return state
	}
	for _, condition := range conditions(object) {
		if condition.Type == "Complete" && condition.Status == "True" {
			return state
		}
	}
	return State{Message: state.Message}
}

func serviceState(object *unstructured.Unstructured, state State) State {
	kind, _, _ := unstructured.NestedString(object.Object, "spec", "type")
	if kind != string(corev1.ServiceTypeLoadBalancer) {
		return state
	}
	if addresses, _, _ := unstructured.NestedSlice(object.Object, "status", "loadBalancer", "ingress"); len(addresses) > 0 {
		return state
	}
	return State{Message: "the load balancer has no address yet"}
}

// Condition is one of an object's status.conditions.
type Condition struct {
	Type, Status, Reason, Message string
}

// String is how messages show the condition: Available=False (MinimumReplicasUnavailable: …).
func (c Condition) String() string {
	text := c.Type + "=" + c.Status
	switch {
	case c.Reason != "" && c.Message != "":
		return fmt.Sprintf("%s (%s: %s)", text, c.Reason, c.Message)
	case c.Reason != "" || c.Message != "":
		return fmt.Sprintf("%s (%s)", text, c.Reason+c.Message)
	default:
		return text
	}
}

func conditions(object *unstructured.Unstructured) []Condition {
	list, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	var result []Condition
	for _, element := range list {
		fields, ok := element.(map[string]any)
		if !ok {
			continue
		}
		text := func(key string) string { value, _ := fields[key].(string); return value }
		result = append(result, Condition{
			Type: text("type"), Status: text("status"), Reason: text("reason"), Message: text("message"),
		})
	}
	return result
}
