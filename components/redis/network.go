package redis

import "maps"

// Network says who the cache's pods are and where they listen, for the policies that guard them.
type Network struct {
	// PodLabels select every pod of the release.
	PodLabels map[string]string
	// Port of the server, and MetricsPort of the exporter beside it.
	Port, MetricsPort int
	// Sentinel is nil where Redis runs alone.
	Sentinel *Sentinel
}

// Sentinel elects the master of a replicated cache.
type Sentinel struct {
	// Port that the Sentinels and the replicas reach each other on.
	Port int
	// DiscoveryPodLabels select the pod that keeps the master's Service on the master, through the API server. They include
	// those of every pod of the release.
	DiscoveryPodLabels map[string]string
}

// Source: values and templates of the CloudPirates chart (docs/charts.md).
const (
	// NameLabel of the pods has the name of the chart for its value, redis.
	NameLabel = "app.kubernetes.io/name"

	exporterPort       = 9121
	sentinelPort       = 26379
	discoveryComponent = "master-discovery"
)

func podLabels() map[string]string {
	return map[string]string{NameLabel: "redis", "app.kubernetes.io/instance": ReleaseName}
}

// Network returns the facts about the release that New declares.
func (component *Redis) Network() Network {
	network := Network{
		PodLabels:   podLabels(),
		Port:        component.Port,
		MetricsPort: exporterPort,
	}
	if component.replicated {
		discovery := maps.Clone(network.PodLabels)
		discovery["app.kubernetes.io/component"] = discoveryComponent
		network.Sentinel = &Sentinel{Port: sentinelPort, DiscoveryPodLabels: discovery}
	}
	return network
}
