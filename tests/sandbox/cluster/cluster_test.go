package cluster_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster"
	"github.com/federated-risk/federated-risk/tests/sandbox/cluster/clustertest"
)

var (
	configMaps    = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	nodes         = schema.GroupVersionResource{Version: "v1", Resource: "nodes"}
	claims        = schema.GroupVersionResource{Version: "v1", Resource: "persistentvolumeclaims"}
	deployments   = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
	jobs          = schema.GroupVersionResource{Group: "batch", Version: "v1", Resource: "jobs"}
	postgres      = schema.GroupVersionResource{Group: "postgresql.cnpg.io", Version: "v1", Resource: "clusters"}
	routes        = schema.GroupVersionResource{Group: "networking.istio.io", Version: "v1", Resource: "virtualservices"}
	classes       = schema.GroupVersionResource{Group: "storage.k8s.io", Version: "v1", Resource: "storageclasses"}
	testNamespace = "default"
)

func client(t *testing.T, c *cluster.Cluster) dynamic.Interface {
	t.Helper()
	config, err := c.RESTConfig()
	require.NoError(t, err)
	client, err := dynamic.NewForConfig(config)
	require.NoError(t, err)
	return client
}

func create(t *testing.T, client dynamic.Interface, resource schema.GroupVersionResource, manifest string) {
	t.Helper()
	object := &unstructured.Unstructured{}
	require.NoError(t, yaml.Unmarshal([]byte(manifest), &object.Object))
	_, err := client.Resource(resource).Namespace(testNamespace).Create(t.Context(), object, metav1.CreateOptions{})
	require.NoError(t, err)
}

// eventually waits until the object satisfies done.
func eventually(t *testing.T, client dynamic.Interface, resource schema.GroupVersionResource, name string, done func(map[string]any) bool) {
	t.Helper()
	var object *unstructured.Unstructured
	require.Eventually(t, func() bool {
		var err error
		object, err = client.Resource(resource).Namespace(testNamespace).Get(t.Context(), name, metav1.GetOptions{})
		return err == nil && done(object.Object)
	}, 30*time.Second, 100*time.Millisecond, "%s %s: %v", resource.Resource, name, &object)
}

func field(object map[string]any, path ...string) any {
	value, _, _ := unstructured.NestedFieldNoCopy(object, path...)
	return value
}

func TestClusterHasNodesInThreeZones(t *testing.T) {
	client := client(t, clustertest.Start(t))
	list, err := client.Resource(nodes).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	zones := map[string]string{}
	for _, node := range list.Items {
		zones[node.GetName()] = node.GetLabels()["topology.kubernetes.io/zone"]
		require.Equal(t, map[string]any{"cpu": "16", "memory": "64Gi", "pods": "110", "ephemeral-storage": "200Gi"},
			field(node.Object, "status", "allocatable"))
	}
	require.Equal(t, map[string]string{"node-0": "a", "node-1": "b", "node-2": "c"}, zones)
}

func TestClusterRunsWorkloads(t *testing.T) {
	client := client(t, clustertest.Start(t))
	class, err := client.Resource(classes).Get(t.Context(), "kwok-volume", metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, "true", class.GetAnnotations()["storageclass.kubernetes.io/is-default-class"])

	create(t, client, claims, `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data},
  spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}`)
	create(t, client, deployments, `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web},
  spec: {replicas: 3, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {
    containers: [{name: web, image: web:1, resources: {requests: {cpu: "1"}}, volumeMounts: [{name: data, mountPath: /data}]}],
    volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]}}}}`)
	create(t, client, jobs, `{apiVersion: batch/v1, kind: Job, metadata: {name: once},
  spec: {template: {spec: {restartPolicy: Never, containers: [{name: once, image: once:1}]}}}}`)

	eventually(t, client, claims, "data", func(object map[string]any) bool {
		return field(object, "status", "phase") == "Bound"
	})
	eventually(t, client, deployments, "web", func(object map[string]any) bool {
		return field(object, "status", "readyReplicas") == int64(3)
	})
	eventually(t, client, jobs, "once", func(object map[string]any) bool {
		return field(object, "status", "succeeded") == int64(1)
	})
}

func TestClusterServesThePlatformsKinds(t *testing.T) {
	client := client(t, clustertest.Start(t))
	create(t, client, routes, `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: web},
  spec: {hosts: [web], http: [{route: [{destination: {host: web}}]}]}}`)
	create(t, client, postgres, `{apiVersion: postgresql.cnpg.io/v1, kind: Cluster, metadata: {name: db},
  spec: {instances: 3, storage: {size: 1Gi}}}`)
	healthy := func(instances int64) func(map[string]any) bool {
		return func(object map[string]any) bool {
			conditions, _ := field(object, "status", "conditions").([]any)
			if len(conditions) != 1 {
				return false
			}
			condition, _ := conditions[0].(map[string]any)
			return field(object, "status", "readyInstances") == instances &&
				field(object, "status", "phase") == "Cluster in healthy state" &&
				condition["type"] == "Ready" && condition["status"] == "True"
		}
	}
	eventually(t, client, postgres, "db", healthy(3))
	_, err := client.Resource(postgres).Namespace(testNamespace).Patch(t.Context(), "db", "application/merge-patch+json",
		[]byte(`{"spec":{"instances":1}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	eventually(t, client, postgres, "db", healthy(1))
}

func TestKubeconfigIsPrivateAndStandsAlone(t *testing.T) {
	c := clustertest.Start(t)
	info, err := os.Stat(c.Kubeconfig())
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	content, err := os.ReadFile(c.Kubeconfig())
	require.NoError(t, err)
	require.Contains(t, string(content), "current-context: "+c.Context())
	require.NotContains(t, string(content), filepath.Dir(c.Kubeconfig()), "the kubeconfig refers to other files")
	status, err := c.Status(context.Background())
	require.NoError(t, err)
	require.True(t, status.Healthy(), "%+v", status)
}

func TestNewNamesTheMissingField(t *testing.T) {
	_, err := cluster.New(cluster.Config{Name: "n", Dir: "d", Bin: "b", Source: "s"})
	require.ErrorContains(t, err, "Kubeconfig")
}
