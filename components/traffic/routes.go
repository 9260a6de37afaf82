package traffic

import (
	"strconv"

	"github.com/federated-risk/federated-risk/internal/dns"
	"github.com/federated-risk/federated-risk/internal/labels"
)

const (
	// meshGateway stands for every sidecar in the mesh.
	meshGateway = "mesh"
	// retryOn are the conditions under which the service has not seen the request yet, so that trying again cannot do
	// anything twice. Istio's default also tries again on answers (503, and gRPC's unavailable and cancelled), which may
	// come after the work.
	retryOn = "connect-failure,refused-stream,reset-before-request"
)

// meshRoutes are the routes of every sidecar: by the Service's own name, whatever the path.
func (args *Args) meshRoutes() map[string]any {
	hosts := []any{args.host()}
	if args.Public != nil && args.Public.Gateway == "" {
		// A controller with a sidecar passes the public host on, and chooses the service by the path before that.
		hosts = append(hosts, args.Public.Host)
	}
	return map[string]any{"hosts": hosts, "gateways": []any{meshGateway}, "http": args.routes(nil)}
}

// publicRoutes are the routes of the gateway: by the public host and the service's paths on it.
func (args *Args) publicRoutes() map[string]any {
	return map[string]any{
		"hosts":    []any{args.Public.Host},
		"gateways": []any{args.Public.Gateway},
		"http":     args.routes(pathsBelow(args.Public.PathPrefix)),
	}
}

// pathsBelow are the matches for a path and everything below it, as an Ingress means pathType Prefix: /score is not a
// prefix of /scoreboard.
func pathsBelow(prefix string) []map[string]any {
	if prefix == "/" {
		return []map[string]any{{"prefix": prefix}}
	}
	return []map[string]any{{"exact": prefix}, {"prefix": prefix + "/"}}
}

// routes renders the split for requests to any of the paths; none means every path.
func (args *Args) routes(paths []map[string]any) []any {
	var routes []any
	for _, branch := range args.split() {
		route := map[string]any{"name": branch.name, "retries": args.Policy.Retries.spec()}
		if match := branch.match(paths); len(match) > 0 {
			route["match"] = match
		}
		var destinations []any
		for _, share := range branch.shares {
			destinations = append(destinations, map[string]any{"destination": args.destination(share.version), "weight": share.weight})
		}
		route["route"] = destinations
		if branch.mirror > 0 {
			route["mirrors"] = []any{map[string]any{
				"destination": args.destination(labels.Canary), "percentage": map[string]any{"value": branch.mirror},
			}}
		}
		if timeout := args.Policy.TimeoutSeconds; timeout > 0 {
			route["timeout"] = seconds(timeout)
		}
		routes = append(routes, route)
	}
	return routes
}

// match returns the alternatives under which the branch takes a request; none means always.
func (branch branch) match(paths []map[string]any) []any {
	if len(paths) == 0 {
		if branch.header == nil {
			return nil
		}
		return []any{map[string]any{"headers": branch.header}}
	}
	var match []any
	for _, path := range paths {
		alternative := map[string]any{"uri": path}
		if branch.header != nil {
			alternative["headers"] = branch.header
		}
		match = append(match, alternative)
	}
	return match
}

func (args *Args) destination(version string) map[string]any {
	if version == standby {
		return map[string]any{"host": dns.Host(args.Standby, args.NamespaceName), "port": map[string]any{"number": args.Port}}
	}
	return map[string]any{
		"host":   args.host(),
		"subset": version,
		"port":   map[string]any{"number": args.Port},
	}
}

// spec is set even for no retries at all: a route without it gets Istio's own.
func (retries Retries) spec() map[string]any {
	spec := map[string]any{"attempts": retries.Attempts}
	if retries.Attempts == 0 {
		return spec
	}
	spec["retryOn"] = retryOn
	if retries.PerTryTimeoutSeconds > 0 {
		spec["perTryTimeout"] = seconds(retries.PerTryTimeoutSeconds)
	}
	return spec
}

func seconds(count int) string { return strconv.Itoa(count) + "s" }
