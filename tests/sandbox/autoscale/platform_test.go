package autoscale_test

import (
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/yaml"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster"
	"github.com/federated-risk/federated-risk/tests/sandbox/cluster/clustertest"
	"github.com/federated-risk/federated-risk/tests/sandbox/toolchain"
)

const (
	// namespace of the stack, and another one on the same cluster with the same names in it.
	namespace, elsewhere = "federated-risk", "elsewhere"
	deployment           = "model-serving"
	stable, canary       = "stable", "canary"

	pollInterval = 200 * time.Millisecond
)

var resources = map[string]schema.GroupVersionResource{
	"Deployment":              {Group: "apps", Version: "v1", Resource: "deployments"},
	"HorizontalPodAutoscaler": {Group: "autoscaling", Version: "v2", Resource: "horizontalpodautoscalers"},
	"Service":                 {Version: "v1", Resource: "services"},
	"ServiceAccount":          {Version: "v1", Resource: "serviceaccounts"},
	"PersistentVolumeClaim":   {Version: "v1", Resource: "persistentvolumeclaims"},
	"Namespace":               {Version: "v1", Resource: "namespaces"},
	"APIService":              {Group: "apiregistration.k8s.io", Version: "v1", Resource: "apiservices"},
}

// platform is a cluster with model-serving, what autoscales it, and the exporter that plays its load.
type platform struct {
	*exporter
	objects dynamic.Interface
	api     kubernetes.Interface
}

func start(t *testing.T) *platform {
	t.Helper()
	w := clustertest.Workspace(t)
	clustertest.Tools(t, w, append(toolchain.Cluster(), toolchain.Metrics()...)...)
	config := cluster.ConfigFor(w, nil)
	config.Arguments = map[string]map[string]string{
		"kube-controller-manager": {"horizontal-pod-autoscaler-sync-period": "1s"},
	}
	control, err := cluster.New(config)
	require.NoError(t, err)
	require.NoError(t, control.Ensure(t.Context()))
	connection, err := control.RESTConfig()
	require.NoError(t, err)
	p := &platform{exporter: newExporter(t)}
	p.objects, err = dynamic.NewForConfig(connection)
	require.NoError(t, err)
	p.api, err = kubernetes.NewForConfig(connection)
	require.NoError(t, err)

	p.apply(t, "", "{apiVersion: v1, kind: Namespace, metadata: {name: "+namespace+"}}")
	p.apply(t, "", "{apiVersion: v1, kind: Namespace, metadata: {name: "+elsewhere+"}}")
	port := startAdapter(t, w, startPrometheus(t, w, p.exporter))
	p.register(t, port)
	for _, object := range programObjects(t) {
		p.applyObject(t, namespace, object.DeepCopy())
		if kind := object.GetKind(); kind != "HorizontalPodAutoscaler" {
			p.applyObject(t, elsewhere, object.DeepCopy())
		}
	}
	return p
}

// programObjects are those of the program, which a test of the root module writes down.
func programObjects(t *testing.T) []unstructured.Unstructured {
	t.Helper()
	content, err := os.ReadFile("testdata/objects.json")
	require.NoError(t, err)
	var objects []map[string]any
	require.NoError(t, json.Unmarshal(content, &objects))
	var found []unstructured.Unstructured
	for _, object := range objects {
		found = append(found, unstructured.Unstructured{Object: object})
	}
	return found
}

// register makes the API server ask the adapter for both metrics APIs, as the charts of the adapter and of the
// metrics-server do.
func (p *platform) register(t *testing.T, port int) {
	t.Helper()
	p.apply(t, "kube-system", `{apiVersion: v1, kind: Service, metadata: {name: prometheus-adapter}, spec: {type: ExternalName, externalName: localhost}}`)
	for group, version := range map[string]string{"custom.metrics.k8s.io": "v1beta1", "metrics.k8s.io": "v1beta1"} {
		p.applyObject(t, "", &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": map[string]any{"name": version + "." + group},
			"spec": map[string]any{
				"group": group, "version": version, "groupPriorityMinimum": int64(100), "versionPriority": int64(100), "insecureSkipTLSVerify": true,
				"service": map[string]any{"namespace": "kube-system", "name": "prometheus-adapter", "port": int64(port)},
			},
		}})
	}
}

func (p *platform) apply(t *testing.T, namespace, manifest string) {
	t.Helper()
	object := &unstructured.Unstructured{}
	require.NoError(t, yaml.Unmarshal([]byte(manifest), &object.Object))
	p.applyObject(t, namespace, object)
}

func (p *platform) applyObject(t *testing.T, namespace string, object *unstructured.Unstructured) {
	t.Helper()
	resource, known := resources[object.GetKind()]
	require.True(t, known, object.GetKind())
	var client dynamic.ResourceInterface = p.objects.Resource(resource)
	if namespace != "" {
		object.SetNamespace(namespace)
		client = p.objects.Resource(resource).Namespace(namespace)
	}
	_, err := client.Apply(t.Context(), object.GetName(), object, metav1.ApplyOptions{FieldManager: "test", Force: true})
	require.NoError(t, err)
}

// replicas is how many pods the Deployment is to have.
func (p *platform) replicas(t require.TestingT, name string) int {
	object, err := p.api.AppsV1().Deployments(namespace).Get(context.Background(), name, metav1.GetOptions{})
	require.NoError(t, err)
	return int(*object.Spec.Replicas)
}

// metric asks for a custom metric, as the autoscaler does, and returns its values; false where there is none.
func (p *platform) metric(t require.TestingT, namespace, object, name, selector string) ([]string, bool) {
	request := p.api.Discovery().RESTClient().Get().
		AbsPath("/apis/custom.metrics.k8s.io/v1beta1/namespaces/" + namespace + "/" + object + "/" + name)
	if selector != "" {
		request = request.Param("labelSelector", selector)
	}
	content, err := request.DoRaw(context.Background())
	if apierrors.IsNotFound(err) || apierrors.IsServiceUnavailable(err) {
		return nil, false
	}
	require.NoError(t, err)
	var list struct{ Items []struct{ Value string } }
	require.NoError(t, json.Unmarshal(content, &list))
	var values []string
	for _, item := range list.Items {
		values = append(values, item.Value)
	}
	return values, len(values) > 0
}
