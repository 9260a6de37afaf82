package await

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/kube"
)

var (
	podKind          = schema.GroupVersionKind{Version: "v1", Kind: "Pod"}
	eventKind        = schema.GroupVersionKind{Version: "v1", Kind: "Event"}
	storageClassKind = schema.GroupVersionKind{Group: "storage.k8s.io", Version: "v1", Kind: "StorageClass"}
)

const (
	// explainTimeout limits the look for reasons after a wait has failed.
	explainTimeout = 10 * time.Second
	// maxEvents is how many of the newest warnings an explanation shows.
	maxEvents = 3
)

// readiness is StateOf, and a PersistentVolumeClaim that only its first pod binds counts as ready.
func readiness(ctx context.Context, client *kube.Client, object *unstructured.Unstructured) (State, error) {
	state, err := StateOf(object)
	if err != nil || state.Ready || object.GroupVersionKind().GroupKind().String() != "PersistentVolumeClaim" {
		return state, err
	}
	class, _, _ := unstructured.NestedString(object.Object, "spec", "storageClassName")
	if class == "" {
		return state, nil
	}
	found, err := client.Get(ctx, kube.Key{Kind: storageClassKind, Name: class})
	if err != nil {
		return state, nil //nolint:nilerr // that the class is missing is what the claim's events explain
	}
	if mode, _, _ := unstructured.NestedString(found.Object, "volumeBindingMode"); mode == "WaitForFirstConsumer" {
		return State{Ready: true}, nil
	}
	return state, nil
}

// explain collects what the cluster knows of why object is not ready. What cannot be found out is left out: it must not
// hide the rest.
func explain(ctx context.Context, client *kube.Client, object *unstructured.Unstructured, state State) []string {
	ctx, cancel := context.WithTimeout(ctx, explainTimeout)
	defer cancel()
	var details []string
	if state.Message != "" {
		details = append(details, state.Message)
	}
	for _, condition := range conditions(object) {
		details = append(details, "condition "+condition.String())
	}
	about := []*unstructured.Unstructured{object}
	if pod := newestPod(ctx, client, object); pod != nil {
		details = append(details, podDetails(pod)...)
		about = append(about, pod)
	}
	return append(details, warnings(ctx, client, about)...)
}

// newestPod returns the youngest pod of a workload that is not ready, or object itself if it is a pod.
func newestPod(ctx context.Context, client *kube.Client, object *unstructured.Unstructured) *unstructured.Unstructured {
	if object.GroupVersionKind() == podKind {
		return object
	}
	declared, ok, err := unstructured.NestedMap(object.Object, "spec", "selector")
	if _, isWorkload, _ := unstructured.NestedMap(object.Object, "spec", "template"); !isWorkload || !ok || err != nil {
		return nil
	}
	var parsed metav1.LabelSelector
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(declared, &parsed); err != nil {
		return nil
	}
	selector, err := metav1.LabelSelectorAsSelector(&parsed)
	if err != nil {
		return nil
	}
	pods, err := client.List(ctx, podKind, object.GetNamespace(), selector.String(), "")
	if err != nil {
		return nil
	}
	pods = slices.DeleteFunc(pods, func(pod unstructured.Unstructured) bool {
		state, err := StateOf(&pod)
		return err == nil && state.Ready
	})
	if len(pods) == 0 {
		return nil
	}
	newest := slices.MaxFunc(pods, func(a, b unstructured.Unstructured) int {
		return a.GetCreationTimestamp().Compare(b.GetCreationTimestamp().Time)
	})
	return &newest
}

func podDetails(object *unstructured.Unstructured) []string {
	var pod corev1.Pod
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &pod); err != nil {
		return nil
	}
	var details []string
	for _, condition := range pod.Status.Conditions {
		if condition.Status != corev1.ConditionTrue && condition.Message != "" {
			details = append(details, fmt.Sprintf("pod %s: %s (%s)", pod.Name, condition.Message, condition.Reason))
		}
	}
	for _, container := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		switch state := container.State; {
		case state.Waiting != nil:
			details = append(details, fmt.Sprintf("pod %s: container %s is waiting: %s",
				pod.Name, container.Name, join(state.Waiting.Reason, state.Waiting.Message)))
		case state.Terminated != nil && state.Terminated.ExitCode != 0:
			details = append(details, fmt.Sprintf("pod %s: container %s ended with exit code %d: %s",
				pod.Name, container.Name, state.Terminated.ExitCode, join(state.Terminated.Reason, state.Terminated.Message)))
		}
	}
	return details
}

// warnings returns the newest warning events of the objects, the oldest of them first.
func warnings(ctx context.Context, client *kube.Client, about []*unstructured.Unstructured) []string {
	var events []corev1.Event
	for _, object := range about {
		namespace := cmp.Or(object.GetNamespace(), metav1.NamespaceDefault)
		found, err := client.List(ctx, eventKind, namespace, "", "type=Warning,involvedObject.uid="+string(object.GetUID()))
		if err != nil {
			continue
		}
		for _, raw := range found {
			var event corev1.Event
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(raw.Object, &event); err == nil {
				events = append(events, event)
			}
		}
	}
	slices.SortFunc(events, func(a, b corev1.Event) int { return eventTime(a).Compare(eventTime(b)) })
	events = events[max(0, len(events)-maxEvents):]
	details := make([]string, len(events))
	for i, event := range events {
		details[i] = fmt.Sprintf("event of %s %s: %s",
			event.InvolvedObject.Kind, event.InvolvedObject.Name, join(event.Reason, event.Message))
	}
	return details
}

func eventTime(event corev1.Event) time.Time {
	switch {
	case event.Series != nil:
		return event.Series.LastObservedTime.Time
	case !event.LastTimestamp.IsZero():
		return event.LastTimestamp.Time
	case !event.EventTime.IsZero():
		return event.EventTime.Time
	default:
		return event.CreationTimestamp.Time
	}
}

func join(reason, message string) string {
	return strings.Join(slices.DeleteFunc([]string{reason, strings.TrimSpace(message)}, func(s string) bool {
		return s == ""
	}), ": ")
}

// holding says what an object that is being deleted waits for.
func holding(object *unstructured.Unstructured) string {
	finalizers := object.GetFinalizers()
	if object.GroupVersionKind().GroupKind().String() == "Namespace" {
		own, _, _ := unstructured.NestedStringSlice(object.Object, "spec", "finalizers")
		finalizers = append(finalizers, own...)
	}
	if len(finalizers) > 0 {
		return "waiting for finalizers to be removed: " + strings.Join(finalizers, ", ")
	}
	return "waiting for the deletion to finish"
}
