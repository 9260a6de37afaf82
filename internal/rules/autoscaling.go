package rules

import "fmt"

// autoscaler names the labels of an autoscaler (kube-state-metrics).
const autoscaler = NamespaceLabel + ", horizontalpodautoscaler"

func (p Platform) autoscaling() []Rule {
	replicas := func(metric string) string {
		return fmt.Sprintf("max by (%s) (%s)", autoscaler, p.series("kube_horizontalpodautoscaler_"+metric))
	}
	// One that may not scale at all is always at its maximum.
	expression := fmt.Sprintf("(%s >= %s)\nand\n(%s > %s)", replicas("status_current_replicas"), replicas("spec_max_replicas"),
		replicas("spec_max_replicas"), replicas("spec_min_replicas"))
	// 15 minutes, as kube-prometheus-stack's KubeHpaMaxedOut: a peak that is over by then is what the maximum is for.
	return []Rule{p.alert("AutoscalerAtMaximum", Warning, "15m", expression, text{
		summary:       "自动扩缩容 {{ $labels.horizontalpodautoscaler }} 已达上限",
		description:   "{{ $labels.horizontalpodautoscaler }} 的副本数处于上限超过15分钟: {{ $value }}",
		summaryEN:     "Autoscaler {{ $labels.horizontalpodautoscaler }} is at its maximum",
		descriptionEN: "{{ $labels.horizontalpodautoscaler }} has had all of its {{ $value }} replicas for more than 15 minutes: it cannot follow the load.",
	})}
}
