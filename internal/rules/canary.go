package rules

import "fmt"

// Thresholds of the runbook's monitor_canary ("灰度发布"): it rolls back at these, whatever the stable version does.
const (
	maxCanaryErrorRatio = 0.05
	// maxCanaryLatency is of the P95, in seconds.
	maxCanaryLatency = 1.0
)

// minCanaryRate is how many requests a second make a verdict: at 0.2, the 5 minutes have 60, of which 5 % are three.
const minCanaryRate = 0.2

// canaryDuration is two of the runbook's checks, one each 30 seconds.
const canaryDuration = "1m"

func (p Platform) canary() []Rule {
	if len(p.Jobs) == 0 {
		return nil
	}
	return append(p.requests(requestSeries{
		labels: byVersion, rate: RequestRate, errors: ErrorRatio,
		quantiles: []quantile{{LatencyP50, 0.5}, {LatencyP95, 0.95}, {LatencyP99, 0.99}},
	}), p.canaryErrors(), p.canarySlowness())
}

func (p Platform) canaryErrors() Rule {
	return p.alert("CanaryErrorRateHigh", Warning, canaryDuration, p.worseCanary(ErrorRatio, maxCanaryErrorRatio), text{
		summary:     "{{ $labels.job }} 灰度版本错误率过高",
		description: "{{ $labels.job }} 灰度版本5分钟内错误率超过5%，且高于稳定版本: {{ $value | humanizePercentage }}",
		summaryEN:   "The canary of {{ $labels.job }} answers with errors",
		descriptionEN: "The canary of {{ $labels.job }} answered {{ $value | humanizePercentage }} of the requests of 5 minutes with an error, " +
			"more than 5 % and more than the stable version.",
	})
}

func (p Platform) canarySlowness() Rule {
	return p.alert("CanaryLatencyHigh", Warning, canaryDuration, p.worseCanary(LatencyP95, maxCanaryLatency), text{
		summary:     "{{ $labels.job }} 灰度版本延迟过高",
		description: `{{ $labels.job }} 灰度版本P95延迟超过1秒，且高于稳定版本: {{ $value | printf "%.3f" }}s`,
		summaryEN:   "The canary of {{ $labels.job }} is slow",
		descriptionEN: `The P95 of the canary of {{ $labels.job }} is {{ $value | printf "%.3f" }} s, ` +
			"more than 1 s and more than the stable version's.",
	})
}

// worseCanary is a canary beyond the threshold, unless the stable version is there too and no better: then it is not the
// canary's fault. A stable version without requests says nothing for the canary.
func (p Platform) worseCanary(series string, threshold float64) string {
	of := func(metric, version string) string {
		return p.served(metric, fmt.Sprintf("%s=%q", VersionLabel, version))
	}
	return fmt.Sprintf("(\n%[1]s > %[2]v\nand\n%[3]s >= %[4]v\n)\nunless ignoring (%[5]s)\n(\n%[6]s >= ignoring (%[5]s) %[1]s\n)",
		of(series, VersionCanary), threshold, of(RequestRate, VersionCanary), minCanaryRate, VersionLabel, of(series, VersionStable))
}
