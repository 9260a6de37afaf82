package stacks

import "k8s.io/apimachinery/pkg/util/validation"

const (
	// Istio's own names: its documentation and tools look there.
	defaultIstioNamespace = "istio-system"
	// Namespaces of the stack's own, as that of the Postgres operator.
	vpaNamespaceSuffix     = "-vpa"
	adapterNamespaceSuffix = "-prometheus-adapter"
	// The Service that the Prometheus operator makes for each Prometheus, whatever its release is called.
	prometheusService     = "prometheus-operated"
	defaultPrometheusPort = 9090
)

// defaultSharedReleases installs the monitoring, as the runbook does, and nothing else: most clusters have it.
func defaultSharedReleases(release Release, monitoring, namespace string) SharedReleases {
	in := func(namespace string) OperatorRelease { return OperatorRelease{Release: release, Namespace: namespace} }
	watching := OperatorRelease{Release: release, Install: true, Namespace: monitoringNamespace(monitoring, namespace)}
	return SharedReleases{
		PrometheusOperatorCRDs: watching,
		KubePrometheusStack:    watching,

		IstioBase:         in(defaultIstioNamespace),
		Istiod:            in(defaultIstioNamespace),
		IstioGateway:      in(defaultGatewayNamespace),
		VPA:               in(namespace + vpaNamespaceSuffix),
		PrometheusAdapter: in(namespace + adapterNamespaceSuffix),
	}
}

// defaultPrometheus is the one in the namespace of the monitoring.
func defaultPrometheus(monitoring, namespace string) Prometheus {
	return Prometheus{URL: "http://" + prometheusService + "." + monitoringNamespace(monitoring, namespace) + ".svc", Port: defaultPrometheusPort}
}

// monitoringNamespace is the one that is given, if it can be one, or else the default.
func monitoringNamespace(given, namespace string) string {
	if len(validation.IsDNS1123Label(given)) > 0 {
		return namespace + monitoringNamespaceSuffix
	}
	return given
}
