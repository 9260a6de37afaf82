package traffic

import (
	"errors"
	"fmt"

	"github.com/federated-risk/federated-risk/internal/labels"
)

// Policy says how callers treat the service: how long they wait, how often they try, when they leave a pod alone. It
// holds for the gateway and for every sidecar.
type Policy struct {
	// TimeoutSeconds for the whole request with all its tries; 0 means no limit.
	TimeoutSeconds   int
	Retries          Retries
	Connections      Connections
	OutlierDetection OutlierDetection
}

// Retries say how often a request is sent again that has not reached the service.
type Retries struct {
	// Attempts after the first, 0 or more.
	Attempts int
	// PerTryTimeoutSeconds ends a try; 0 means that only the whole request has a limit.
	PerTryTimeoutSeconds int
}

// Connections bound what one caller's proxy has open to the service; 0 means no bound.
type Connections struct {
	// MaxConnections at a time.
	MaxConnections int
	// MaxPendingRequests that wait for a connection.
	MaxPendingRequests int
	// MaxRequestsPerConnection before it is closed.
	MaxRequestsPerConnection int
}

// OutlierDetection leaves out a pod that keeps failing.
type OutlierDetection struct {
	// Consecutive5xx responses after which a pod is left out; 0 turns the detection off.
	Consecutive5xx int
	// IntervalSeconds between two looks, 1 or more.
	IntervalSeconds int
	// BaseEjectionSeconds times the number of ejections so far is how long a pod is left out, 1 or more.
	BaseEjectionSeconds int
	// MaxEjectionPercent of a version's pods are left out at most, 0 to 100.
	MaxEjectionPercent int
	// MinHealthPercent of a version's pods, 0 to 100: with fewer left, all of them are used again, whatever they answer.
	MinHealthPercent int
}

// destinationRule names the versions. Subsets are fixed: a route never waits for one to appear. Each version is a pool of
// its own, with the policy of the whole.
//
// There is no `tls`: without one, Istio uses mutual TLS exactly where the other side has a sidecar, while a setting here
// would also hold for pods that have none.
func (args *Args) destinationRule() map[string]any {
	spec := map[string]any{
		"host":    args.host(),
		"subsets": []any{subset(labels.Stable), subset(labels.Canary)},
	}
	policy := map[string]any{}
	if pool := args.Policy.Connections.spec(); len(pool) > 0 {
		policy["connectionPool"] = pool
	}
	if detection := args.Policy.OutlierDetection; detection.Consecutive5xx > 0 {
		policy["outlierDetection"] = detection.spec()
	}
	if len(policy) > 0 {
		spec["trafficPolicy"] = policy
	}
	return spec
}

func subset(version string) map[string]any {
	return map[string]any{"name": version, "labels": map[string]any{labels.Version: version}}
}

func (connections Connections) spec() map[string]any {
	pool, http := map[string]any{}, map[string]any{}
	if connections.MaxConnections > 0 {
		pool["tcp"] = map[string]any{"maxConnections": connections.MaxConnections}
	}
	if connections.MaxPendingRequests > 0 {
		http["http1MaxPendingRequests"] = connections.MaxPendingRequests
	}
	if connections.MaxRequestsPerConnection > 0 {
		http["maxRequestsPerConnection"] = connections.MaxRequestsPerConnection
	}
	if len(http) > 0 {
		pool["http"] = http
	}
	return pool
}

func (detection OutlierDetection) spec() map[string]any {
	return map[string]any{
		"consecutive5xxErrors": detection.Consecutive5xx,
		"interval":             seconds(detection.IntervalSeconds),
		"baseEjectionTime":     seconds(detection.BaseEjectionSeconds),
		"maxEjectionPercent":   detection.MaxEjectionPercent,
		"minHealthPercent":     detection.MinHealthPercent,
	}
}

func (policy Policy) check() error {
	var faults []error
	for _, count := range []struct {
		argument string
		value    int
	}{
		{"TimeoutSeconds", policy.TimeoutSeconds},
		{"Retries.Attempts", policy.Retries.Attempts},
		{"Retries.PerTryTimeoutSeconds", policy.Retries.PerTryTimeoutSeconds},
		{"Connections.MaxConnections", policy.Connections.MaxConnections},
		{"Connections.MaxPendingRequests", policy.Connections.MaxPendingRequests},
		{"Connections.MaxRequestsPerConnection", policy.Connections.MaxRequestsPerConnection},
		{"OutlierDetection.Consecutive5xx", policy.OutlierDetection.Consecutive5xx},
	} {
		if count.value < 0 {
			faults = append(faults, fmt.Errorf("args.Policy.%s is %d: expected 0 or more", count.argument, count.value))
		}
	}
	detection := policy.OutlierDetection
	if detection.Consecutive5xx > 0 && (detection.IntervalSeconds < 1 || detection.BaseEjectionSeconds < 1) {
		faults = append(faults, errors.New("args.Policy.OutlierDetection.IntervalSeconds and BaseEjectionSeconds must be 1 or more"))
	}
	return errors.Join(faults...)
}
