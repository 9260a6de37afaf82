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
	tls "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
)

const (
	// httpFilter is the name of the network filter that speaks HTTP.
	httpFilter = "envoy.filters.network.http_connection_manager"
	// inboundListener is the one that a sidecar takes every connection to its pod with.
	inboundListener = "virtualInbound"
)

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

// Inbound returns the chains by which a sidecar takes connections to its pod's port.
func (c *Config) Inbound(port int) []*listener.FilterChain {
	var found []*listener.FilterChain
	for _, chain := range c.Listeners[inboundListener].GetFilterChains() {
		if int(chain.GetFilterChainMatch().GetDestinationPort().GetValue()) == port {
			found = append(found, chain)
		}
	}
	return found
}

// HTTPFilters returns the names of the filters that the chain's requests go through, in their order.
func HTTPFilters(chain *listener.FilterChain) ([]string, error) {
	manager, err := httpManager(chain)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, filter := range manager.GetHttpFilters() {
		names = append(names, filter.GetName())
	}
	return names, nil
}

// RequiresClientCertificate reports whether the chain takes nothing but TLS with a certificate of the client.
func RequiresClientCertificate(chain *listener.FilterChain) (bool, error) {
	settings := &tls.DownstreamTlsContext{}
	typed := chain.GetTransportSocket().GetTypedConfig()
	if !typed.MessageIs(settings) {
		return false, nil
	}
	if err := typed.UnmarshalTo(settings); err != nil {
		return false, fmt.Errorf("transport socket of chain %s: %w", chain.GetName(), err)
	}
	return settings.GetRequireClientCertificate().GetValue(), nil
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
