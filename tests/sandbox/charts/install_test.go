package charts_test

import (
	"cmp"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/cli"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/restmapper"
	"sigs.k8s.io/yaml"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster/clustertest"
)

const (
	releaseTimeout = time.Minute
	redisValues    = `
architecture: replication
replicaCount: 3
sentinel: {enabled: true, masterService: {enabled: true}}
metrics: {enabled: true, serviceMonitor: {enabled: true}}
pdb: {enabled: true}
extraConfig: "maxmemory 256mb"
resources: {limits: {memory: 512Mi}}
`
	backupValues = `
backups: {enabled: true, s3: {region: eu-west-1, bucket: risk}, secret: {create: false, name: keys}}
poolers: [{name: rw, instances: 2, parameters: {max_client_conn: "1000"}}]
cluster: {affinity: {enablePodAntiAffinity: true, podAntiAffinityType: required, tolerations: [{key: db, operator: Exists}]}}
`
)

// site is a namespace of a control plane.
type site struct {
	clients *kubernetes.Clientset
	dynamic dynamic.Interface
	mapper  meta.RESTMapper
	helm    *action.Configuration
}

func newSite(t *testing.T) *site {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a control plane")
	}
	running := clustertest.Start(t)
	config, err := running.RESTConfig()
	require.NoError(t, err)
	clients, err := kubernetes.NewForConfig(config)
	require.NoError(t, err)
	dynamicClient, err := dynamic.NewForConfig(config)
	require.NoError(t, err)

	settings := cli.New()
	settings.KubeConfig = running.Kubeconfig()
	settings.SetNamespace(namespace)
	configuration := &action.Configuration{}
	require.NoError(t, configuration.Init(settings.RESTClientGetter(), namespace, "secrets", t.Logf))
	_, err = clients.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{})
	if !apierrors.IsAlreadyExists(err) {
		require.NoError(t, err)
	}
	return &site{
		clients: clients, dynamic: dynamicClient, helm: configuration,
		mapper: restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(clients.Discovery())),
	}
}

// install installs a chart of this folder and waits until it is ready; it is uninstalled when the test ends.
func (s *site) install(t *testing.T, chartName, release, values string) {
	t.Helper()
	chart, err := loader.LoadDir(chartName)
	require.NoError(t, err)
	install := action.NewInstall(s.helm)
	install.ReleaseName, install.Namespace = release, namespace
	install.Wait, install.Timeout = true, releaseTimeout
	_, err = install.RunWithContext(t.Context(), chart, parse(t, values))
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := action.NewUninstall(s.helm).Run(release)
		assert.NoError(t, err)
	})
}

func (s *site) upgrade(t *testing.T, chartName, release, values string) {
	t.Helper()
	chart, err := loader.LoadDir(chartName)
	require.NoError(t, err)
	upgrade := action.NewUpgrade(s.helm)
	upgrade.Namespace, upgrade.Wait, upgrade.Timeout = namespace, true, releaseTimeout
	_, err = upgrade.RunWithContext(t.Context(), release, chart, parse(t, values))
	require.NoError(t, err)
}

func parse(t *testing.T, values string) map[string]any {
	t.Helper()
	var parsed map[string]any
	require.NoError(t, yaml.UnmarshalStrict([]byte(values), &parsed))
	return parsed
}

// Helm itself lets the API server drop fields that it does not know.
func TestAPIServerKnowsEveryField(t *testing.T) {
	s := newSite(t)
	for _, test := range []struct{ chart, values string }{
		{"cluster", clusterValues},
		{"cluster", backupValues},
		{"cluster", "{mode: recovery, recovery: {method: object_store, clusterName: old, pitrTarget: {time: '2026-11-23T12:00:00Z'}, s3: {region: r, bucket: b, inheritFromIAMRole: true}}}"},
		{"cluster", "{mode: recovery, recovery: {backupName: monday, owner: risk}}"},
		{"redis", ""},
		{"redis", redisValues},
		{"redis", "persistence: {enabled: false}"},
		{"cloudnative-pg", "config: {clusterWide: false}"},
		{"cloudnative-pg", "monitoring: {podMonitorEnabled: true}"},
		{"kube-prometheus-stack", ""},
		{"kube-prometheus-stack", stackValues},
		{"kube-prometheus-stack", bareStackValues},
	} {
		for key, object := range mustRender(t, test.chart, "strict", test.values, monitoringKinds...) {
			mapping, err := s.mapper.RESTMapping(object.GroupVersionKind().GroupKind(), object.GroupVersionKind().Version)
			require.NoError(t, err, key)
			var resource dynamic.ResourceInterface = s.dynamic.Resource(mapping.Resource)
			if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
				resource = s.dynamic.Resource(mapping.Resource).Namespace(cmp.Or(object.GetNamespace(), namespace))
			}
			_, err = resource.Create(t.Context(), object, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}, FieldValidation: metav1.FieldValidationStrict})
			require.NoError(t, err, "%s of %s with %q", key, test.chart, test.values)
		}
	}
}

func TestRedisGetsReadyAndIsReached(t *testing.T) {
	s := newSite(t)
	s.install(t, "redis", "redis", redisValues)
	for service, want := range map[string]int{"redis": 3, "redis-headless": 3, "redis-sentinel": 3, "redis-master": 1, "redis-metrics": 3} {
		require.NoError(t, s.waitForEndpoints(t, service, want), "Service %s must reach %d pods", service, want)
	}
	claims, err := s.clients.CoreV1().PersistentVolumeClaims(namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "app.kubernetes.io/instance=redis"})
	require.NoError(t, err)
	require.Len(t, claims.Items, 3)
	for _, claim := range claims.Items {
		assert.Equal(t, corev1.ClaimBound, claim.Status.Phase, claim.Name)
	}
}

func (s *site) waitForEndpoints(t *testing.T, service string, want int) error {
	t.Helper()
	return wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, 20*time.Second, true, func(ctx context.Context) (bool, error) {
		slices, err := s.clients.DiscoveryV1().EndpointSlices(namespace).List(ctx, metav1.ListOptions{LabelSelector: "kubernetes.io/service-name=" + service})
		if err != nil {
			return false, err
		}
		ready := 0
		for _, slice := range slices.Items {
			for _, endpoint := range slice.Endpoints {
				if endpoint.Conditions.Ready != nil && *endpoint.Conditions.Ready {
					ready += len(endpoint.Addresses)
				}
			}
		}
		return ready == want, nil
	})
}

func TestOperatorGetsReady(t *testing.T) {
	s := newSite(t)
	s.install(t, "cloudnative-pg", "cloudnative-pg", "replicaCount: 2")
	deployment, err := s.clients.AppsV1().Deployments(namespace).Get(t.Context(), "cloudnative-pg", metav1.GetOptions{})
	require.NoError(t, err)
	assert.EqualValues(t, 2, deployment.Status.ReadyReplicas)
}

// A generated password that changed with every upgrade would lock the services out.
func TestGeneratedPasswordsOutliveAnUpgrade(t *testing.T) {
	s := newSite(t)
	for _, test := range []struct{ chart, release, secret, key, before, after string }{
		{"cluster", "postgres", "postgres-cluster-app", "password", "cluster: {instances: 1}", "cluster: {instances: 2}"},
		{"redis", "cache", "cache-redis", "redis-password", "replicaCount: 1", "extraConfig: maxmemory 64mb"},
		{"kube-prometheus-stack", "watch", "watch-grafana", "admin-password", onlyGrafana + "}}", onlyGrafana + ", replicas: 2}}"},
	} {
		s.install(t, test.chart, test.release, test.before)
		password := func() string {
			secret, err := s.clients.CoreV1().Secrets(namespace).Get(t.Context(), test.secret, metav1.GetOptions{})
			require.NoError(t, err)
			return string(secret.Data[test.key])
		}
		before := password()
		require.NotEmpty(t, before)
		s.upgrade(t, test.chart, test.release, test.after)
		assert.Equal(t, before, password(), test.secret)
	}
}
