package traffic

import (
	"fmt"

	"github.com/federated-risk/federated-risk/internal/labels"
)

// RateLimit bounds the requests that each pod of the service accepts; the sidecar answers the others with 429.
type RateLimit struct {
	// RequestsPerSecond that a pod accepts in the long run, 1 or more.
	RequestsPerSecond int
	// Burst is the number of requests that a pod accepts at once after a pause, RequestsPerSecond or more.
	Burst int
}

const localRateLimit = "envoy.filters.http.local_ratelimit"

// rateLimitFilter puts Envoy's local rate limit in front of the service's port, in the sidecar of each of its pods,
// whatever their version. Istio has no resource of its own for it.
func (args *Args) rateLimitFilter() map[string]any {
	always := func(key string) map[string]any {
		return map[string]any{
			"runtime_key":   key,
			"default_value": map[string]any{"numerator": 100, "denominator": "HUNDRED"},
		}
	}
	return map[string]any{
		"workloadSelector": map[string]any{"labels": map[string]any{labels.App: args.ServiceName}},
		"configPatches": []any{map[string]any{
			"applyTo": "HTTP_FILTER",
			"match": map[string]any{
				"context": "SIDECAR_INBOUND",
				"listener": map[string]any{
					// The container listens on the Service's port.
					"portNumber":  args.Port,
					"filterChain": map[string]any{"filter": map[string]any{"name": "envoy.filters.network.http_connection_manager"}},
				},
			},
			"patch": map[string]any{
				"operation": "INSERT_BEFORE",
				"value": map[string]any{
					"name": localRateLimit,
					"typed_config": map[string]any{
						"@type":    "type.googleapis.com/udpa.type.v1.TypedStruct",
						"type_url": "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
						"value": map[string]any{
							"stat_prefix": "http_local_rate_limiter",
							"token_bucket": map[string]any{
								"max_tokens":      args.RateLimit.Burst,
								"tokens_per_fill": args.RateLimit.RequestsPerSecond,
								"fill_interval":   "1s",
							},
							"filter_enabled":  always("local_rate_limit_enabled"),
							"filter_enforced": always("local_rate_limit_enforced"),
						},
					},
				},
			},
		}},
	}
}

func (limit *RateLimit) check() error {
	if limit == nil || (limit.RequestsPerSecond >= 1 && limit.Burst >= limit.RequestsPerSecond) {
		return nil
	}
	return fmt.Errorf("args.RateLimit is %d requests per second with bursts of %d: expected 1 or more, and a burst of no less",
		limit.RequestsPerSecond, limit.Burst)
}
