package istio

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
)

// Request is an HTTP request as it reaches a proxy.
type Request struct {
	// Port that the proxy listens on: of the Service that a pod calls, or of the gateway's pod.
	Port int
	// ServerName that the client names in the TLS handshake; empty for plain text.
	ServerName string
	// Host is the Host header, with or without a port.
	Host string
	// Path, without a query.
	Path string
	// Headers by lower-case name.
	Headers map[string]string
}

// Answer is what a proxy does with a request.
type Answer struct {
	// Chain has taken the connection.
	Chain *listener.FilterChain
	// VirtualHost has taken the request. It may demand TLS instead of serving it.
	VirtualHost *route.VirtualHost
	// Route is the first of the virtual host that matches.
	Route *route.Route
	// Shares are where the route sends the request, in the proxy's order. None has the weight 0.
	Shares []Share
}

// Share is the part of the requests that goes to one cluster.
type Share struct {
	// Cluster is Envoy's, for example outbound|7003|stable|model-serving.federated-risk.svc.cluster.local.
	Cluster string
	// Percent of the requests.
	Percent int
}

// Subset returns the subset that the cluster is, empty for the whole service.
func (s Share) Subset() string { return s.part(2) }

// Host returns the service's host.
func (s Share) Host() string { return s.part(3) }

// Port returns the service's port, 0 for a cluster that is none of a service's.
func (s Share) Port() int {
	port, _ := strconv.Atoi(s.part(1))
	return port
}

func (s Share) part(index int) string {
	const parts = 4
	if split := strings.Split(s.Cluster, "|"); len(split) == parts {
		return split[index]
	}
	return ""
}

// ErrNoRoute says that the proxy answers the request itself, with 404, or does not take the connection.
var ErrNoRoute = errors.New("nothing takes the request")

// Resolve follows a request through the configuration, as Envoy does. It fails on whatever it cannot follow for sure.
func (c *Config) Resolve(request Request) (*Answer, error) {
	answer, err := c.resolve(request)
	if err != nil {
		return nil, fmt.Errorf("request to %s%s on port %d: %w", request.Host, request.Path, request.Port, err)
	}
	return answer, nil
}

func (c *Config) resolve(request Request) (*Answer, error) {
	chain, err := c.chain(request)
	if err != nil {
		return nil, err
	}
	manager, err := httpManager(chain)
	if err != nil {
		return nil, err
	}
	routes := manager.GetRouteConfig()
	if name := manager.GetRds().GetRouteConfigName(); name != "" {
		routes = c.Routes[name]
	}
	host := request.Host
	if bare, _, err := net.SplitHostPort(host); err == nil && routes.GetIgnorePortInHostMatching() {
		host = bare
	}
	virtualHost := virtualHostFor(routes, host)
	if virtualHost == nil {
		return nil, fmt.Errorf("%w: route configuration %q has no virtual host for %q", ErrNoRoute, routes.GetName(), host)
	}
	answer := &Answer{Chain: chain, VirtualHost: virtualHost}
	if virtualHost.GetRequireTls() != route.VirtualHost_NONE && request.ServerName == "" {
		return answer, nil
	}
	for _, candidate := range virtualHost.GetRoutes() {
		matches, err := match(candidate.GetMatch(), request)
		if err != nil {
			return nil, fmt.Errorf("route %q: %w", candidate.GetName(), err)
		}
		if matches {
			answer.Route = candidate
			answer.Shares, err = shares(candidate.GetRoute())
			return answer, err
		}
	}
	return nil, fmt.Errorf("%w: no route of virtual host %q matches", ErrNoRoute, virtualHost.GetName())
}

// chain is the one HTTP chain that takes the connection.
func (c *Config) chain(request Request) (*listener.FilterChain, error) {
	var found []*listener.FilterChain
	var names []string
	for name, l := range c.Listeners {
		if int(l.GetAddress().GetSocketAddress().GetPortValue()) != request.Port {
			continue
		}
		for _, chain := range l.GetFilterChains() {
			manager, err := httpManager(chain)
			if err != nil {
				return nil, err
			}
			if manager != nil && takes(chain, request.ServerName) {
				found, names = append(found, chain), append(names, name)
			}
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("%w: no HTTP listener on port %d for server name %q", ErrNoRoute, request.Port, request.ServerName)
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("several filter chains take the connection, of listeners %s", strings.Join(names, ", "))
}

// takes reports whether the chain takes a connection with that server name, empty for plain text.
func takes(chain *listener.FilterChain, serverName string) bool {
	conditions := chain.GetFilterChainMatch()
	if serverName == "" {
		return chain.GetTransportSocket() == nil && len(conditions.GetServerNames()) == 0
	}
	if chain.GetTransportSocket() == nil {
		return false
	}
	for _, name := range conditions.GetServerNames() {
		suffix, wildcard := strings.CutPrefix(name, "*")
		if name == serverName || wildcard && strings.HasSuffix(serverName, suffix) {
			return true
		}
	}
	return len(conditions.GetServerNames()) == 0
}

// virtualHostFor searches in Envoy's order: the exact name, the longest suffix after *, the longest prefix before
// *, and at last * itself.
func virtualHostFor(routes *route.RouteConfiguration, host string) *route.VirtualHost {
	const exact, suffix, prefix, any = 3, 2, 1, 0
	var best *route.VirtualHost
	bestRank, bestLength := -1, -1
	host = strings.ToLower(host)
	for _, candidate := range routes.GetVirtualHosts() {
		for _, domain := range candidate.GetDomains() {
			domain = strings.ToLower(domain)
			rank := -1
			switch {
			case domain == "*":
				rank = any
			case domain == host:
				rank = exact
			case strings.HasPrefix(domain, "*") && strings.HasSuffix(host, domain[1:]):
				rank = suffix
			case strings.HasSuffix(domain, "*") && strings.HasPrefix(host, domain[:len(domain)-1]):
				rank = prefix
			}
			if rank > bestRank || rank == bestRank && rank >= 0 && len(domain) > bestLength {
				best, bestRank, bestLength = candidate, rank, len(domain)
			}
		}
	}
	return best
}

// shares are nil for an action that is no route: a redirect or a direct response.
func shares(action *route.RouteAction) ([]Share, error) {
	if action == nil {
		return nil, nil
	}
	switch specifier := action.GetClusterSpecifier().(type) {
	case *route.RouteAction_Cluster:
		return []Share{{Cluster: specifier.Cluster, Percent: 100}}, nil
	case *route.RouteAction_WeightedClusters:
		var shares []Share
		total := 0
		for _, part := range specifier.WeightedClusters.GetClusters() {
			weight := int(part.GetWeight().GetValue())
			shares = append(shares, Share{Cluster: part.GetName(), Percent: weight})
			total += weight
		}
		if total != 100 {
			return nil, fmt.Errorf("the weights sum to %d, so none is a percentage: %v", total, shares)
		}
		return shares, nil
	default:
		return nil, fmt.Errorf("cluster specifier %T is not understood", specifier)
	}
}
