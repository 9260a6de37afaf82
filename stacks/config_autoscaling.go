package stacks

// Autoscaling is how a service follows its load. It is about the stable version; a canary keeps its replicas.
type Autoscaling struct {
	Horizontal Horizontal `json:"horizontal"`
	Vertical   Vertical   `json:"vertical"`
}

// Horizontal is the HorizontalPodAutoscaler: how many pods. Each metric asks for a number of pods, and the highest wins.
// Where one metric fails, the pods become no fewer: set only those that the cluster serves.
type Horizontal struct {
	// Enabled: true for model-serving in the profiles recommended and production. The service's replicas must then not be
	// set.
	Enabled bool `json:"enabled"`
	// MinReplicas, 1 to 100, are there without any load. The sizing of the profiles counts these.
	MinReplicas int `json:"minReplicas"`
	// MaxReplicas, MinReplicas to 100. What the cluster has no room for stays pending.
	MaxReplicas int `json:"maxReplicas"`
	// CPUUtilization is the target in percent of the container's CPU request, 1 to 1000; 0 is not to scale on it. It needs
	// the cluster's metrics-server.
	CPUUtilization int `json:"cpuUtilization"`
	// MemoryUtilization is CPUUtilization's counterpart for memory.
	MemoryUtilization int `json:"memoryUtilization"`
	// QueueLength is the target for the requests that wait in a pod (metric request_queue_length), on average over the
	// stable version's pods, as a quantity such as 10 or 500m; empty is not to scale on it. It needs prometheus-adapter.
	QueueLength string `json:"queueLength"`
	// P95Latency is the target for the 95th percentile of the Service's response times (metric
	// http_request_duration_p95), in seconds as a quantity: 500m is half a second; empty is not to scale on it. It needs
	// prometheus-adapter.
	P95Latency string `json:"p95Latency"`
	// ScaleUp and ScaleDown bound how fast the number changes.
	ScaleUp   ScalingSpeed `json:"scaleUp"`
	ScaleDown ScalingSpeed `json:"scaleDown"`
}

// ScalingSpeed bounds how fast pods are added or removed. With both percent and pods, the one that allows more counts.
type ScalingSpeed struct {
	// StabilizationSeconds, 0 to 3600: of what the metrics asked for in this time, the most careful counts.
	StabilizationSeconds int `json:"stabilizationSeconds"`
	// Percent of the pods per period, 1 to 1000 (removed ones: to 100); 0 is no such bound.
	Percent int `json:"percent"`
	// Pods per period, 1 to 100; 0 is no such bound.
	Pods int `json:"pods"`
	// PeriodSeconds, 1 to 1800.
	PeriodSeconds int `json:"periodSeconds"`
}

// VerticalMode says what the vertical autoscaler does with its recommendation.
type VerticalMode string

// Vertical modes.
const (
	// VerticalOff recommends, in the VerticalPodAutoscaler's status, and changes nothing.
	VerticalOff VerticalMode = "Off"
	// VerticalInitial sets the requests of a pod when it starts.
	VerticalInitial VerticalMode = "Initial"
	// VerticalRecreate evicts pods whose requests are off.
	VerticalRecreate VerticalMode = "Recreate"
	// VerticalInPlaceOrRecreate resizes pods where they run, and evicts those that cannot be.
	VerticalInPlaceOrRecreate VerticalMode = "InPlaceOrRecreate"

	// verticalAuto is the runbook's, and deprecated: what it does depends on the version of the autoscaler.
	verticalAuto VerticalMode = "Auto"
)

// Vertical is the VerticalPodAutoscaler: how large the service's container.
type Vertical struct {
	// Enabled is false by default: the cluster must have the autoscaler's CRD (autoscaling.k8s.io), which no Kubernetes
	// distribution brings, or the update fails.
	Enabled bool `json:"enabled"`
	// Mode must be Off for a resource that the horizontal autoscaler scales on, else each would undo the other's work.
	Mode VerticalMode `json:"mode"`
	// CPU and Memory are the resources it controls; at least one.
	CPU    bool `json:"cpu"`
	Memory bool `json:"memory"`
	// MinAllowed and MaxAllowed bound the requests, as quantities; an empty one is no bound.
	MinAllowed ResourceList `json:"minAllowed"`
	MaxAllowed ResourceList `json:"maxAllowed"`
}
