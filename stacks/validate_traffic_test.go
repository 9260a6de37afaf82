package stacks_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/stacks"
)

const psiTraffic = "services.psi-service.traffic"

func TestDefaultsOfTheTraffic(t *testing.T) {
	for name, service := range parse(t, nil).Services {
		assert.Equal(t, stacks.Traffic{
			TimeoutSeconds:   30,
			Retries:          stacks.Retries{Attempts: 2},
			Connections:      stacks.Connections{MaxConnections: 1024, MaxPendingRequests: 1024},
			OutlierDetection: stacks.OutlierDetection{Consecutive5xx: 5, IntervalSeconds: 10, BaseEjectionSeconds: 30, MaxEjectionPercent: 50, MinHealthPercent: 50},
			RateLimit:        stacks.RateLimit{RequestsPerSecond: 100},
		}, service.Traffic, name)
	}
}

// TestValidateTrafficRanges tries both ends of each range, and what is just past them.
func TestValidateTrafficRanges(t *testing.T) {
	var rules []rule
	for path, bounds := range map[string][2]int{
		".timeoutSeconds":                       {0, 3600},
		".retries.attempts":                     {0, 10},
		".connections.maxConnections":           {0, 100000},
		".connections.maxPendingRequests":       {0, 100000},
		".connections.maxRequestsPerConnection": {0, 100000},
		".outlierDetection.consecutive5xx":      {0, 1000},
		".outlierDetection.intervalSeconds":     {1, 3600},
		".outlierDetection.baseEjectionSeconds": {1, 3600},
		".outlierDetection.maxEjectionPercent":  {0, 100},
		".outlierDetection.minHealthPercent":    {0, 100},
		".rateLimit.requestsPerSecond":          {1, 100000},
	} {
		for _, value := range []int{bounds[0], bounds[1]} {
			rules = append(rules, rule{fmt.Sprint(path, value), tree{psiTraffic + path: value}, nil})
		}
		for _, value := range []int{bounds[0] - 1, bounds[1] + 1} {
			rules = append(rules, rule{fmt.Sprint(path, value), tree{psiTraffic + path: value}, []string{
				fmt.Sprintf("%s%s: %d: must be %d to %d", psiTraffic, path, value, bounds[0], bounds[1]),
			}})
		}
	}
	checkRules(t, rules)
}

func TestValidateTrafficAcrossFields(t *testing.T) {
	const perTry = psiTraffic + ".retries.perTryTimeoutSeconds"
	tries := func(timeout, attempts, seconds int) tree {
		return tree{psiTraffic + ".timeoutSeconds": timeout, psiTraffic + ".retries": tree{"attempts": attempts, "perTryTimeoutSeconds": seconds}}
	}
	burst := func(burst int) tree {
		return tree{psiTraffic + ".rateLimit": tree{"requestsPerSecond": 50, "burst": burst}}
	}
	badBurst := func(burst int) []string {
		return []string{fmt.Sprintf("%s.rateLimit.burst: %d: must be 0, or federated-risk:%s.rateLimit.requestsPerSecond to 100000",
			psiTraffic, burst, psiTraffic)}
	}
	checkRules(t, []rule{
		{"tries that fit", tries(30, 2, 10), nil},
		{"tries without a limit on the whole", tries(0, 10, 3600), nil},
		{"tries that do not fit", tries(30, 2, 11), []string{fmt.Sprintf(
			"%s: 11: must leave room for all tries: 1 and federated-risk:%s.retries.attempts (2), times this, exceed federated-risk:%s.timeoutSeconds (30)",
			perTry, psiTraffic, psiTraffic)}},
		{"one try", tries(30, 0, 10), []string{
			perTry + ": 10: must be 0 without retries: federated-risk:" + psiTraffic + ".timeoutSeconds is the limit",
		}},
		{"negative try", tries(30, 2, -1), []string{perTry + ": -1: must be 0 to 3600"}},
		{"smallest burst", burst(50), nil},
		{"largest burst", burst(100000), nil},
		{"burst of the rate", burst(0), nil},
		{"burst below the rate", burst(49), badBurst(49)},
		{"burst too large", burst(100001), badBurst(100001)},
		{"negative burst", burst(-1), badBurst(-1)},
	})
}

func TestValidateMirror(t *testing.T) {
	const canary = "services.psi-service.canary"
	mirrored := func(weight, mirror int) tree {
		return tree{canary: tree{"image": "example.com/psi:2", "weight": weight, "mirror": mirror}}
	}
	checkRules(t, []rule{
		{"all of it", mirrored(0, 100), nil},
		{"beside a weight", mirrored(99, 1), nil},
		{"at full weight", mirrored(100, 1), []string{
			canary + ".mirror: 1: must be 0 while federated-risk:" + canary + ".weight is 100: the canary gets every request already",
		}},
		{"to nothing", tree{canary + ".mirror": 1}, []string{
			canary + ".mirror: 1: must be 0 without a canary: set federated-risk:" + canary + ".image",
		}},
		{"negative", mirrored(0, -1), []string{canary + ".mirror: -1: must be 0 to 100"}},
		{"more than all", mirrored(0, 101), []string{canary + ".mirror: 101: must be 0 to 100"}},
	})
}
