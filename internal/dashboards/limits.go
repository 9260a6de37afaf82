package dashboards

import "github.com/federated-risk/federated-risk/internal/rules"

// limit is a value at which an alert fires.
type limit struct {
	value float64
	// below says that the alert fires below the value, not above it.
	below bool
	// alert is its name, of which the runbook has a section; empty where the alert is about something else (a node, say),
	// and the panel takes its value over.
	alert string
}

// The alerts' limits (runbook, sections "监控告警" and "缓存优化配置"; the operator's own rule for the lag).
var (
	errorRatioLimit      = &limit{value: rules.MaxErrorRatio, alert: "HighErrorRate"}
	latencyLimit         = &limit{value: rules.MaxLatency, alert: "HighLatency"}
	intersectionLimit    = &limit{value: rules.MaxPSIDuration, alert: "PSIPerformanceDegraded"}
	inferenceLimit       = &limit{value: rules.MaxInferenceDuration, alert: "ModelInferenceSlowdown"}
	privacyBudgetLimit   = &limit{value: rules.MinPrivacyBudget, below: true, alert: "PrivacyBudgetLow"}
	upLimit              = &limit{value: 1, below: true, alert: "ServiceDown"}
	autoscalerLimit      = &limit{value: 1, alert: "AutoscalerAtMaximum"}
	connectionsLimit     = &limit{value: rules.MaxConnections, alert: "DatabaseConnectionHigh"}
	postgresUpLimit      = &limit{value: 1, below: true, alert: "PostgresDown"}
	replicationLagLimit  = &limit{value: rules.MaxReplicationLag, alert: "PostgresReplicationLag"}
	redisUpLimit         = &limit{value: 1, below: true, alert: "RedisDown"}
	redisMemoryLimit     = &limit{value: rules.MaxMemoryRatio, alert: "RedisMemoryHigh"}
	redisLinkLimit       = &limit{value: 1, below: true, alert: "RedisReplicaLinkDown"}
	cacheHitLimit        = &limit{value: rules.MinHitRatio, below: true, alert: "CacheHitRateLow"}
	containerCPULimit    = &limit{value: 0.8}
	containerMemoryLimit = &limit{value: 0.85}
	volumeLimit          = &limit{value: rules.MaxVolumeRatio, alert: "VolumeSpaceLow"}
	anyLimit             = &limit{value: 1}
)

// thresholds colours what the alert is about; without a limit, everything is good.
func (l *limit) thresholds() thresholds {
	steps := []step{{Color: good}}
	switch {
	case l == nil:
	case l.below:
		steps = []step{{Color: bad}, {Value: &l.value, Color: good}}
	default:
		steps = append(steps, step{Value: &l.value, Color: bad})
	}
	return thresholds{Mode: "absolute", Steps: steps}
}
