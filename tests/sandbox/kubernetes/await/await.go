package await

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/kube"
)

// DefaultTimeout is how long to wait if nothing else is asked for. It is the official provider's.
const DefaultTimeout = 10 * time.Minute

// pause is the time between two watches, and thus how often an API server that refuses them is asked.
const pause = 500 * time.Millisecond

// NotReadyError says that an object exists but is not ready, and why.
type NotReadyError struct {
	Key     kube.Key
	Waited  time.Duration
	Outcome string   // "failed", "was not ready in time", "was not waited for any longer"
	Details []string // the state, conditions, pods and events, the most telling first
}

// Error implements error.
func (e *NotReadyError) Error() string {
	text := e.Key.String() + " " + e.Outcome
	if e.Waited > 0 {
		text += fmt.Sprintf(" after %s", e.Waited.Round(100*time.Millisecond))
	}
	for _, detail := range e.Details {
		text += "\n  - " + detail
	}
	return text
}

// Ready waits until the object is ready and returns it as it was last seen, also together with an error. progress gets
// a line whenever what it is waiting for changes. The error is a *NotReadyError, with the object's own conditions, if
// the object failed, or if the timeout passed or ctx ended first.
func Ready(
	ctx context.Context, client *kube.Client, object *unstructured.Unstructured, timeout time.Duration,
	progress func(string),
) (*unstructured.Unstructured, error) {
	start, key := time.Now(), kube.KeyOf(object)
	waitCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	last := object
	var state State
	err := follow(waitCtx, client, key, func(seen *unstructured.Unstructured) (bool, error) {
		if seen == nil {
			return false, fmt.Errorf("%s was deleted by someone else while it was waited for", key)
		}
		last = seen
		next, err := readiness(waitCtx, client, seen)
		if err != nil {
			return false, err
		}
		if next.Message != state.Message && !next.Ready {
			progress(next.Message)
		}
		state = next
		return state.Ready || state.Failed, nil
	})
	notReady := &NotReadyError{Key: key, Waited: time.Since(start)}
	switch {
	case err == nil && state.Ready:
		return last, nil
	case err == nil:
		notReady.Outcome = "failed"
	case ctx.Err() != nil:
		notReady.Outcome = "was not waited for any longer (the operation was cancelled)"
	case errors.Is(err, context.DeadlineExceeded):
		notReady.Outcome = "was not ready in time"
	default:
		return last, err
	}
	notReady.Details = explain(context.WithoutCancel(ctx), client, last, state)
	return last, notReady
}

// Now returns an error like Ready's if the object is not ready at this moment.
func Now(ctx context.Context, client *kube.Client, object *unstructured.Unstructured) error {
	state, err := readiness(ctx, client, object)
	if err != nil || state.Ready {
		return err
	}
	return &NotReadyError{
		Key: kube.KeyOf(object), Outcome: "is not ready", Details: explain(ctx, client, object, state),
	}
}

// Gone waits until the object with uid no longer exists; another one of the same name does not count. The error tells
// what holds it: its finalizers and conditions.
func Gone(
	ctx context.Context, client *kube.Client, key kube.Key, uid types.UID, timeout time.Duration, progress func(string),
) error {
	start := time.Now()
	waitCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	var last *unstructured.Unstructured
	shown := ""
	err := follow(waitCtx, client, key, func(seen *unstructured.Unstructured) (bool, error) {
		if seen == nil || seen.GetUID() != uid {
			return true, nil
		}
		last = seen
		if text := holding(seen); text != shown {
			shown = text
			progress(text)
		}
		return false, nil
	})
	if err == nil {
		return nil
	}
	if !errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return err
	}
	stuck := &NotReadyError{Key: key, Waited: time.Since(start), Outcome: "was not deleted in time"}
	if ctx.Err() != nil {
		stuck.Outcome = "was still being deleted when the operation was cancelled"
	}
	if last != nil {
		stuck.Details = append(stuck.Details, holding(last))
		for _, condition := range conditions(last) {
			stuck.Details = append(stuck.Details, "condition "+condition.String())
		}
	}
	return stuck
}

// follow shows the object (nil: there is none) to done whenever it changes, until done returns true or an error.
func follow(
	ctx context.Context, client *kube.Client, key kube.Key, done func(*unstructured.Unstructured) (bool, error),
) error {
	for {
		current, err := client.Get(ctx, key)
		switch {
		case err == nil:
			if finished, err := done(current); finished || err != nil {
				return err
			}
			if finished, err := followChanges(ctx, client, key, current, done); finished || err != nil {
				return err
			}
		case apierrors.IsNotFound(err):
			if finished, err := done(nil); finished || err != nil {
				return err
			}
		case ctx.Err() == nil && !isTransient(err):
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

// isTransient tells whether the API server may answer if it is asked again.
func isTransient(err error) bool {
	return kube.IsUnreachable(err) || apierrors.IsTooManyRequests(err) || apierrors.IsTimeout(err) ||
		apierrors.IsServerTimeout(err) || apierrors.IsServiceUnavailable(err) || apierrors.IsInternalError(err)
}

// followChanges watches the object until done is satisfied or the watch ends, which it does after a while.
func followChanges(
	ctx context.Context, client *kube.Client, key kube.Key, from *unstructured.Unstructured,
	done func(*unstructured.Unstructured) (bool, error),
) (bool, error) {
	watcher, err := client.Watch(ctx, key, from.GetResourceVersion())
	if err != nil {
		return false, nil // the caller reads the object again
	}
	defer watcher.Stop()
	// An object's state can also depend on time and on other objects, so it is looked at again now and then.
	again := time.NewTicker(5 * time.Second)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case <-again.C:
			return false, nil
		case event, open := <-watcher.ResultChan():
			if !open {
				return false, nil
			}
			seen, ok := event.Object.(*unstructured.Unstructured)
			if !ok || event.Type == "ERROR" {
				return false, nil
			}
			if event.Type == "DELETED" {
				seen = nil
			}
			if finished, err := done(seen); finished || err != nil {
				return finished, err
			}
		}
	}
}
