package istio

import (
	"testing"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	matcher "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const port = 7003

// served is a configuration with one listener, in plain text, for the routes.
func served(t *testing.T, routes *route.RouteConfiguration) *Config {
	t.Helper()
	config := newConfig()
	config.Listeners["all"] = &listener.Listener{
		Address: &core.Address{Address: &core.Address_SocketAddress{SocketAddress: &core.SocketAddress{
			Address: "0.0.0.0", PortSpecifier: &core.SocketAddress_PortValue{PortValue: port},
		}}},
		FilterChains: []*listener.FilterChain{chain(t, routes.GetName())},
	}
	config.Routes[routes.GetName()] = routes
	return config
}

func chain(t *testing.T, routes string, serverNames ...string) *listener.FilterChain {
	t.Helper()
	manager, err := anypb.New(&hcm.HttpConnectionManager{RouteSpecifier: &hcm.HttpConnectionManager_Rds{
		Rds: &hcm.Rds{RouteConfigName: routes},
	}})
	require.NoError(t, err)
	chain := &listener.FilterChain{Filters: []*listener.Filter{{
		Name: httpFilter, ConfigType: &listener.Filter_TypedConfig{TypedConfig: manager},
	}}}
	if len(serverNames) > 0 {
		chain.FilterChainMatch = &listener.FilterChainMatch{ServerNames: serverNames}
		chain.TransportSocket = &core.TransportSocket{Name: "tls"}
	}
	return chain
}

func virtualHost(name string, domains []string, routes ...*route.Route) *route.VirtualHost {
	return &route.VirtualHost{Name: name, Domains: domains, Routes: routes}
}

func to(cluster string, conditions *route.RouteMatch) *route.Route {
	return &route.Route{Name: cluster, Match: conditions, Action: &route.Route_Route{Route: &route.RouteAction{
		ClusterSpecifier: &route.RouteAction_Cluster{Cluster: cluster},
	}}}
}

// anyPath matches every request.
func anyPath() *route.RouteMatch {
	return &route.RouteMatch{PathSpecifier: &route.RouteMatch_Prefix{Prefix: "/"}}
}

func exactHeader(name, value string) *route.HeaderMatcher {
	return &route.HeaderMatcher{Name: name, HeaderMatchSpecifier: &route.HeaderMatcher_StringMatch{
		StringMatch: &matcher.StringMatcher{MatchPattern: &matcher.StringMatcher_Exact{Exact: value}},
	}}
}

func TestVirtualHostsAreSearchedInEnvoysOrder(t *testing.T) {
	config := served(t, &route.RouteConfiguration{Name: "r", VirtualHosts: []*route.VirtualHost{
		virtualHost("any", []string{"*"}, to("any", anyPath())),
		virtualHost("short suffix", []string{"*.risk.example"}, to("short suffix", anyPath())),
		virtualHost("long suffix", []string{"*.eu.risk.example"}, to("long suffix", anyPath())),
		virtualHost("prefix", []string{"api.*"}, to("prefix", anyPath())),
		virtualHost("exact", []string{"other", "api.eu.risk.example"}, to("exact", anyPath())),
	}})
	for host, want := range map[string]string{
		"api.eu.risk.example": "exact", "API.EU.risk.example": "exact", "app.eu.risk.example": "long suffix",
		"app.risk.example": "short suffix", "api.elsewhere.example": "prefix", "nowhere.example": "any",
	} {
		answer, err := config.Resolve(Request{Port: port, Host: host, Path: "/"})
		require.NoError(t, err)
		assert.Equal(t, want, answer.VirtualHost.GetName(), host)
	}
}

func TestThePortInTheHostIsIgnoredOnlyWhereEnvoyIgnoresIt(t *testing.T) {
	routes := &route.RouteConfiguration{Name: "r", VirtualHosts: []*route.VirtualHost{virtualHost("a", []string{"a"}, to("a", anyPath()))}}
	request := Request{Port: port, Host: "a:7003", Path: "/"}
	_, err := served(t, routes).Resolve(request)
	require.ErrorIs(t, err, ErrNoRoute)
	routes.IgnorePortInHostMatching = true
	_, err = served(t, routes).Resolve(request)
	require.NoError(t, err)
}

func TestTheFirstRouteThatMatchesTakesTheRequest(t *testing.T) {
	withHeader := anyPath()
	withHeader.Headers = []*route.HeaderMatcher{exactHeader("canary", "true")}
	config := served(t, &route.RouteConfiguration{Name: "r", VirtualHosts: []*route.VirtualHost{virtualHost("a", []string{"*"},
		to("header", withHeader),
		to("exact", &route.RouteMatch{PathSpecifier: &route.RouteMatch_Path{Path: "/score"}}),
		to("separated", &route.RouteMatch{PathSpecifier: &route.RouteMatch_PathSeparatedPrefix{PathSeparatedPrefix: "/score"}}),
		to("folded", &route.RouteMatch{
			PathSpecifier: &route.RouteMatch_Prefix{Prefix: "/PSI"}, CaseSensitive: wrapperspb.Bool(false),
		}),
		to("regex", &route.RouteMatch{PathSpecifier: &route.RouteMatch_SafeRegex{SafeRegex: &matcher.RegexMatcher{Regex: "/v[0-9]+"}}}),
	)}})
	for request, want := range map[[2]string]string{
		{"/score", "true"}: "header", {"/score", "false"}: "exact", {"/score", ""}: "exact",
		{"/score/x", ""}: "separated", {"/psi/x", ""}: "folded", {"/v12", ""}: "regex",
	} {
		headers := map[string]string{}
		if request[1] != "" {
			headers["canary"] = request[1]
		}
		answer, err := config.Resolve(Request{Port: port, Host: "a", Path: request[0], Headers: headers})
		require.NoError(t, err)
		assert.Equal(t, []Share{{Cluster: want, Percent: 100}}, answer.Shares, request)
	}
	for _, path := range []string{"/scores", "/v12/x", "/"} {
		_, err := config.Resolve(Request{Port: port, Host: "a", Path: path})
		require.ErrorIs(t, err, ErrNoRoute, path)
	}
}

func TestWhatIsNotUnderstoodIsAnError(t *testing.T) {
	query := anyPath()
	query.QueryParameters = []*route.QueryParameterMatcher{{Name: "canary"}}
	fraction := anyPath()
	fraction.RuntimeFraction = &core.RuntimeFractionalPercent{}
	header := anyPath()
	header.Headers = []*route.HeaderMatcher{{Name: "canary", HeaderMatchSpecifier: &route.HeaderMatcher_RangeMatch{}}}
	weights := to("a", anyPath())
	weights.GetRoute().ClusterSpecifier = &route.RouteAction_WeightedClusters{WeightedClusters: &route.WeightedCluster{
		Clusters: []*route.WeightedCluster_ClusterWeight{{Name: "a", Weight: wrapperspb.UInt32(7)}},
	}}
	for name, candidate := range map[string]*route.Route{
		"query parameters": to("a", query), "fraction": to("a", fraction), "header range": to("a", header),
		"no path": to("a", &route.RouteMatch{}), "weights of no hundred": weights,
	} {
		config := served(t, &route.RouteConfiguration{Name: "r", VirtualHosts: []*route.VirtualHost{virtualHost("a", []string{"*"}, candidate)}})
		_, err := config.Resolve(Request{Port: port, Host: "a", Path: "/", Headers: map[string]string{"canary": "1"}})
		require.Error(t, err, name)
		require.NotErrorIs(t, err, ErrNoRoute, name)
	}
}

func TestHeaderConditions(t *testing.T) {
	inverted := exactHeader("a", "1")
	inverted.InvertMatch = true
	present := &route.HeaderMatcher{Name: "A", HeaderMatchSpecifier: &route.HeaderMatcher_PresentMatch{PresentMatch: true}}
	for name, test := range map[string]struct {
		condition *route.HeaderMatcher
		headers   map[string]string
		want      bool
	}{
		"equal":                     {exactHeader("A", "1"), map[string]string{"a": "1"}, true},
		"other value":               {exactHeader("a", "1"), map[string]string{"a": "2"}, false},
		"missing":                   {exactHeader("a", "1"), nil, false},
		"inverted, equal":           {inverted, map[string]string{"a": "1"}, false},
		"inverted, other":           {inverted, map[string]string{"a": "2"}, true},
		"inverted, missing":         {inverted, nil, false},
		"presence asked, there":     {present, map[string]string{"a": ""}, true},
		"presence asked, not there": {present, nil, false},
	} {
		matches, err := matchHeader(test.condition, test.headers)
		require.NoError(t, err)
		assert.Equal(t, test.want, matches, name)
	}
}

func TestServerNamesChooseTheChain(t *testing.T) {
	config := served(t, &route.RouteConfiguration{Name: "plain"})
	config.Listeners["all"].FilterChains = append(config.Listeners["all"].FilterChains,
		chain(t, "api", "api.risk.example"), chain(t, "wild", "*.other.example"))
	for _, name := range []string{"plain", "api", "wild"} {
		config.Routes[name] = &route.RouteConfiguration{Name: name, VirtualHosts: []*route.VirtualHost{virtualHost(name, []string{"*"}, to(name, anyPath()))}}
	}
	for serverName, want := range map[string]string{"": "plain", "api.risk.example": "api", "x.other.example": "wild"} {
		answer, err := config.Resolve(Request{Port: port, ServerName: serverName, Host: "a", Path: "/"})
		require.NoError(t, err)
		assert.Equal(t, want, answer.Route.GetName())
	}
	_, err := config.Resolve(Request{Port: port, ServerName: "app.risk.example", Host: "a", Path: "/"})
	require.ErrorIs(t, err, ErrNoRoute)
	_, err = config.Resolve(Request{Port: port + 1, Host: "a", Path: "/"})
	require.ErrorIs(t, err, ErrNoRoute)
}

func TestPartsOfAShare(t *testing.T) {
	share := Share{Cluster: "outbound|7003|stable|model-serving.risk.svc.cluster.local"}
	assert.Equal(t, []any{7003, "stable", "model-serving.risk.svc.cluster.local"}, []any{share.Port(), share.Subset(), share.Host()})
	assert.Empty(t, Share{Cluster: "BlackHoleCluster"}.Host())
	assert.Zero(t, Share{Cluster: "BlackHoleCluster"}.Port())
}
