package istio

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// The types of resources that a proxy asks for.
const (
	typeListener = "type.googleapis.com/envoy.config.listener.v3.Listener"
	typeRoute    = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
	typeCluster  = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
	typeEndpoint = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
)

// awaitTimeout covers a push: pilot collects changes for a tenth of a second, on a busy machine for longer.
const awaitTimeout = 30 * time.Second

// Stream is a proxy's conversation with the control plane. It keeps what it was told last.
type Stream struct {
	calls discovery.AggregatedDiscoveryService_StreamAggregatedResourcesClient
	close context.CancelFunc
	ended chan struct{}
	// asked is what the proxy has asked for, by type. Only the receiving goroutine uses it.
	asked map[string]*subscription

	mutex  sync.Mutex
	config *Config
	// missing says what the configuration still lacks, nil when it is whole.
	missing error
	// failed is why the conversation ended.
	failed error
	// changed is closed, and replaced, at every change of the three fields above.
	changed chan struct{}
}

type subscription struct {
	names   []string
	version string
	nonce   string
}

// Connect opens the conversation of a proxy. The caller closes it.
func (p *Pilot) Connect(ctx context.Context, proxy Proxy) (*Stream, error) {
	node, err := proxy.node()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	calls, err := discovery.NewAggregatedDiscoveryServiceClient(p.connection).StreamAggregatedResources(ctx)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("xDS stream of %s: %w", node.GetId(), err)
	}
	stream := &Stream{
		calls: calls, close: cancel, ended: make(chan struct{}), asked: map[string]*subscription{},
		config: newConfig(), missing: errors.New("nothing was received yet"), changed: make(chan struct{}),
	}
	if err := errors.Join(stream.ask(typeCluster, nil, node), stream.ask(typeListener, nil, nil)); err != nil {
		cancel()
		return nil, fmt.Errorf("xDS stream of %s: %w", node.GetId(), err)
	}
	go stream.receive(node.GetId())
	return stream, nil
}

// Close ends the conversation.
func (s *Stream) Close() {
	s.close()
	<-s.ended
}

// Config returns the first whole configuration.
func (s *Stream) Config(ctx context.Context) (*Config, error) {
	return s.Await(ctx, func(*Config) error { return nil })
}

// Await returns the first whole configuration that is accepted: the present one or one that is pushed later. When
// there is none in time, the error is what the last one was refused for.
func (s *Stream) Await(ctx context.Context, accept func(*Config) error) (*Config, error) {
	ctx, cancel := context.WithTimeout(ctx, awaitTimeout)
	defer cancel()
	for {
		s.mutex.Lock()
		config, refusal, failed, changed := s.config.clone(), s.missing, s.failed, s.changed
		s.mutex.Unlock()
		if failed != nil {
			return nil, failed
		}
		if refusal == nil {
			if refusal = accept(config); refusal == nil {
				return config, nil
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fmt.Errorf("no such configuration within %s: %w", awaitTimeout, refusal)
		}
	}
}

func (s *Stream) receive(id string) {
	defer close(s.ended)
	for {
		response, err := s.calls.Recv()
		if err == nil {
			err = s.handle(response)
		}
		if err != nil {
			s.update(func() { s.failed = fmt.Errorf("xDS stream of %s: %w", id, err) })
			return
		}
	}
}

func (s *Stream) update(change func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}

// handle takes a response in, accepts it, and asks for what it refers to.
func (s *Stream) handle(response *discovery.DiscoveryResponse) error {
	known := s.asked[response.GetTypeUrl()]
	if known == nil {
		return fmt.Errorf("a response of type %s, which was not asked for", response.GetTypeUrl())
	}
	known.version, known.nonce = response.GetVersionInfo(), response.GetNonce()
	next := s.config.clone()
	if err := next.take(response); err != nil {
		return err
	}
	if err := s.send(response.GetTypeUrl(), nil); err != nil {
		return err
	}
	routes, err := next.routeNames()
	if err != nil {
		return err
	}
	endpoints := next.endpointNames()
	keep(next.Routes, routes)
	keep(next.Endpoints, endpoints)
	missing := s.missingOf(next, routes, endpoints)
	s.update(func() { s.config, s.missing = next, missing })
	return errors.Join(s.ask(typeRoute, routes, nil), s.ask(typeEndpoint, endpoints, nil))
}

// ask subscribes to the names of a type; none means all, which only listeners and clusters know.
func (s *Stream) ask(typeURL string, names []string, node *core.Node) error {
	known := s.asked[typeURL]
	byName := typeURL == typeRoute || typeURL == typeEndpoint
	switch {
	case byName && len(names) == 0:
		return nil
	case known == nil:
		s.asked[typeURL] = &subscription{names: names}
	case slices.Equal(known.names, names):
		return nil
	default:
		known.names = names
	}
	return s.send(typeURL, node)
}

func (s *Stream) send(typeURL string, node *core.Node) error {
	known := s.asked[typeURL]
	return s.calls.Send(&discovery.DiscoveryRequest{
		Node: node, TypeUrl: typeURL, ResourceNames: known.names, VersionInfo: known.version, ResponseNonce: known.nonce,
	})
}

func (s *Stream) missingOf(config *Config, routes, endpoints []string) error {
	for _, typeURL := range []string{typeListener, typeCluster} {
		if s.asked[typeURL].nonce == "" {
			return fmt.Errorf("no %s was received yet", typeURL)
		}
	}
	for _, name := range routes {
		if config.Routes[name] == nil {
			return fmt.Errorf("route configuration %q was not received yet", name)
		}
	}
	for _, name := range endpoints {
		if config.Endpoints[name] == nil {
			return fmt.Errorf("the endpoints of %q were not received yet", name)
		}
	}
	return nil
}

// take puts a response's resources in. Listeners and clusters come whole, of the others only what has changed.
func (c *Config) take(response *discovery.DiscoveryResponse) (err error) {
	resources := response.GetResources()
	switch response.GetTypeUrl() {
	case typeListener:
		c.Listeners, err = decode(map[string]*listener.Listener{}, resources, func() *listener.Listener { return &listener.Listener{} }, (*listener.Listener).GetName)
	case typeCluster:
		c.Clusters, err = decode(map[string]*cluster.Cluster{}, resources, func() *cluster.Cluster { return &cluster.Cluster{} }, (*cluster.Cluster).GetName)
	case typeRoute:
		_, err = decode(c.Routes, resources, func() *route.RouteConfiguration { return &route.RouteConfiguration{} }, (*route.RouteConfiguration).GetName)
	case typeEndpoint:
		_, err = decode(c.Endpoints, resources, func() *endpoint.ClusterLoadAssignment { return &endpoint.ClusterLoadAssignment{} }, (*endpoint.ClusterLoadAssignment).GetClusterName)
	}
	return err
}

func decode[M proto.Message](into map[string]M, resources []*anypb.Any, empty func() M, name func(M) string) (map[string]M, error) {
	for _, resource := range resources {
		message := empty()
		if err := resource.UnmarshalTo(message); err != nil {
			return nil, fmt.Errorf("resource: %w", err)
		}
		into[name(message)] = message
	}
	return into, nil
}

// keep deletes all but the named entries.
func keep[V any](entries map[string]V, names []string) {
	maps.DeleteFunc(entries, func(name string, _ V) bool { return !slices.Contains(names, name) })
}
