package dashboards

import (
	"strings"

	"github.com/federated-risk/federated-risk/internal/rules"
)

// overview is what to look at first: is anything wrong, and where.
func (p Platform) overview() Dashboard {
	return p.dashboard(page{
		name: "overview", from: "3h", refresh: "30s",
		description: "Is anything wrong, and where? The links lead to the dashboard of each part.",
		sections: []section{
			figures(p.overviewFigures()...),
			graphs("Services", p.overviewServices()...),
			graphs("Saturation", p.overviewSaturation()...),
			graphs("Data stores", p.overviewStores()...),
		},
	})
}

func (p Platform) overviewFigures() []panel {
	shown := []panel{
		p.figure(about{
			title: "Alerts firing", unit: unitCount, limit: anyLimit, noValue: "none",
			description: "Alerts of this stack that fire now, other than Watchdog.",
		}, query("", aggregate("count", p.firing()))),
		p.figure(about{
			title: "Services that answer", unit: unitRatio, limit: upLimit,
			description: "Share of the services' pods, standbys included, that Prometheus could read the metrics of.",
		}, query("", p.answering(p.anyJob()))),
		p.figure(about{
			title: "Highest error ratio", unit: unitRatio, limit: errorRatioLimit, noValue: "no requests",
			description: "Share of a service's requests that were answered with 5xx, of the service where it is highest.",
		}, query("", maximum(p.selection(rules.JobErrorRatio, p.anyJob())))),
		p.figure(about{
			title: "Highest P95", unit: unitSeconds, limit: latencyLimit, noValue: "no requests",
			description: "Duration that 95 % of a service's requests stay under, of the service where it is highest.",
		}, query("", maximum(p.selection(rules.JobLatencyP95, p.anyJob())))),
	}
	if p.Postgres != "" {
		shown = append(shown, p.postgresUp())
	}
	if p.Redis != "" {
		shown = append(shown, p.redisUp())
	}
	return append(shown, p.budgetFigure())
}

// firing selects the alerts that fire, without the one that always does.
func (p Platform) firing() string {
	return p.selection("ALERTS", equal("alertstate", "firing"), unequal(rules.SeverityLabel, string(rules.None)))
}

// anyJob matches the services and their standbys.
func (p Platform) anyJob() string {
	var jobs []string
	for _, service := range p.Services {
		jobs = append(jobs, service.Name)
		if service.Standby != "" {
			jobs = append(jobs, service.Standby)
		}
	}
	return matching(rules.JobLabel, strings.Join(jobs, "|"))
}

// anyContainer matches the containers of the services; a standby's is called as the service's.
func (p Platform) anyContainer() string {
	var names []string
	for _, service := range p.Services {
		names = append(names, service.Name)
	}
	return matching("container", strings.Join(names, "|"))
}

func (p Platform) overviewServices() []panel {
	return []panel{
		p.graph(about{
			title: "Requests", unit: unitRequestsPerSecond,
			description: "Requests a second by service, over 5 minutes.",
		}, query("{{job}}", p.selection(rules.JobRequestRate, p.anyJob()))),
		p.graph(about{
			title: "Errors", unit: unitRatio, limit: errorRatioLimit,
			description: "Share of the requests that were answered with 5xx, by service. Nothing is drawn without requests.",
		}, query("{{job}}", p.selection(rules.JobErrorRatio, p.anyJob()))),
		p.graph(about{
			title: "Duration, P95", unit: unitSeconds, limit: latencyLimit,
			description: "Duration that 95 % of the requests stay under, by service.",
		}, query("{{job}}", p.selection(rules.JobLatencyP95, p.anyJob()))),
		p.graph(about{
			title: "Firing alerts", unit: unitCount, limit: anyLimit, noValue: "none",
			description: "Alerts of this stack that fire, by name.",
		}, query("{{alertname}}, {{severity}}", aggregate("count", p.firing(), "alertname", rules.SeverityLabel))),
	}
}

func (p Platform) overviewSaturation() []panel {
	return []panel{
		p.graph(about{
			title: "CPU of limit", unit: unitRatio, limit: containerCPULimit,
			description: "CPU time as a share of the container's limit, of the service's pod where it is highest.",
		}, query("{{container}}", p.cpuOfLimit(p.anyContainer(), "container"))),
		p.graph(about{
			title: "Memory of limit", unit: unitRatio, limit: containerMemoryLimit,
			description: "Working set as a share of the container's limit, of the service's pod where it is highest. At 100 % the " +
				"container is killed.",
		}, query("{{container}}", p.memoryOfLimit(p.anyContainer(), "container"))),
		p.graph(about{
			title: "Autoscalers, replicas of maximum", unit: unitRatio, limit: autoscalerLimit, noValue: "no autoscaler",
			description: "Replicas as a share of the autoscaler's maximum. At 100 % more load finds no more pods.",
		}, query("{{horizontalpodautoscaler}}", ratio(
			p.selection("kube_horizontalpodautoscaler_status_current_replicas"),
			p.selection("kube_horizontalpodautoscaler_spec_max_replicas"),
		))),
		p.graph(about{
			title: "Restarts", unit: unitCount, limit: anyLimit, noValue: "none",
			description: "Containers of the namespace that were restarted within the last hour, by pod.",
		}, query("{{pod}}", sum(increase(p.selection("kube_pod_container_status_restarts_total"), "1h"), rules.PodLabel)+" > 0")),
	}
}

func (p Platform) overviewStores() []panel {
	var shown []panel
	if p.Postgres != "" {
		shown = append(shown, p.connections(), p.replicationLag())
	}
	if p.Redis != "" {
		shown = append(shown, p.redisMemory(), p.hitRate())
	}
	return append(shown, p.budgetGraph())
}
