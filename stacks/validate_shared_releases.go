package stacks

import (
	"net/url"
	"slices"
	"strings"

	"github.com/federated-risk/federated-risk/components/istio"
)

// longestReleaseName that Helm takes.
const longestReleaseName = 53

// named is a shared release with its key.
type named struct {
	key     string
	release OperatorRelease
}

// list has them in the order in which they are installed.
func (shared SharedReleases) list() []named {
	return []named{
		{"istioBase", shared.IstioBase}, {"istiod", shared.Istiod}, {"istioGateway", shared.IstioGateway},
		{"vpa", shared.VPA}, {"prometheusOperatorCRDs", shared.PrometheusOperatorCRDs},
		{"kubePrometheusStack", shared.KubePrometheusStack}, {"prometheusAdapter", shared.PrometheusAdapter},
	}
}

func (v validator) sharedReleases(path keyPath, cfg *Config) {
	shared := cfg.Releases.SharedReleases
	for _, entry := range shared.list() {
		if !entry.release.Install {
			continue
		}
		at := path.key(entry.key)
		v.release(at, entry.release.Release)
		v.dnsLabel(at.key("namespace"), entry.release.Namespace)
		// The monitoring follows its policy's namespace, which is refused for the same reason.
		if entry.release.Namespace == cfg.Namespace && entry.release.Namespace != cfg.Policy.MonitoringNamespace {
			v.add(at.key("namespace"), entry.release.Namespace, "must differ from %s: the two do not leave together", keyPath{"namespace"})
		}
	}
	if shared.Istiod.Install && shared.IstioBase.Install && shared.Istiod.Namespace != shared.IstioBase.Namespace {
		v.add(path.key("istiod").key("namespace"), shared.Istiod.Namespace, "must equal %s: the webhooks of the one lead to the other",
			path.key("istioBase").key("namespace"))
	}
	if gateway, used := shared.IstioGateway, cfg.Ingress.Istio; gateway.Install && cfg.Ingress.Mode == IngressIstio && gateway.Namespace != used.Namespace {
		v.add(path.key("istioGateway").key("namespace"), gateway.Namespace, "must equal %s, where the certificate goes",
			keyPath{"ingress", "istio", "namespace"})
	}
	v.ownNamespaces(path, cfg.Releases)
	v.istioReleaseNames(cfg)
}

// monitoringReleases are the keys of those that share the namespace of the monitoring.
var monitoringReleases = []string{"prometheusOperatorCRDs", "kubePrometheusStack"}

// together are the releases that may share a namespace: Istio's, which stay, and the two of the monitoring, which go at once.
func together(first, second string) bool {
	return strings.HasPrefix(first, "istio") && strings.HasPrefix(second, "istio") ||
		slices.Contains(monitoringReleases, first) && slices.Contains(monitoringReleases, second)
}

// ownNamespaces refuses one namespace for two releases, since each goes with its own.
func (v validator) ownNamespaces(path keyPath, releases Releases) {
	takenBy := map[string]string{}
	for _, entry := range append([]named{{"postgresOperator", releases.PostgresOperator}}, releases.list()...) {
		first, taken := takenBy[entry.release.Namespace]
		switch {
		case !entry.release.Install:
		case !taken:
			takenBy[entry.release.Namespace] = entry.key
		case !together(first, entry.key):
			v.add(path.key(entry.key).key("namespace"), entry.release.Namespace, "must differ from %s: each leaves with its own",
				path.key(first).key("namespace"))
		}
	}
}

// istioReleaseNames begin with the stack's namespace, which must leave room.
func (v validator) istioReleaseNames(cfg *Config) {
	shared := cfg.Releases.SharedReleases
	if !shared.IstioBase.Install && !shared.Istiod.Install && !shared.IstioGateway.Install {
		return
	}
	if longest := longestReleaseName - len(istio.LongestReleaseSuffix); len(cfg.Namespace) > longest {
		v.add(keyPath{"namespace"}, cfg.Namespace, "must have at most %d characters where the stack installs Istio: it begins the names of the releases", longest)
	}
}

func (v validator) prometheus(path keyPath, prometheus Prometheus) {
	address, err := url.Parse(prometheus.URL)
	switch {
	case err != nil || address.Hostname() == "" || address.Port() != "" || (address.Scheme != "http" && address.Scheme != "https"):
		v.add(path.key("url"), prometheus.URL, "must be an http:// or https:// address without a port, which %s has", path.key("port"))
	case address.User != nil:
		// Not shown, it holds a password.
		v.add(path.key("url"), nil, "must not contain a user or password")
	}
	v.between(path.key("port"), prometheus.Port, 1, 65535)
}
