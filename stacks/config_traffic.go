package stacks

// Traffic says how callers treat a service: the ingress gateway, and the sidecars of other services. Limits are those of
// each caller's proxy alone.
type Traffic struct {
	// TimeoutSeconds for a request with all its tries, 0 to 3600; 0 means no limit. A pod that ends
	// completes its requests for as long, without a limit for 30 s.
	TimeoutSeconds int     `json:"timeoutSeconds"`
	Retries        Retries `json:"retries"`
	// Connections bound what is open to the service.
	Connections Connections `json:"connections"`
	// OutlierDetection leaves out a pod that keeps failing.
	OutlierDetection OutlierDetection `json:"outlierDetection"`
	// RateLimit bounds what each pod accepts.
	RateLimit RateLimit `json:"rateLimit"`
}

// Retries say how often a request is sent again that has not reached the service. Any other failure is the caller's to
// deal with: the service may have done the work already.
type Retries struct {
	// Attempts after the first, 0 to 10; 0 means none.
	Attempts int `json:"attempts"`
	// PerTryTimeoutSeconds ends a try, 0 to 3600; 0 means that only the request as a whole has a limit. A try that ends so
	// has reached the service and is not repeated: this is the shorter of two limits on a slow answer.
	PerTryTimeoutSeconds int `json:"perTryTimeoutSeconds"`
}

// Connections bound what one caller's proxy has open to one version of the service; 0 means no bound.
type Connections struct {
	// MaxConnections at a time, 0 to 100000.
	MaxConnections int `json:"maxConnections"`
	// MaxPendingRequests that wait for a connection, 0 to 100000; more get a 503 at once.
	MaxPendingRequests int `json:"maxPendingRequests"`
	// MaxRequestsPerConnection before it is closed, 0 to 100000; 1 turns keep-alive off.
	MaxRequestsPerConnection int `json:"maxRequestsPerConnection"`
}

// OutlierDetection leaves out a pod that keeps failing. Each version of the service is judged by itself.
type OutlierDetection struct {
	// Consecutive5xx responses after which a pod is left out, 0 to 1000; 0 turns the detection off.
	Consecutive5xx int `json:"consecutive5xx"`
	// IntervalSeconds between two looks, 1 to 3600.
	IntervalSeconds int `json:"intervalSeconds"`
	// BaseEjectionSeconds times the number of ejections so far is how long a pod is left out, 1 to 3600.
	BaseEjectionSeconds int `json:"baseEjectionSeconds"`
	// MaxEjectionPercent of a version's pods are left out at most, 0 to 100; a single pod may be left out all the same.
	MaxEjectionPercent int `json:"maxEjectionPercent"`
	// MinHealthPercent of a version's pods, 0 to 100: with fewer left, all of them get requests again. With 0, a version
	// whose only pod is left out answers nothing but 503.
	MinHealthPercent int `json:"minHealthPercent"`
}

// RateLimit bounds the requests that each pod of a service accepts; its sidecar answers the others with 429.
type RateLimit struct {
	// Enabled answers 429 to the requests beyond the limit; false by default.
	Enabled bool `json:"enabled"`
	// RequestsPerSecond and pod, 1 to 100000.
	RequestsPerSecond int `json:"requestsPerSecond"`
	// Burst is the number of requests that a pod accepts at once after a pause, RequestsPerSecond to 100000; 0 means
	// RequestsPerSecond.
	Burst int `json:"burst"`
}
