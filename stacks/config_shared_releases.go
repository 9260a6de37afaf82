package stacks

// SharedReleases are what a cluster has once, however many stacks it holds: one stack installs them, the others, or all,
// find them in place. A second stack that installs one too fails, and Helm says which objects exist already.
type SharedReleases struct {
	// IstioBase has Istio's CRDs, Istiod its control plane: both in one namespace, Istiod after IstioBase. Istio's CNI node
	// agent is not among the releases, so the pods need policy.podSecurity privileged.
	IstioBase OperatorRelease `json:"istioBase"`
	Istiod    OperatorRelease `json:"istiod"`
	// IstioGateway is the way in from outside; several stacks may share it.
	IstioGateway OperatorRelease `json:"istioGateway"`
	// VPA is the vertical pod autoscaler.
	VPA OperatorRelease `json:"vpa"`
	// PrometheusOperatorCRDs has the kinds of the Prometheus operator, which the other chart would never upgrade.
	PrometheusOperatorCRDs OperatorRelease `json:"prometheusOperatorCRDs"`
	// KubePrometheusStack is Prometheus, Alertmanager, Grafana, node-exporter, kube-state-metrics and the operator; it watches
	// all stacks of the cluster. Both are in policy.monitoringNamespace.
	KubePrometheusStack OperatorRelease `json:"kubePrometheusStack"`
	// PrometheusAdapter serves Prometheus's metrics to the horizontal autoscaler.
	PrometheusAdapter OperatorRelease `json:"prometheusAdapter"`
}

// Prometheus is where metrics come from.
type Prometheus struct {
	// URL of the server without a port, seen from inside the cluster.
	URL string `json:"url"`
	// Port of the server, 1 to 65535.
	Port int `json:"port"`
}
