// Package mesh has Istio itself compute what it makes of the platform's objects: they go into a real API server, a real
// pilot-discovery reads them, and the tests ask it as the proxies would. istioctl analyze judges the same objects.
package mesh

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster/clustertest"
	"github.com/federated-risk/federated-risk/tests/sandbox/istio"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/kube"
	"github.com/federated-risk/federated-risk/tests/sandbox/toolchain"
)

const (
	startTimeout = 4 * time.Minute
	podTimeout   = 60 * time.Second
	pollInterval = 100 * time.Millisecond
)

var (
	kindNamespace = schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}
	kindPod       = schema.GroupVersionKind{Version: "v1", Kind: "Pod"}
)

// world is a cluster with a control plane of the mesh beside it. Tests keep apart by namespaces.
type world struct {
	*kube.Client
	settings istio.Settings
	pilot    *istio.Pilot
}

var shared struct {
	sync.Mutex
	world *world
}

// start returns the world that all tests share; the guard of package clustertest removes it when the binary ends.
func start(t *testing.T) *world {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.world == nil {
		shared.world = newWorld(t)
	}
	return shared.world
}

func newWorld(t *testing.T) *world {
	t.Helper()
	// Not the test's: the world outlives it.
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	workspace := clustertest.Workspace(t)
	clustertest.Tools(t, workspace, toolchain.Istio)
	c := clustertest.In(t, workspace)
	require.NoError(t, c.Ensure(ctx))
	client, err := kube.NewClient(kube.Settings{Kubeconfig: c.Kubeconfig(), QPS: 500, Burst: 500}, nil)
	require.NoError(t, err)
	w := &world{Client: client, settings: istio.Settings{
		Bin: workspace.Bin, Kubeconfig: c.Kubeconfig(), Dir: filepath.Join(workspace.Dir, "istio"),
		Environment: clustertest.CompanionEnvironment(workspace),
	}}
	require.NoError(t, os.Mkdir(w.settings.Dir, 0o700))
	w.namespace(t, istio.RootNamespace)
	w.apply(t, manifest(t, gatewayManifest)...)
	w.pilot, err = istio.Start(ctx, w.settings)
	require.NoError(t, err)
	return w
}

func (w *world) namespace(t *testing.T, name string) {
	t.Helper()
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(kindNamespace)
	object.SetName(name)
	w.apply(t, object)
}

// apply makes the objects what the cluster has, in their order.
func (w *world) apply(t *testing.T, objects ...*unstructured.Unstructured) {
	t.Helper()
	for _, object := range objects {
		_, err := w.Apply(t.Context(), object, kube.ApplyOptions{Force: true})
		require.NoError(t, err)
	}
}

// pods returns the ready pods that the labels select, once there are at least so many.
func (w *world) pods(t *testing.T, namespace, labels string, count int) []corev1.Pod {
	t.Helper()
	var pods []corev1.Pod
	var seen error
	err := wait.PollUntilContextTimeout(t.Context(), pollInterval, podTimeout, true, func(ctx context.Context) (bool, error) {
		pods, seen = w.readyPods(ctx, namespace, labels)
		if seen == nil && len(pods) < count {
			seen = fmt.Errorf("%d pods are ready, want %d", len(pods), count)
		}
		return seen == nil, nil
	})
	require.NoError(t, err, "pods %s of %s: %v", labels, namespace, seen)
	return pods
}

func (w *world) readyPods(ctx context.Context, namespace, labels string) ([]corev1.Pod, error) {
	objects, err := w.List(ctx, kindPod, namespace, labels, "")
	if err != nil {
		return nil, err
	}
	var pods []corev1.Pod
	for _, object := range objects {
		var pod corev1.Pod
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &pod); err != nil {
			return nil, err
		}
		if pod.Status.PodIP != "" && pod.Status.Phase == corev1.PodRunning && pod.DeletionTimestamp == nil {
			pods = append(pods, pod)
		}
	}
	return pods, nil
}

// sidecar opens the conversation of a pod's proxy with the control plane.
func (w *world) sidecar(t *testing.T, pod corev1.Pod) *istio.Stream {
	t.Helper()
	return w.connect(t, istio.Sidecar(pod.Namespace, pod.Name, pod.Status.PodIP, pod.Labels))
}

func (w *world) connect(t *testing.T, proxy istio.Proxy) *istio.Stream {
	t.Helper()
	stream, err := w.pilot.Connect(t.Context(), proxy)
	require.NoError(t, err)
	t.Cleanup(stream.Close)
	return stream
}
