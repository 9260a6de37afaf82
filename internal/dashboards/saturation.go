package dashboards

import "github.com/federated-risk/federated-risk/internal/rules"

// saturation is how much of what the service has is in use. The container of a canary and of a standby is called as the
// service, so their pods are here too.
func (p Platform) saturation(s Service) []panel {
	container := equal("container", s.Name)
	shown := []panel{
		p.graph(about{
			title: "CPU of limit", unit: unitRatio, limit: containerCPULimit,
			description: "CPU time as a share of the container's limit, by pod.",
		}, query("{{pod}}", p.cpuOfLimit(container, rules.PodLabel))),
		p.graph(about{
			title: "Memory of limit", unit: unitRatio, limit: containerMemoryLimit,
			description: "Working set as a share of the container's limit, by pod. At 100 % the container is killed.",
		}, query("{{pod}}", p.memoryOfLimit(container, rules.PodLabel))),
		p.graph(about{
			title: "Throttled", unit: unitRatio,
			description: "Share of the periods of 100 ms in which the container had used up its CPU limit and was stopped, by pod.",
		}, query("{{pod}}", ratio(
			sum(rate(p.selection("container_cpu_cfs_throttled_periods_total", container)), rules.PodLabel),
			sum(rate(p.selection("container_cpu_cfs_periods_total", container)), rules.PodLabel),
		))),
		p.graph(about{
			title: "Queue", unit: unitCount, noValue: "not reported",
			description: "Requests that wait, by pod. Where an autoscaler has a target for it, that is an average over the pods.",
		}, query("{{pod}}", maximum(p.selection("request_queue_length", equal(rules.JobLabel, s.Name)), rules.PodLabel))),
	}
	if s.Autoscaler != "" {
		shown = append(shown, p.autoscaler(s.Autoscaler))
	}
	return append(shown,
		p.pods("Pods", matching("deployment", s.Name+"(-"+canary+")?")),
		p.graph(about{
			title: "Restarts", unit: unitCount, limit: anyLimit,
			description: "How often the container was restarted within the last hour, by pod.",
		}, query("{{pod}}", sum(increase(p.selection("kube_pod_container_status_restarts_total", container), "1h"), rules.PodLabel))))
}

func (p Platform) autoscaler(name string) panel {
	matcher := equal("horizontalpodautoscaler", name)
	replicas := func(series string) string { return p.selection("kube_horizontalpodautoscaler_"+series, matcher) }
	return p.graph(about{
		title: "Autoscaler", unit: unitCount,
		description: "Replicas that there are and that the autoscaler wants, between its bounds. At the maximum more load finds no " +
			"more pods.",
	},
		query("current", replicas("status_current_replicas")),
		query("desired", replicas("status_desired_replicas")),
		query("minimum", replicas("spec_min_replicas")),
		query("maximum", replicas("spec_max_replicas")))
}

// pods are those of the Deployments that the matcher selects.
func (p Platform) pods(title, deployments string) panel {
	return p.graph(about{
		title: title, unit: unitCount,
		description: "Pods that are ready, and pods that there should be, by Deployment.",
	},
		query("{{deployment}}, ready", p.selection("kube_deployment_status_replicas_ready", deployments)),
		query("{{deployment}}, wanted", p.selection("kube_deployment_spec_replicas", deployments)))
}
