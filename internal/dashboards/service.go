package dashboards

import (
	"fmt"

	"github.com/federated-risk/federated-risk/internal/rules"
)

// service is the dashboard of one service: rate, errors, duration, saturation.
func (p Platform) service(s Service) Dashboard {
	sections := []section{
		figures(p.serviceFigures(s)...),
		graphs("Stable and canary", p.versions(s)...),
		graphs("Saturation", p.saturation(s)...),
	}
	if s.Standby != "" {
		sections = append(sections, graphs("Standby", p.standby(s)...))
	}
	return p.dashboard(page{
		name: s.Name, from: "1h", refresh: "30s", sections: sections,
		description: fmt.Sprintf("Rate, errors, duration and saturation of %s, its stable version beside its canary.", s.Name),
	})
}

func (p Platform) serviceFigures(s Service) []panel {
	job := equal(rules.JobLabel, s.Name)
	shown := []panel{
		p.figure(about{
			title: "Requests", unit: unitRequestsPerSecond,
			description: "Requests a second, of both versions, over 5 minutes.",
		}, query("", p.selection(rules.JobRequestRate, job))),
		p.figure(about{
			title: "Errors", unit: unitRatio, limit: errorRatioLimit, noValue: "no requests",
			description: "Share of the requests, to both versions, that were answered with 5xx.",
		}, query("", p.selection(rules.JobErrorRatio, job))),
		p.figure(about{
			title: "P95", unit: unitSeconds, limit: latencyLimit, noValue: "no requests",
			description: "Duration that 95 % of the requests, to both versions, stay under.",
		}, query("", p.selection(rules.JobLatencyP95, job))),
		p.figure(about{
			title: "Pods that answer", unit: unitRatio, limit: upLimit,
			description: "Share of the pods that Prometheus could read the metrics of.",
		}, query("", p.answering(job))),
		p.figure(about{
			title: "Longest queue", unit: unitCount, noValue: "not reported",
			description: "Requests that wait in the pod where most do.",
		}, query("", maximum(p.selection("request_queue_length", job)))),
	}
	if s.Measures != Requests {
		measured := measures[s.Measures]
		measured.noValue = "none ended"
		shown = append(shown, p.figure(measured, query("", p.meanDuration(s.Measures, []string{job}))))
	}
	return shown
}

// measures says what each measure is.
var measures = map[Measure]about{
	Intersection: {
		title: "Mean intersection", unit: unitSeconds, limit: intersectionLimit,
		description: "How long a private set intersection took on average, of those that ended within 5 minutes.",
	},
	Inference: {
		title: "Mean inference", unit: unitSeconds, limit: inferenceLimit,
		description: "How long the model took for an inference on average, of those that ended within 5 minutes.",
	},
}

// versions has a line for each thing to compare, stable on the left and canary on the right.
func (p Platform) versions(s Service) []panel {
	var compared []panel
	for _, made := range []func(Service, string) panel{p.requests, p.errors, p.durations} {
		compared = append(compared, made(s, stable), made(s, canary))
	}
	if s.Measures != Requests {
		compared = append(compared, p.measured(s, stable), p.measured(s, canary))
	}
	return compared
}

func ofVersion(s Service, version string) []string {
	return []string{equal(rules.JobLabel, s.Name), equal(rules.VersionLabel, version)}
}

func (p Platform) requests(s Service, version string) panel {
	matchers := ofVersion(s, version)
	return p.graph(about{
		title: "Requests, " + version, unit: unitRequestsPerSecond, noValue: "no " + version + " version",
		description: "Requests a second over 5 minutes: all, and by status of the answer.",
	},
		query("all", p.selection(rules.RequestRate, matchers...)),
		query("{{status}}", sum(rate(p.selection("http_requests_total", matchers...)), "status")))
}

func (p Platform) errors(s Service, version string) panel {
	return p.graph(about{
		title: "Errors, " + version, unit: unitRatio, limit: errorRatioLimit, noValue: "no requests",
		description: "Share of the requests that were answered with 5xx.",
	}, query("5xx", p.selection(rules.ErrorRatio, ofVersion(s, version)...)))
}

func (p Platform) durations(s Service, version string) panel {
	return p.durationsOf("Duration, "+version, ofVersion(s, version))
}

func (p Platform) durationsOf(title string, matchers []string) panel {
	return p.graph(about{
		title: title, unit: unitSeconds, limit: latencyLimit, noValue: "no requests",
		description: "Duration that 50, 95 and 99 % of the requests stay under. The limit is the one of P95.",
	},
		query("P50", p.selection(rules.LatencyP50, matchers...)),
		query("P95", p.selection(rules.LatencyP95, matchers...)),
		query("P99", p.selection(rules.LatencyP99, matchers...)))
}

func (p Platform) measured(s Service, version string) panel {
	measured := measures[s.Measures]
	measured.title += ", " + version
	measured.noValue = "none ended"
	return p.graph(measured, query("mean", p.meanDuration(s.Measures, ofVersion(s, version))))
}

// standby has what is stable on the standby: it has one version, under another job.
func (p Platform) standby(s Service) []panel {
	matchers := ofVersion(Service{Name: s.Standby}, stable)
	return []panel{
		p.pods("Standby, pods", equal("deployment", s.Standby)),
		p.graph(about{
			title: "Standby, requests", unit: unitRequestsPerSecond,
			description: "Requests a second over 5 minutes. It gets some only while it stands in for " + s.Name + ".",
		}, query("all", p.selection(rules.RequestRate, matchers...))),
		p.graph(about{
			title: "Standby, errors", unit: unitRatio, limit: errorRatioLimit, noValue: "no requests",
			description: "Share of the requests that were answered with 5xx.",
		}, query("5xx", p.selection(rules.ErrorRatio, matchers...))),
		p.durationsOf("Standby, duration", matchers),
	}
}
