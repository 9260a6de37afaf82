package traffic

import "github.com/federated-risk/federated-risk/internal/labels"

// destinationRule names the versions. Subsets are fixed: a route never waits for one to appear.
func (args *Args) destinationRule() map[string]any {
	return map[string]any{
		"host": args.host(),
		"subsets": []any{
			subset(labels.Stable),
			subset(labels.Canary),
		},
	}
}

func subset(version string) map[string]any {
	return map[string]any{"name": version, "labels": map[string]any{labels.Version: version}}
}

func (args *Args) virtualService() map[string]any {
	return map[string]any{
		"hosts":    []any{args.host()},
		"gateways": []any{meshGateway},
		"http":     args.split(),
	}
}

// split returns the HTTP routes to the service: first the header match, which must win over the weights, then the
// weights. They always sum to 100. Source: runbook section "canary release".
func (args *Args) split() []any {
	if args.Canary == nil {
		return []any{map[string]any{"name": "all", "route": []any{args.destination(labels.Stable, 100)}}}
	}
	return []any{
		map[string]any{
			"name": "canary-header",
			"match": []any{map[string]any{
				"headers": map[string]any{args.Canary.HeaderName: map[string]any{"exact": args.Canary.HeaderValue}},
			}},
			"route": []any{args.destination(labels.Canary, 100)},
		},
		map[string]any{
			"name": "weighted",
			"route": []any{
				args.destination(labels.Stable, 100-args.Canary.Weight),
				args.destination(labels.Canary, args.Canary.Weight),
			},
		},
	}
}

func (args *Args) destination(version string, weight int) map[string]any {
	return map[string]any{
		"destination": map[string]any{
			"host":   args.host(),
			"subset": version,
			"port":   map[string]any{"number": args.Port},
		},
		"weight": weight,
	}
}
