package mesh

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/federated-risk/federated-risk/tests/sandbox/istio"
	"github.com/federated-risk/federated-risk/tests/sandbox/rendertest"
)

// service is where the runbook has a service: its port, and where the outside reaches it.
type service struct {
	name       string
	port       int
	subdomain  string
	pathPrefix string
}

// services of the runbook's sections "Docker Compose" and "Ingress", not read from the program: the test would otherwise
// agree with whatever that says.
var services = []service{
	{"consent-service", 7002, "api", "/consent"},
	{"psi-service", 7001, "api", "/psi"},
	{"model-serving", 7003, "api", "/score"},
	{"frontend", 80, "app", "/"},
}

// modelServing is the service that the local stack has a canary of.
var modelServing = services[2]

// platform is a stack's objects in the world, in a namespace and with a domain of their own.
type platform struct {
	*world
	namespace string
	domain    string
}

// deploy renders the local stack into a namespace of its own and applies it. Further overrides are "path=value".
func (w *world) deploy(t *testing.T, namespace string, overrides ...string) *platform {
	t.Helper()
	p := &platform{world: w, namespace: namespace, domain: namespace + ".example"}
	p.update(t, overrides...)
	return p
}

// update applies the stack anew.
func (p *platform) update(t *testing.T, overrides ...string) {
	t.Helper()
	p.apply(t, p.objects(t, overrides...)...)
}

// objects are those that the program itself declares: what a Helm release adds has no part in the mesh.
func (p *platform) objects(t *testing.T, overrides ...string) []*unstructured.Unstructured {
	t.Helper()
	return rendertest.Objects(t, "local", append([]string{"namespace=" + p.namespace, "domain=" + p.domain}, overrides...)...)
}

// host is a service's name in the mesh.
func (p *platform) host(s service) string { return s.name + "." + p.namespace + ".svc.cluster.local" }

// publicHost is a service's name for the outside.
func (p *platform) publicHost(s service) string { return s.subdomain + "." + p.domain }

// cluster is Envoy's name for a version of a service.
func (p *platform) cluster(s service, version string) string {
	return fmt.Sprintf("outbound|%d|%s|%s", s.port, version, p.host(s))
}

// split is what the proxies must do with a canary of that weight. A share of nothing is left out.
func (p *platform) split(s service, weight int) []istio.Share {
	shares := []istio.Share{
		{Cluster: p.cluster(s, "stable"), Percent: 100 - weight},
		{Cluster: p.cluster(s, "canary"), Percent: weight},
	}
	return slices.DeleteFunc(shares, func(share istio.Share) bool { return share.Percent == 0 })
}

// inside is a request from a pod to a service by its name, outside one from a browser to the public host.
func (p *platform) inside(s service) istio.Request {
	return istio.Request{Port: s.port, Host: fmt.Sprintf("%s:%d", p.host(s), s.port), Path: s.pathPrefix}
}

func (p *platform) outside(s service) istio.Request {
	return istio.Request{Port: gatewayPort, ServerName: p.publicHost(s), Host: p.publicHost(s), Path: s.pathPrefix}
}

// pod returns one of the service's pods, once there is one.
func (p *platform) pod(t *testing.T, s service, version string) corev1.Pod {
	t.Helper()
	return p.pods(t, p.namespace, "app="+s.name+",version="+version, 1)[0]
}

// view is a proxy and the request that reaches a service through it.
type view struct {
	name    string
	stream  *istio.Stream
	request func(service) istio.Request
}

// views are the two ways to a service: from the pod of another service, and from outside through the gateway.
func (p *platform) views(t *testing.T) []view {
	t.Helper()
	return []view{
		{"sidecar", p.sidecar(t, p.pod(t, services[1], "stable")), p.inside},
		{"gateway", p.gateway(t), p.outside},
	}
}

// requireRoute waits until the proxy sends the request to exactly these shares, and returns the answer.
func requireRoute(t *testing.T, stream *istio.Stream, request istio.Request, want []istio.Share) (*istio.Config, *istio.Answer) {
	t.Helper()
	var answer *istio.Answer
	config, err := stream.Await(t.Context(), func(config *istio.Config) (err error) {
		if answer, err = config.Resolve(request); err != nil {
			return err
		}
		if !slices.Equal(want, answer.Shares) {
			return fmt.Errorf("the request goes to %v, want %v", answer.Shares, want)
		}
		return dangling(config, answer)
	})
	require.NoError(t, err)
	return config, answer
}

// dangling reports a share that no pod would answer.
func dangling(config *istio.Config, answer *istio.Answer) error {
	var errs []error
	for _, share := range answer.Shares {
		if config.Clusters[share.Cluster] == nil {
			errs = append(errs, fmt.Errorf("%w: the proxy does not know cluster %s", errDangling, share.Cluster))
		} else if len(config.Addresses(share.Cluster)) == 0 {
			errs = append(errs, fmt.Errorf("%w: no pod is in cluster %s", errDangling, share.Cluster))
		}
	}
	return errors.Join(errs...)
}

var errDangling = errors.New("a route leads nowhere")

func withHeader(request istio.Request, name, value string) istio.Request {
	request.Headers = map[string]string{name: value}
	return request
}
