package tests

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// publicPlaces are the runbook's hosts and paths of each service, written down independently of the catalogue.
var publicPlaces = map[string]struct {
	host, path string
	port       float64
}{
	"consent-service": {"api", "/consent", 7002},
	"psi-service":     {"api", "/psi", 7001},
	"model-serving":   {"api", "/score", 7003},
	"frontend":        {"app", "/", 80},
}

// behindController is a stack whose way in is an Ingress.
func behindController(t testing.TB, stack string) *stacktest.Config {
	t.Helper()
	return stacktest.Load(t, stack).Remove(t, canaryPath).Set(t, "ingress.mode", "ingress").
		Set(t, "ingress.controller.class", "traefik").Set(t, "ingress.controller.namespace", "traefik")
}

func TestGatewayServesThePublicHostsOverTLSOnly(t *testing.T) {
	for _, mode := range modes {
		config := stacktest.Load(t, "dev").Set(t, "domain", "risk.example.com").Set(t, "namespace", "risk")
		run := deploy(t, config, mode.preview)
		hosts := []any{"risk/api.risk.example.com", "risk/app.risk.example.com"}
		gateway := run.Find(t, "v1:Gateway", "gateway")
		assert.Equal(t, "kubernetes:networking.istio.io/v1:Gateway", gateway.Type)
		assert.Equal(t, "federated-risk-gateway", gateway.Get(t, "metadata.name"))
		assert.Equal(t, map[string]any{
			"selector": map[string]any{"istio": "ingress"},
			"servers": []any{
				map[string]any{
					"port":  map[string]any{"number": 443.0, "name": "https", "protocol": "HTTPS"},
					"hosts": hosts,
					"tls":   map[string]any{"mode": "SIMPLE", "minProtocolVersion": "TLSV1_2", "credentialName": "risk-tls"},
				},
				map[string]any{
					"port":  map[string]any{"number": 80.0, "name": "http", "protocol": "HTTP"},
					"hosts": hosts,
					"tls":   map[string]any{"httpsRedirect": true},
				},
			},
		}, gateway.Get(t, "spec"), mode.name)
		assert.Empty(t, run.OfKind("v1:Ingress"))
	}
}

func TestGatewayIsTheOneOfTheConfig(t *testing.T) {
	run := deploy(t, stacktest.Load(t, "prod").Set(t, "ingress.istio.namespace", "edge").
		Set(t, "ingress.istio.selector.app", "edge-proxy"), false)
	assert.Equal(t, map[string]any{"app": "edge-proxy"}, run.Find(t, "v1:Gateway", "gateway").Get(t, "spec.selector"),
		"a selector that is given replaces the default")
	assert.Equal(t, "edge", run.Find(t, "Secret", "secrets-public-tls").Get(t, "metadata.namespace"))
}

// TestPublicRoutesAttachToTheGateway compares names: a route to a gateway, or for a host, that does not exist does nothing.
func TestPublicRoutesAttachToTheGateway(t *testing.T) {
	everywhere(t, func(t *testing.T, stack string, run *stacktest.Run) {
		domain := stacktest.Load(t, stack).Value(t, "domain")
		gateway := run.Find(t, "v1:Gateway", "gateway")
		for _, facts := range services {
			place := publicPlaces[facts.name]
			routes := run.Find(t, "VirtualService", facts.name+"-public-routes")
			assert.Equal(t, facts.name+"-public", routes.Get(t, "metadata.name"))
			assert.Equal(t, []any{place.host + "." + domain}, routes.Get(t, "spec.hosts"))
			assert.Contains(t, gateway.Get(t, "spec.servers[0].hosts"), "federated-risk/"+place.host+"."+domain)
			assert.Equal(t, []any{gateway.Get(t, "metadata.namespace").(string) + "/" + gateway.Get(t, "metadata.name").(string)},
				routes.Get(t, "spec.gateways"))
			paths := []any{map[string]any{"exact": place.path}, map[string]any{"prefix": place.path + "/"}}
			if place.path == "/" {
				paths = []any{map[string]any{"prefix": "/"}}
			}
			for _, route := range routes.Get(t, "spec.http").([]any) {
				assert.NotContains(t, route, "rewrite", "services see the path as the client sent it")
				var matched []any
				for _, match := range route.(map[string]any)["match"].([]any) {
					matched = append(matched, match.(map[string]any)["uri"])
				}
				assert.Equal(t, paths, matched, "%s: every route must be limited to the service's own paths", facts.name)
			}
		}
	})
}

func TestEveryCertificateModeServesThePublicHosts(t *testing.T) {
	for name, check := range map[string]struct {
		config  map[string]string
		gateway string
		ingress string
	}{
		"selfSigned":   {map[string]string{"tls.mode": "selfSigned"}, "federated-risk-tls", stacktest.GeneratedName(deployFile(t, "prod", false).Find(t, "Secret", "secrets-tls"))},
		"certManager":  {map[string]string{"tls.mode": "certManager", "tls.issuer.name": "letsencrypt-prod"}, "federated-risk-tls", "federated-risk-tls"},
		"existing":     {map[string]string{"tls.mode": "existing", "tls.secretName": "theirs"}, "theirs", "theirs"},
		"two existing": {map[string]string{"tls.mode": "existing", "tls.secretName": "theirs", "tls.publicSecretName": "public"}, "public", "public"},
	} {
		t.Run(name, func(t *testing.T) {
			gateway, ingress := stacktest.Load(t, "prod"), behindController(t, "prod")
			for path, value := range check.config {
				gateway.Set(t, path, value)
				ingress.Set(t, path, value)
			}
			run := deploy(t, gateway, false)
			assert.Equal(t, check.gateway, run.Find(t, "v1:Gateway", "gateway").Get(t, "spec.servers[0].tls.credentialName"))
			run = deploy(t, ingress, false)
			assert.Equal(t, []any{map[string]any{
				"hosts": []any{"api.federated-risk.local", "app.federated-risk.local"}, "secretName": check.ingress,
			}}, run.Find(t, "v1:Ingress", "ingress").Get(t, "spec.tls"))
			assert.Nil(t, run.Lookup("Secret", "secrets-public-tls"), "nobody reads it")
		})
	}
}

func TestGatewayGetsTheServersCertificate(t *testing.T) {
	run := deployFile(t, "prod", false)
	mounted, public := run.Find(t, "Secret", "secrets-tls"), run.Find(t, "Secret", "secrets-public-tls")
	for _, name := range []string{"tls.crt", "tls.key"} {
		assert.Equal(t, entry(t, mounted, name), entry(t, public, name))
	}
	assert.Equal(t, "istio-ingress", public.Get(t, "metadata.namespace"), "Istio reads credentials beside the gateway's pods only")
	assert.Contains(t, dependencies(run, run.Find(t, "v1:Gateway", "gateway")), "secrets-public-tls")
}

// TestCertManagerSignsPublicHostsOnly: no public issuer signs the names that services call each other by.
func TestCertManagerSignsPublicHostsOnly(t *testing.T) {
	for _, check := range []struct {
		config    *stacktest.Config
		namespace string
	}{{stacktest.Load(t, "prod"), "istio-ingress"}, {behindController(t, "prod"), "federated-risk"}} {
		for _, mode := range modes {
			check.config.Set(t, "tls.mode", "certManager").Set(t, "tls.issuer.kind", "Issuer").Set(t, "tls.issuer.name", "acme")
			run := deploy(t, check.config, mode.preview)
			certificate := run.Find(t, "Certificate", "secrets-public-certificate")
			assert.Equal(t, "kubernetes:cert-manager.io/v1:Certificate", certificate.Type)
			assert.Equal(t, check.namespace, certificate.Get(t, "metadata.namespace"))
			assert.Equal(t, "federated-risk-tls", certificate.Get(t, "spec.secretName"))
			assert.Equal(t, []any{"api.federated-risk.local", "app.federated-risk.local"}, certificate.Get(t, "spec.dnsNames"))
			assert.Equal(t, map[string]any{"group": "cert-manager.io", "kind": "Issuer", "name": "acme"}, certificate.Get(t, "spec.issuerRef"))
			assert.Equal(t, "Always", certificate.Get(t, "spec.privateKey.rotationPolicy"))
			assert.NotNil(t, run.Lookup("LocallySignedCert", "secrets-tls-g1-certificate"), "the services still need a certificate")
			assert.NotNil(t, run.Lookup("Secret", "secrets-tls"))
		}
	}
}

func TestIngressLeadsToEveryService(t *testing.T) {
	for _, mode := range modes {
		run := deploy(t, behindController(t, "dev").Set(t, "domain", "risk.example.com"), mode.preview)
		ingress := run.Find(t, "v1:Ingress", "ingress")
		assert.Equal(t, "kubernetes:networking.k8s.io/v1:Ingress", ingress.Type)
		assert.Equal(t, "federated-risk-ingress", ingress.Get(t, "metadata.name"))
		assert.Equal(t, "federated-risk", ingress.Get(t, "metadata.namespace"))
		assert.Equal(t, "traefik", ingress.Get(t, "spec.ingressClassName"))
		assert.Equal(t, map[string]any{"pulumi.com/skipAwait": "true"}, ingress.Get(t, "metadata.annotations"))
		rule := func(host string, names ...string) any {
			var paths []any
			for _, name := range names {
				paths = append(paths, map[string]any{
					"path": publicPlaces[name].path, "pathType": "Prefix",
					"backend": map[string]any{"service": map[string]any{
						"name": name, "port": map[string]any{"number": publicPlaces[name].port},
					}},
				})
			}
			return map[string]any{"host": host, "http": map[string]any{"paths": paths}}
		}
		assert.Equal(t, []any{
			rule("api.risk.example.com", "consent-service", "psi-service", "model-serving"), rule("app.risk.example.com", "frontend"),
		}, ingress.Get(t, "spec.rules"))
		assert.Empty(t, run.OfKind("v1:Gateway"))
		assert.Len(t, run.OfKind("VirtualService"), 4, "of the mesh only")
		for _, routes := range run.OfKind("VirtualService") {
			assert.Equal(t, []any{"mesh"}, routes.Get(t, "spec.gateways"))
			assert.Len(t, routes.Get(t, "spec.hosts"), 1)
		}
	}
}

func TestAnnotationsOfTheIngressComeFromTheConfig(t *testing.T) {
	config := behindController(t, "dev").Set(t, `ingress.controller.annotations["example.com/redirect"]`, "https").
		Set(t, `ingress.controller.annotations["pulumi.com/skipAwait"]`, "no")
	assert.Equal(t, map[string]any{"pulumi.com/skipAwait": "no", "example.com/redirect": "https"},
		deploy(t, config, false).Find(t, "v1:Ingress", "ingress").Get(t, "metadata.annotations"))
}

func TestCanaryNeedsAWayInThatKnowsOfIt(t *testing.T) {
	config := behindController(t, "dev").Set(t, canaryPath+".image", canaryImage).Set(t, canaryPath+".weight", "10")
	run := execute(t, config, false)
	require.ErrorContains(t, run.Err, "federated-risk:services.model-serving.canary.image")
	require.ErrorContains(t, run.Err, "federated-risk:ingress.controller.inMesh")
	assert.Empty(t, run.Resources)

	run = deploy(t, config.Set(t, "ingress.controller.inMesh", "true").Set(t, "ingress.controller.serviceAccount", "traefik"), false)
	routes := run.Find(t, "VirtualService", "model-serving-routes")
	assert.Equal(t, []any{modelHost, "api.dev.federated-risk.local"}, routes.Get(t, "spec.hosts"),
		"the controller's sidecar sees the host that the client asked for")
	assert.Equal(t, []any{routeTo("stable", 90), routeTo("canary", 10)}, routes.Get(t, "spec.http[1].route"))
	assert.Len(t, run.OfKind("VirtualService"), 4)
}

// TestWayInCanChange goes from one to the other: the services and their pods stay as they are.
func TestWayInCanChange(t *testing.T) {
	gateway := deploy(t, stacktest.Load(t, "prod"), false)
	ingress := deploy(t, behindController(t, "prod"), false)
	var want []string
	for _, name := range append(slices.Sorted(maps.Keys(publicPlaces)), "model-serving-backup") {
		want = append(want, "policy-network-"+name, "policy-callers-"+name)
	}
	assert.ElementsMatch(t, want, changed(t, gateway, ingress), "who may call the services, and nothing else")
	arrived := []string{"ingress", "ingress"}
	for _, name := range want {
		if service, caller := strings.CutPrefix(name, "policy-callers-"); caller {
			arrived = append(arrived, "policy-mtls-"+service)
		}
	}
	assert.ElementsMatch(t, arrived, added(gateway, ingress), "the component, its Ingress, and leave for callers without a sidecar")
	gone := added(ingress, gateway)
	slices.Sort(gone)
	want = []string{"gateway", "gateway", "secrets-public-tls"}
	for _, name := range slices.Sorted(maps.Keys(publicPlaces)) {
		want = append(want, name+"-public-routes")
	}
	slices.Sort(want)
	assert.Equal(t, want, gone)
}
