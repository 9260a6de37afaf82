package autoscaling

import (
	"fmt"
	"strings"
)

// The two custom metrics, by the names that the runbook's autoscaler asks for.
const (
	// QueueLengthMetric of a pod: requests that wait in it.
	QueueLengthMetric = "request_queue_length"
	// P95LatencyMetric of a Service, in seconds: nineteen of twenty requests to its pods, of whatever version, are faster.
	P95LatencyMetric = "http_request_duration_p95"

	latencyBuckets = "http_request_duration_seconds_bucket"
	// latencyWindow holds four scrapes at the usual 30 s. A longer one would go on reporting the latency of before the new
	// pods, and go on scaling up for it.
	latencyWindow = "2m"
)

// AdapterRules returns prometheus-adapter's rules.custom for the two metrics, of the objects in these namespaces alone.
// With rules.default false the adapter serves exactly these two.
//
// They rest on the labels namespace, pod and service that the Prometheus operator gives every series of a
// ServiceMonitor. A P95 without traffic is NaN, which the adapter reads as 0: no reason to scale up, none to stay. A
// series that is missing is an error instead, on which the autoscaler keeps the pods that there are.
func AdapterRules(namespaces ...string) []any {
	in := fmt.Sprintf("namespace=~%q", strings.Join(namespaces, "|"))
	return []any{
		map[string]any{
			"seriesQuery": fmt.Sprintf(`%s{%s,pod!=""}`, QueueLengthMetric, in),
			"resources":   overrides("pod"),
			"name":        map[string]any{"matches": "^" + QueueLengthMetric + "$", "as": QueueLengthMetric},
			// A service may have a queue, and a series, for each of its workers.
			"metricsQuery": "sum by (<<.GroupBy>>) (<<.Series>>{<<.LabelMatchers>>," + in + "})",
		},
		map[string]any{
			"seriesQuery": fmt.Sprintf(`%s{%s,service!=""}`, latencyBuckets, in),
			"resources":   overrides("service"),
			"name":        map[string]any{"matches": "^" + latencyBuckets + "$", "as": P95LatencyMetric},
			"metricsQuery": "histogram_quantile(0.95, sum by (namespace, le, <<.GroupBy>>) " +
				"(rate(<<.Series>>{<<.LabelMatchers>>," + in + "}[" + latencyWindow + "])))",
		},
	}
}

// overrides says which labels name the object of a kind that a series is about.
func overrides(kind string) map[string]any {
	return map[string]any{"overrides": map[string]any{
		"namespace": map[string]any{"resource": "namespace"},
		kind:        map[string]any{"resource": kind},
	}}
}
