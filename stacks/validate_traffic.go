package stacks

const (
	longestRequestSeconds = 3600
	mostAttempts          = 10
	// mostConnections, pending requests and requests a second: beyond them a number is a typing error.
	mostConnections      = 100000
	mostConsecutive5xx   = 1000
	longestEjectionLimit = 3600
)

func (v validator) traffic(path keyPath, traffic Traffic) {
	timeout := path.key("timeoutSeconds")
	v.between(timeout, traffic.TimeoutSeconds, 0, longestRequestSeconds)
	v.retries(path.key("retries"), traffic.Retries, timeout, traffic.TimeoutSeconds)

	connections := path.key("connections")
	v.between(connections.key("maxConnections"), traffic.Connections.MaxConnections, 0, mostConnections)
	v.between(connections.key("maxPendingRequests"), traffic.Connections.MaxPendingRequests, 0, mostConnections)
	v.between(connections.key("maxRequestsPerConnection"), traffic.Connections.MaxRequestsPerConnection, 0, mostConnections)

	outliers, detection := path.key("outlierDetection"), traffic.OutlierDetection
	v.between(outliers.key("consecutive5xx"), detection.Consecutive5xx, 0, mostConsecutive5xx)
	v.between(outliers.key("intervalSeconds"), detection.IntervalSeconds, 1, longestEjectionLimit)
	v.between(outliers.key("baseEjectionSeconds"), detection.BaseEjectionSeconds, 1, longestEjectionLimit)
	v.between(outliers.key("maxEjectionPercent"), detection.MaxEjectionPercent, 0, 100)
	v.between(outliers.key("minHealthPercent"), detection.MinHealthPercent, 0, 100)

	rate := path.key("rateLimit")
	v.between(rate.key("requestsPerSecond"), traffic.RateLimit.RequestsPerSecond, 1, mostConnections)
	if burst := traffic.RateLimit.Burst; burst != 0 && (burst < traffic.RateLimit.RequestsPerSecond || burst > mostConnections) {
		v.add(rate.key("burst"), burst, "must be 0, or %s to %d", rate.key("requestsPerSecond"), mostConnections)
	}
}

func (v validator) retries(path keyPath, retries Retries, timeoutPath keyPath, timeout int) {
	attempts, perTry := path.key("attempts"), path.key("perTryTimeoutSeconds")
	v.between(attempts, retries.Attempts, 0, mostAttempts)
	v.between(perTry, retries.PerTryTimeoutSeconds, 0, longestRequestSeconds)
	switch limit := retries.PerTryTimeoutSeconds; {
	case limit <= 0:
	case retries.Attempts == 0:
		v.add(perTry, limit, "must be 0 without retries: %s is the limit", timeoutPath)
	case timeout > 0 && retries.Attempts > 0 && limit*(retries.Attempts+1) > timeout:
		v.add(perTry, limit, "must leave room for all tries: 1 and %s (%d), times this, exceed %s (%d)",
			attempts, retries.Attempts, timeoutPath, timeout)
	}
}

// mirror checks the copies that a canary gets.
func (v validator) mirror(path keyPath, canary Canary) {
	mirror := path.key("mirror")
	v.between(mirror, canary.Mirror, 0, 100)
	switch {
	case canary.Mirror <= 0:
	case canary.Image == "":
		v.add(mirror, canary.Mirror, "must be 0 without a canary: set %s", path.key("image"))
	case canary.Weight == 100:
		v.add(mirror, canary.Mirror, "must be 0 while %s is 100: the canary gets every request already", path.key("weight"))
	}
}
