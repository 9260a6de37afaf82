package traffic

import "github.com/federated-risk/federated-risk/internal/labels"

// branch is one rule of the split: which requests it takes, and which versions share them.
type branch struct {
	name string
	// header that a request must have, or nil for every request.
	header map[string]any
	shares []share
	// mirror is the percentage of the branch's requests that the canary gets a copy of.
	mirror int
}

// share is a version's part of a branch, in percent; the version standby is no version of the service.
type share struct {
	version string
	weight  int
}

const standby = "standby"

// split decides which version answers a request. It knows nothing of where the request came from, and every route to the
// service is made from it: so the weights hold for the mesh and for the gateway alike.
//
// An outage sends everything to the standby, the canary's share too. Otherwise the header match comes first, since the first branch that fits wins. Weights sum to 100 in each branch. Source: runbook
// section "canary release".
func (args *Args) split() []branch {
	if args.Standby != "" {
		return []branch{{name: standby, shares: []share{{standby, 100}}}}
	}
	canary := args.Canary
	if canary == nil {
		return []branch{{name: "all", shares: []share{{labels.Stable, 100}}}}
	}
	return []branch{
		{
			name:   "canary-header",
			header: map[string]any{canary.HeaderName: map[string]any{"exact": canary.HeaderValue}},
			shares: []share{{labels.Canary, 100}},
		},
		{
			name:   "weighted",
			shares: []share{{labels.Stable, 100 - canary.Weight}, {labels.Canary, canary.Weight}},
			mirror: canary.Mirror,
		},
	}
}
