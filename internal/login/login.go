// Package login declares the Job that a rotation of a data store's login waits for: it ends as soon as the new login works.
// What uses the login must depend on it, so that no pod tries a login before the store knows it.
package login

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	batchv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/batch/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/faults"
	"github.com/federated-risk/federated-risk/internal/labels"
	"github.com/federated-risk/federated-risk/internal/pods"
)

const (
	// DeadlineSeconds is how long a login may take to work: on a first deployment the store's images have to be pulled and
	// its first instance made. It is a minute less than Pulumi waits for a Job, so that the Job ends first, with its reason.
	DeadlineSeconds = 540
	// retries of a pod that ends with an error; the scripts wait by themselves.
	retries = 3
)

// Resources of the Job's container, requests and limits: a shell and a command-line client.
const (
	CPU    = "50m"
	Memory = "64Mi"
)

// Args describe the Job.
type Args struct {
	Namespace pulumi.StringInput
	// Server is the store, such as postgres: the Job's pods have the application App(Server).
	Server string
	Attempt
	// Script for `sh -ec` that ends with 0 once the login works. It waits by itself, up to DeadlineSeconds.
	Script string
	// Env holds variables in the clear.
	Env map[string]pulumi.StringInput
	// SecretEnv holds variables that are entries of Secrets.
	SecretEnv map[string]Entry
}

// Entry of a Secret.
type Entry struct {
	SecretName pulumi.StringInput
	Key        string
}

// App is the application of the Job's pods.
func App(server string) string { return server + "-login" }

// New declares the Job.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*batchv1.Job, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("login %q: %w", name, err)
	}
	app := App(args.Server)
	return batchv1.NewJob(ctx, fmt.Sprintf("%s-g%d", name, args.Generation), &batchv1.JobArgs{
		Metadata: &metav1.ObjectMetaArgs{
			Name:        pulumi.Sprintf("%s-g%d", app, args.Generation),
			Namespace:   args.Namespace,
			Labels:      labels.Object(app),
			Annotations: pulumi.StringMap{"kube-score/ignore": pulumi.String("container-image-pull-policy")},
		},
		Spec: &batchv1.JobSpecArgs{
			BackoffLimit:          pulumi.Int(retries),
			ActiveDeadlineSeconds: pulumi.Int(DeadlineSeconds),
			Template: &corev1.PodTemplateSpecArgs{
				Metadata: &metav1.ObjectMetaArgs{Labels: pods.JobLabels(app)},
				Spec:     args.pod(app),
			},
		},
	}, opts...)
}

func (args *Args) pod(app string) *corev1.PodSpecArgs {
	quantities := pulumi.StringMap{"cpu": pulumi.String(CPU), "memory": pulumi.String(Memory), "ephemeral-storage": pulumi.String("64Mi")}
	return &corev1.PodSpecArgs{
		AutomountServiceAccountToken: pulumi.Bool(false),
		EnableServiceLinks:           pulumi.Bool(false),
		RestartPolicy:                pulumi.String("Never"),
		ImagePullSecrets:             pods.PullSecrets(args.PullSecretNames),
		SecurityContext:              pods.Security(),
		Containers: corev1.ContainerArray{&corev1.ContainerArgs{
			Name:            pulumi.String(app),
			Image:           pulumi.String(args.Image),
			ImagePullPolicy: pods.PullPolicy(args.Image),
			Command:         pulumi.ToStringArray([]string{"/bin/sh", "-ec", args.Script}),
			Env:             args.env(),
			Resources:       &corev1.ResourceRequirementsArgs{Requests: quantities, Limits: quantities},
			SecurityContext: pods.ContainerSecurity(),
		}},
	}
}

// env is in the order of the names: a map's own order would be a change at every update, and a Job cannot change.
func (args *Args) env() corev1.EnvVarArray {
	var env corev1.EnvVarArray
	for _, name := range slices.Sorted(maps.Keys(args.Env)) {
		env = append(env, &corev1.EnvVarArgs{Name: pulumi.String(name), Value: args.Env[name]})
	}
	for _, name := range slices.Sorted(maps.Keys(args.SecretEnv)) {
		entry := args.SecretEnv[name]
		env = append(env, &corev1.EnvVarArgs{Name: pulumi.String(name), ValueFrom: &corev1.EnvVarSourceArgs{
			SecretKeyRef: &corev1.SecretKeySelectorArgs{Name: entry.SecretName.ToStringOutput().ToStringPtrOutput(), Key: pulumi.String(entry.Key)},
		}})
	}
	return env
}

func (args *Args) check() error {
	if args == nil {
		return errors.New("args is nil")
	}
	var found faults.List
	found.When(args.Namespace == nil, "args.Namespace is not set")
	found.When(args.Server == "", "args.Server is empty")
	found.Add(args.Check("args"))
	found.When(args.Script == "", "args.Script is empty")
	for name, entry := range args.SecretEnv {
		found.When(entry.SecretName == nil || entry.Key == "", "args.SecretEnv[%q]: SecretName and Key must be set", name)
	}
	return found.Err()
}
