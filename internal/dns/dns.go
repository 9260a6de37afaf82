// Package dns builds the names that Services have inside the cluster.
package dns

// clusterDomain is the default of every Kubernetes distribution in use.
const clusterDomain = "cluster.local"

// Host returns the fully qualified name of the Service service in namespace.
func Host(service, namespace string) string {
	return service + "." + namespace + ".svc." + clusterDomain
}

// Aliases returns every name that a client in the cluster may use for the Service, shortest first.
func Aliases(service, namespace string) []string {
	return []string{
		service,
		service + "." + namespace,
		service + "." + namespace + ".svc",
		Host(service, namespace),
	}
}
