package rules

// Labels that the monitors give every series of the services.
const (
	// NamespaceLabel and PodLabel are the Prometheus operator's.
	NamespaceLabel = "namespace"
	PodLabel       = "pod"
	// JobLabel is the name of the service, or of its standby.
	JobLabel = "job"
	// VersionLabel is stable or canary, from the pod.
	VersionLabel = "version"
)

// Values of VersionLabel.
const (
	VersionStable = "stable"
	VersionCanary = "canary"
)

// What the services measure beyond their requests (runbook, "告警规则").
const (
	// PSIDuration and InferenceDuration have _sum, in seconds, and _count.
	PSIDuration       = "psi_intersection_duration_seconds"
	InferenceDuration = "model_inference_duration_seconds"
	// PrivacyBudget is the share that remains, 0 to 1.
	PrivacyBudget = "privacy_budget_remaining"
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

// Recorded shares of failed requests by namespace and job over the windows of the error budget's alerts, as JobErrorRatio.
const (
	JobErrorRatio30m = "namespace_job:http_requests_errors:ratio_rate30m"
	JobErrorRatio1h  = "namespace_job:http_requests_errors:ratio_rate1h"
	JobErrorRatio6h  = "namespace_job:http_requests_errors:ratio_rate6h"
	JobErrorRatio3d  = "namespace_job:http_requests_errors:ratio_rate3d"
)

// Recorded series of the cache, by namespace.
const (
	// CacheLookupRate is lookups of a key a second, found or not, over 5 minutes.
	CacheLookupRate = "namespace:redis_keyspace_lookups:rate5m"
	// CacheHitRatio is the share of lookups that found the key, 0 to 1; absent without lookups.
	CacheHitRatio = "namespace:redis_keyspace_hits:ratio_rate5m"
)

// CertificateNotAfter is the end of a certificate's validity, in seconds since 1970, by namespace, CertificateLabel and
// SourceLabel. The namespace is the stack's, also where the certificate lies in that of a gateway.
const CertificateNotAfter = "namespace_certificate:not_after:timestamp_seconds"

// Labels of CertificateNotAfter.
const (
	// CertificateLabel is the name of the certificate.
	CertificateLabel = "certificate"
	// SourceLabel says who knows the date and renews the certificate: SourceProgram or SourceCertManager.
	SourceLabel = "source"
)

// Values of SourceLabel.
const (
	SourceProgram     = "program"
	SourceCertManager = "cert-manager"
)
