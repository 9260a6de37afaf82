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

// defaultSharedReleases installs nothing: most clusters have it all.
func defaultSharedReleases(release Release, namespace string) SharedReleases {
	in := func(namespace string) OperatorRelease { return OperatorRelease{Release: release, Namespace: namespace} }
	return SharedReleases{
		IstioBase:         in(defaultIstioNamespace),
		Istiod:            in(defaultIstioNamespace),
		IstioGateway:      in(defaultGatewayNamespace),
		VPA:               in(namespace + vpaNamespaceSuffix),
		PrometheusAdapter: in(namespace + adapterNamespaceSuffix),
	}
}

// defaultPrometheus is the one in the namespace of the monitoring.
func defaultPrometheus(monitoring, namespace string) Prometheus {
	if len(validation.IsDNS1123Label(monitoring)) > 0 {
		monitoring = namespace + monitoringNamespaceSuffix
	}
	return Prometheus{URL: "http://" + prometheusService + "." + monitoring + ".svc", Port: defaultPrometheusPort}
}
