package stacks

// defaultTraffic is the same in every profile: the runbook has no numbers for it.
func defaultTraffic() Traffic {
	return Traffic{
		// Sixty times what the runbook's alert on slow answers allows the 95th percentile: whoever waits longer has left.
		TimeoutSeconds: 30,
		// As Istio's own: enough to get past a pod that goes away.
		Retries: Retries{Attempts: 2},
		// Those of Envoy, which Istio lifts: a service that hangs must not take its callers' memory.
		Connections: Connections{MaxConnections: 1024, MaxPendingRequests: 1024},
		OutlierDetection: OutlierDetection{
			// The first three are those of Istio.
			Consecutive5xx:      5,
			IntervalSeconds:     10,
			BaseEjectionSeconds: 30,
			// Half of the pods must stay, or all are used: one pod out of one, or a service that fails as a whole, is better
			// reached with errors than not at all.
			MaxEjectionPercent: 50,
			MinHealthPercent:   50,
		},
		RateLimit: RateLimit{RequestsPerSecond: 100},
	}
}
