package postgres

// Network says who the database's pods are and where they listen, for the policies that guard them.
type Network struct {
	// PodLabels select every pod of the cluster: the instances, and the Jobs that make the first one or let another join.
	PodLabels map[string]string
	// OperatorPodLabels select the operator's pods.
	OperatorPodLabels map[string]string
	// Port of the server. StatusPort answers the operator, over TLS, for the state of an instance. MetricsPort is scraped.
	Port, StatusPort, MetricsPort int
}

// Source: CloudNativePG, pkg/management/url (ports) and pkg/utils (labels); the operator's pods carry their chart's name.
const (
	// ClusterLabel of the pods has ClusterName for its value.
	ClusterLabel = "cnpg.io/cluster"
	statusPort   = 8000
	metricsPort  = 9187
)

// Network returns the facts about the cluster that New declares.
func (component *Postgres) Network() Network {
	return Network{
		PodLabels:         map[string]string{ClusterLabel: ClusterName},
		OperatorPodLabels: map[string]string{"app.kubernetes.io/name": "cloudnative-pg"},
		Port:              component.Port,
		StatusPort:        statusPort,
		MetricsPort:       metricsPort,
	}
}
