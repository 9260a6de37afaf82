package mesh

import (
	"bytes"
	_ "embed"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/federated-risk/federated-risk/tests/sandbox/istio"
)

//go:embed testdata/reader.yaml
var readerManifest []byte

// TestReaderSaysWhatTheMeshComputes has the mesh compute known objects.
func TestReaderSaysWhatTheMeshComputes(t *testing.T) {
	w := start(t)
	w.apply(t, manifest(t, readerManifest)...)
	stable := addresses(w.pods(t, "reader", "version=stable", 2))
	canary := addresses(w.pods(t, "reader", "version=canary", 1))
	gateway := w.pods(t, "reader", "istio=reader-gateway", 1)[0]

	const host = "echo.reader.svc.cluster.local"
	const stableCluster, canaryCluster = "outbound|7000|stable|" + host, "outbound|7000|canary|" + host
	for name, proxy := range map[string]struct {
		stream  *istio.Stream
		request istio.Request
	}{
		"sidecar": {w.sidecar(t, w.pods(t, "reader", "version=canary", 1)[0]), istio.Request{Port: 7000, Host: host + ":7000", Path: "/"}},
		"gateway": {
			w.connect(t, istio.Gateway("reader", gateway.Name, gateway.Status.PodIP, gateway.Labels)),
			istio.Request{Port: 8443, ServerName: "echo.example", Host: "echo.example", Path: "/"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			config, err := proxy.stream.Await(t.Context(), func(config *istio.Config) error {
				if len(config.Addresses(stableCluster)) != len(stable) || len(config.Addresses(canaryCluster)) != len(canary) {
					return errors.New("the pods are not all known yet")
				}
				return nil
			})
			require.NoError(t, err)
			assert.Equal(t, stable, config.Addresses(stableCluster))
			assert.Equal(t, canary, config.Addresses(canaryCluster))
			assert.EqualValues(t, 7, config.Clusters[stableCluster].GetOutlierDetection().GetConsecutive_5Xx().GetValue())
			assert.EqualValues(t, 11, config.Clusters[stableCluster].GetCircuitBreakers().GetThresholds()[0].GetMaxPendingRequests().GetValue())

			answer, err := config.Resolve(proxy.request)
			require.NoError(t, err)
			assert.Equal(t, []istio.Share{{Cluster: stableCluster, Percent: 70}, {Cluster: canaryCluster, Percent: 30}}, answer.Shares)
			action := answer.Route.GetRoute()
			assert.Equal(t, 3*time.Second, action.GetTimeout().AsDuration())
			assert.EqualValues(t, 2, action.GetRetryPolicy().GetNumRetries().GetValue())
			assert.Equal(t, "5xx", action.GetRetryPolicy().GetRetryOn())
			require.Len(t, action.GetRequestMirrorPolicies(), 1)
			assert.Equal(t, canaryCluster, action.GetRequestMirrorPolicies()[0].GetCluster())

			proxy.request.Headers = map[string]string{"canary": "true"}
			answer, err = config.Resolve(proxy.request)
			require.NoError(t, err)
			assert.Equal(t, []istio.Share{{Cluster: canaryCluster, Percent: 100}}, answer.Shares)

			proxy.request.Host = "elsewhere.example"
			answer, err = config.Resolve(proxy.request)
			if name == "gateway" {
				require.ErrorIs(t, err, istio.ErrNoRoute)
				answer, err = config.Resolve(istio.Request{Port: 8080, Host: "echo.example", Path: "/"})
				require.NoError(t, err)
				assert.Equal(t, route.VirtualHost_ALL, answer.VirtualHost.GetRequireTls(), "plain text is redirected")
				assert.Nil(t, answer.Route)
			} else {
				require.NoError(t, err)
				assert.Equal(t, []istio.Share{{Cluster: "PassthroughCluster", Percent: 100}}, answer.Shares)
			}
		})
	}
}

// TestReaderTellsPlainTextFromMutualTLS makes the reader's own namespace strict: without a PeerAuthentication a sidecar
// takes both.
func TestReaderTellsPlainTextFromMutualTLS(t *testing.T) {
	w := start(t)
	w.apply(t, manifest(t, readerManifest)...)
	stream := w.sidecar(t, w.pods(t, "reader", "version=stable", 2)[0])
	const containerPort = 8000
	requireMutualTLS(t, stream, containerPort, false)
	w.apply(t, manifest(t, []byte(`
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict, namespace: reader}
spec: {mtls: {mode: STRICT}}
`))...)
	requireMutualTLS(t, stream, containerPort, true)
}

// addresses of the pods, sorted as Config.Addresses sorts them.
func addresses(pods []corev1.Pod) []string {
	var addresses []string
	for _, pod := range pods {
		addresses = append(addresses, pod.Status.PodIP)
	}
	slices.Sort(addresses)
	return addresses
}

func manifest(t *testing.T, content []byte) []*unstructured.Unstructured {
	t.Helper()
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
	var objects []*unstructured.Unstructured
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return objects
		}
		require.NoError(t, err)
		objects = append(objects, object)
	}
}
