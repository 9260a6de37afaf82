package rules

import (
	"fmt"
	"strings"
)

// Thresholds of the runbook, "告警规则". MaxErrorRatio is a share, 0 to 1.
const (
	MaxErrorRatio = 0.05
	// MaxLatency is of the P95, in seconds; MaxPSIDuration and MaxInferenceDuration are means, in seconds.
	MaxLatency           = 0.5
	MaxPSIDuration       = 10
	MaxInferenceDuration = 1
)

// scrapeFailureWindow is six scrapes of the services. One that failed is gone from it within a minute.
const scrapeFailureWindow = "1m"

func (p Platform) services() []Rule {
	if len(p.Jobs) == 0 {
		return nil
	}
	return append(p.requests(requestSeries{
		labels: byJob, rate: JobRequestRate, errors: JobErrorRatio, quantiles: []quantile{{JobLatencyP95, 0.95}},
	}), p.availability(), p.presence(), p.errors(), p.slowness(), p.intersection(), p.inference())
}

func (p Platform) availability() Rule {
	const target = byVersion + ", pod, instance"
	// Prometheus scrapes the sidecar, which answers with its own metrics also when the service behind it does not: up stays
	// 1, and the sidecar counts.
	expression := fmt.Sprintf("max by (%[1]s) (%[2]s) == 0\nor\n0 * (sum by (%[1]s) (increase(%[3]s[%[4]s])) > 0)", target,
		p.served("up"), p.served("istio_agent_scrape_failures_total", `type="application"`), scrapeFailureWindow)
	return p.alert("ServiceDown", Critical, "1m", expression, text{
		summary:       "服务 {{ $labels.job }} 不可用",
		description:   "服务 {{ $labels.job }} 已经下线超过1分钟",
		summaryEN:     "Service {{ $labels.job }} is down",
		descriptionEN: "Pod {{ $labels.pod }} of {{ $labels.job }} has not answered for more than a minute.",
	})
}

func (p Platform) presence() Rule {
	var absent []string
	for _, job := range p.Jobs {
		absent = append(absent, fmt.Sprintf("absent(%s)", p.series("up", fmt.Sprintf("%s=%q", JobLabel, job))))
	}
	return p.alert("ServiceAbsent", Critical, "5m", strings.Join(absent, "\nor\n"), text{
		summary:       "服务 {{ $labels.job }} 没有任何监控目标",
		description:   "Prometheus超过5分钟找不到服务 {{ $labels.job }} 的任何实例：没有Pod，或者没有被抓取",
		summaryEN:     "Service {{ $labels.job }} has no targets",
		descriptionEN: "Prometheus has found no pod of {{ $labels.job }} for more than 5 minutes: there is none, or it is not scraped.",
	})
}

func (p Platform) errors() Rule {
	return p.alert("HighErrorRate", Warning, "2m", fmt.Sprintf("%s > %v", p.served(JobErrorRatio), MaxErrorRatio), text{
		summary:       "{{ $labels.job }} 错误率过高",
		description:   "{{ $labels.job }} 5分钟内错误率超过5%: {{ $value | humanizePercentage }}",
		summaryEN:     "{{ $labels.job }} answers with errors",
		descriptionEN: "{{ $labels.job }} answered {{ $value | humanizePercentage }} of the requests of 5 minutes with an error, more than 5 %.",
	})
}

func (p Platform) slowness() Rule {
	return p.alert("HighLatency", Warning, "3m", fmt.Sprintf("%s > %v", p.served(JobLatencyP95), MaxLatency), text{
		summary:       "{{ $labels.job }} 延迟过高",
		description:   `{{ $labels.job }} P95延迟超过500ms: {{ $value | printf "%.3f" }}s`,
		summaryEN:     "{{ $labels.job }} is slow",
		descriptionEN: `The P95 of {{ $labels.job }} is {{ $value | printf "%.3f" }} s, more than 500 ms.`,
	})
}

func (p Platform) intersection() Rule {
	expression := fmt.Sprintf("%s\n> %v", p.meanDuration(PSIDuration), MaxPSIDuration)
	return p.alert("PSIPerformanceDegraded", Warning, "3m", expression, text{
		summary:       "PSI性能下降",
		description:   `PSI平均处理时间超过10秒: {{ $value | printf "%.1f" }}s`,
		summaryEN:     "PSI is slow",
		descriptionEN: `{{ $labels.job }} takes {{ $value | printf "%.1f" }} s for an intersection on average, more than 10 s.`,
	})
}

func (p Platform) inference() Rule {
	expression := fmt.Sprintf("%s\n> %v", p.meanDuration(InferenceDuration), MaxInferenceDuration)
	return p.alert("ModelInferenceSlowdown", Warning, "2m", expression, text{
		summary:       "模型推理速度下降",
		description:   `模型推理平均时间超过1秒: {{ $value | printf "%.2f" }}s`,
		summaryEN:     "Model inference is slow",
		descriptionEN: `{{ $labels.job }} takes {{ $value | printf "%.2f" }} s for an inference on average, more than 1 s.`,
	})
}
