package istio

import (
	"fmt"
	"maps"
	"slices"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
)

// httpFilter is the name of the network filter that speaks HTTP.
const httpFilter = "envoy.filters.network.http_connection_manager"

// Config is what a control plane has told one proxy, by name.
type Config struct {
	Listeners map[string]*listener.Listener
	Routes    map[string]*route.RouteConfiguration
	Clusters  map[string]*cluster.Cluster
	// Endpoints by cluster.
	Endpoints map[string]*endpoint.ClusterLoadAssignment
}

func newConfig() *Config {
	return &Config{
		Listeners: map[string]*listener.Listener{},
		Routes:    map[string]*route.RouteConfiguration{},
		Clusters:  map[string]*cluster.Cluster{},
		Endpoints: map[string]*endpoint.ClusterLoadAssignment{},
	}
}

// clone shares the resources, which nobody changes.
func (c *Config) clone() *Config {
	return &Config{
		Listeners: maps.Clone(c.Listeners), Routes: maps.Clone(c.Routes),
		Clusters: maps.Clone(c.Clusters), Endpoints: maps.Clone(c.Endpoints),
	}
}

// Addresses returns the addresses that a cluster's requests can go to, sorted.
func (c *Config) Addresses(clusterName string) []string {
	var addresses []string
	for _, locality := range c.Endpoints[clusterName].GetEndpoints() {
		for _, member := range locality.GetLbEndpoints() {
			addresses = append(addresses, member.GetEndpoint().GetAddress().GetSocketAddress().GetAddress())
		}
	}
	slices.Sort(addresses)
	return addresses
}

// routeNames are the route configurations that the listeners refer to, sorted.
func (c *Config) routeNames() ([]string, error) {
	names := map[string]bool{}
	for _, l := range c.Listeners {
		for _, chain := range chains(l) {
			manager, err := httpManager(chain)
			if err != nil {
				return nil, err
			}
			if name := manager.GetRds().GetRouteConfigName(); name != "" {
				names[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// endpointNames are the clusters whose endpoints the control plane sends, sorted.
func (c *Config) endpointNames() []string {
	var names []string
	for name, known := range c.Clusters {
		if known.GetType() == cluster.Cluster_EDS {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func chains(l *listener.Listener) []*listener.FilterChain {
	all := slices.Clone(l.GetFilterChains())
	if l.GetDefaultFilterChain() != nil {
		all = append(all, l.GetDefaultFilterChain())
	}
	return all
}

// httpManager returns nil for a chain that does not speak HTTP.
func httpManager(chain *listener.FilterChain) (*hcm.HttpConnectionManager, error) {
	for _, filter := range chain.GetFilters() {
		manager := &hcm.HttpConnectionManager{}
		if typed := filter.GetTypedConfig(); typed.MessageIs(manager) {
			if err := typed.UnmarshalTo(manager); err != nil {
				return nil, fmt.Errorf("filter %s: %w", filter.GetName(), err)
			}
			return manager, nil
		} else if filter.GetName() == httpFilter {
			return nil, fmt.Errorf("filter %s holds a %s", filter.GetName(), typed.GetTypeUrl())
		}
	}
	return nil, nil
}
