package service

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// How a pod leaves without losing a request, in seconds. It is taken out of the endpoints at the moment that its end
// begins, but the callers' proxies hear of it later, so it goes on answering until they have:
//
//	0                  the end begins, preStop sleeps
//	withdrawal         no caller sends any more; SIGTERM to the service, which completes what it has
//	+ request timeout  the last request is answered or has timed out
//	+ closing          the grace period is over, SIGKILL
const (
	// withdrawalSeconds: Istio collects changes of endpoints for up to 10 s (PILOT_DEBOUNCE_MAX); 5 s for the way to the
	// proxies, and for kube-proxy.
	withdrawalSeconds = 15
	// closingSeconds to flush logs and close connections.
	closingSeconds = 10
)

// How a rollout goes on.
const (
	// minReadySeconds is the period of the readiness probe: a new pod counts once the kubelet has asked it a second time, so
	// that a version which answers once and falls over ends the rollout at its first pods.
	minReadySeconds = 10
	// progressDeadlineSeconds is a minute less than the ten that Pulumi waits for a Deployment: a rollout that is stuck ends
	// as one, with its reason. A pod has 150 s to start (probe.go), besides the time to pull its image.
	progressDeadlineSeconds = 540
	// surgePercent of the pods, rounded up, are made in excess during a rollout: the 20 pods of the runbook's autoscaler roll in
	// five steps. One by one, with minReadySeconds and a start each, they would take longer than Pulumi waits; more at a time
	// would not fit into the quota beside the standby.
	surgePercent = 20
	// revisionHistoryLimit leaves the last two templates to look at. A rollback is an update with the image from before:
	// the Secrets and settings that an old template names are gone.
	revisionHistoryLimit = 2
)

// Surge is how many pods a Deployment with so many has in excess during a rollout, at most.
func Surge(replicas int) int { return (replicas*surgePercent + 99) / 100 }

// drainSeconds is how long requests may be under way after the end of a pod has begun.
func (args *Args) drainSeconds() int { return withdrawalSeconds + args.RequestTimeoutSeconds }

// graceSeconds is how long the end of a pod may take.
func (args *Args) graceSeconds() int { return args.drainSeconds() + closingSeconds }

// untilWithdrawn sleeps in the kubelet: the image need not have a shell.
func untilWithdrawn() *corev1.LifecycleArgs {
	return &corev1.LifecycleArgs{PreStop: &corev1.LifecycleHandlerArgs{
		Sleep: &corev1.SleepActionArgs{Seconds: pulumi.Int(withdrawalSeconds)},
	}}
}
