// Package jobs asks a cluster what has become of a Job, for the decisions that a program cannot take from its config.
package jobs

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
)

// Cluster is one that a kubeconfig leads to.
type Cluster struct {
	// Kubeconfig is a path; empty means $KUBECONFIG, then the user's default, as for the provider.
	Kubeconfig string
	// Context of the kubeconfig; empty means the current one.
	Context string
}

// timeout of a question to the API server.
const timeout = 30 * time.Second

var resource = schema.GroupVersionResource{Group: "batch", Version: "v1", Resource: "jobs"}

// Succeeded returns nil if the Job has succeeded, and else an error that says how far it is.
func (c Cluster) Succeeded(ctx context.Context, namespace, name string) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	loading := clientcmd.NewDefaultClientConfigLoadingRules()
	loading.ExplicitPath = c.Kubeconfig
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(loading, &clientcmd.ConfigOverrides{CurrentContext: c.Context}).ClientConfig()
	if err != nil {
		return fmt.Errorf("ask the cluster about Job %s/%s: read the kubeconfig: %w", namespace, name, err)
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("ask the cluster about Job %s/%s: %w", namespace, name, err)
	}
	job, err := client.Resource(resource).Namespace(namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return fmt.Errorf("the Job %s/%s does not exist", namespace, name)
	}
	if err != nil {
		return fmt.Errorf("ask the cluster about Job %s/%s: %w", namespace, name, err)
	}
	return outcome(job)
}

// outcome reads the conditions that the Job controller sets when a Job has ended.
func outcome(job *unstructured.Unstructured) error {
	conditions, _, err := unstructured.NestedSlice(job.Object, "status", "conditions")
	if err != nil {
		return fmt.Errorf("the Job %s/%s has a status that is none: %w", job.GetNamespace(), job.GetName(), err)
	}
	for _, entry := range conditions {
		condition, ok := entry.(map[string]any)
		if !ok || condition["status"] != "True" {
			continue
		}
		switch condition["type"] {
		case "Complete":
			return nil
		case "Failed":
			return fmt.Errorf("the Job %s/%s has failed (%v: %v)", job.GetNamespace(), job.GetName(), condition["reason"], condition["message"])
		}
	}
	return fmt.Errorf("the Job %s/%s has not ended yet", job.GetNamespace(), job.GetName())
}
