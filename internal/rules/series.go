package rules

// Labels that the monitors give every series of the services.
const (
	// NamespaceLabel, PodLabel and ServiceLabel are the Prometheus operator's.
	NamespaceLabel = "namespace"
	PodLabel       = "pod"
	ServiceLabel   = "service"
	// JobLabel is the name of the service, or of its standby.
	JobLabel = "job"
	// VersionLabel is stable or canary, from the pod.
	VersionLabel = "version"
)

// Recorded series that dashboards and the canary analysis share, by namespace, job and version. Sources of the names:
// prometheus.io/docs/practices/rules (level:metric:operations).
const (
	// RequestRate is requests a second, over 5 minutes.
	RequestRate = "namespace_job_version:http_requests:rate5m"
	// ErrorRatio is the share of requests that were answered with a status of 500 to 599, 0 to 1; absent without requests.
	ErrorRatio = "namespace_job_version:http_requests_errors:ratio_rate5m"
	// LatencyP50, LatencyP95 and LatencyP99 are quantiles of a request's duration, in seconds; absent without requests.
	LatencyP50 = "namespace_job_version:http_request_duration_seconds:p50_5m"
	LatencyP95 = "namespace_job_version:http_request_duration_seconds:p95_5m"
	LatencyP99 = "namespace_job_version:http_request_duration_seconds:p99_5m"
)

// Recorded series by namespace and job: what a service does as a whole, whatever the version.
const (
	JobRequestRate = "namespace_job:http_requests:rate5m"
	JobErrorRatio  = "namespace_job:http_requests_errors:ratio_rate5m"
	JobLatencyP95  = "namespace_job:http_request_duration_seconds:p95_5m"
)
