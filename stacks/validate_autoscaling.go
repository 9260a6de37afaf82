package stacks

import (
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/federated-risk/federated-risk/internal/catalogue"
)

// Bounds of the API (autoscaling/v2), and for percentages the most that is no mistyped quantity.
const (
	mostPercent              = 1000
	mostStabilizationSeconds = 3600
	mostPeriodSeconds        = 1800
)

// leastTarget of a metric: a thousandth, the resolution of the metrics API.
var leastTarget = resource.MustParse("1m")

// replicas of the stable version: the stack's to set, or else the autoscaler's.
func (v validator) replicas(path keyPath, config Service) {
	replicas, horizontal := path.key("replicas"), path.key("autoscaling").key("horizontal")
	if !config.Autoscaling.Horizontal.Enabled {
		v.between(replicas, config.Replicas, 1, mostReplicas)
		return
	}
	if config.Replicas != 0 {
		v.add(replicas, config.Replicas, "must not be set while the service scales itself: set %s, or set %s to false",
			horizontal.key("minReplicas"), horizontal.key("enabled"))
	}
}

func (v validator) autoscaling(path keyPath, service catalogue.Service, config Service) {
	v.horizontal(path.key("horizontal"), config.Autoscaling.Horizontal)
	v.vertical(path.key("vertical"), config.Autoscaling.Vertical)
	if config.Autoscaling.Horizontal.Enabled {
		v.scales(path.key("horizontal"), service, config)
	}
	if config.Autoscaling.Horizontal.Enabled && config.Autoscaling.Vertical.Enabled {
		v.apart(path, config.Autoscaling)
	}
}

// horizontal checks what must be right whether it is enabled or not.
func (v validator) horizontal(path keyPath, config Horizontal) {
	v.between(path.key("minReplicas"), config.MinReplicas, 1, mostReplicas)
	v.between(path.key("maxReplicas"), config.MaxReplicas, 1, mostReplicas)
	if config.MinReplicas > config.MaxReplicas {
		v.add(path.key("minReplicas"), config.MinReplicas, "must not exceed %s", path.key("maxReplicas"))
	}
	v.between(path.key("cpuUtilization"), config.CPUUtilization, 0, mostPercent)
	v.between(path.key("memoryUtilization"), config.MemoryUtilization, 0, mostPercent)
	for key, target := range map[string]string{"queueLength": config.QueueLength, "p95Latency": config.P95Latency} {
		if target != "" {
			v.quantity(path.key(key), target, leastTarget, "m")
		}
	}
	v.speed(path.key("scaleUp"), config.ScaleUp, mostPercent)
	v.speed(path.key("scaleDown"), config.ScaleDown, 100)
}

func (v validator) speed(path keyPath, speed ScalingSpeed, mostPercent int) {
	v.between(path.key("stabilizationSeconds"), speed.StabilizationSeconds, 0, mostStabilizationSeconds)
	v.between(path.key("percent"), speed.Percent, 0, mostPercent)
	v.between(path.key("pods"), speed.Pods, 0, mostReplicas)
	v.between(path.key("periodSeconds"), speed.PeriodSeconds, 1, mostPeriodSeconds)
	if speed.Percent == 0 && speed.Pods == 0 {
		v.add(path, nil, "allows no change: set %s or %s", path.key("percent"), path.key("pods"))
	}
}

// scales checks that an enabled horizontal autoscaler can work.
func (v validator) scales(path keyPath, service catalogue.Service, config Service) {
	horizontal := config.Autoscaling.Horizontal
	if horizontal.CPUUtilization == 0 && horizontal.MemoryUtilization == 0 && horizontal.QueueLength == "" && horizontal.P95Latency == "" {
		v.add(path, nil, "has no metric: set cpuUtilization, memoryUtilization, queueLength or p95Latency, or set %s to false", path.key("enabled"))
	}
	if config.Volume != nil && config.Volume.AccessMode == ReadWriteOnce {
		v.add(path.key("enabled"), true, "must be false while the service's volume is %s: its pods may be on different nodes", ReadWriteOnce)
	}
	requests, limits := config.Resources.Requests, config.Resources.Limits
	v.utilization(path.key("cpuUtilization"), horizontal.CPUUtilization, requests.CPU, limits.CPU)
	v.utilization(path.key("memoryUtilization"), horizontal.MemoryUtilization, requests.Memory, limits.Memory)
	if service.MetricsPath == "" {
		for key, target := range map[string]string{"queueLength": horizontal.QueueLength, "p95Latency": horizontal.P95Latency} {
			if target != "" {
				v.add(path.key(key), target, "must be empty: %s serves no metrics of its own", service.Name)
			}
		}
	}
}

// utilization checks that a percentage of the request is one of something, and within the limit.
func (v validator) utilization(path keyPath, percent int, request, limit string) {
	if percent == 0 {
		return
	}
	if request == "" {
		v.add(path, percent, "must be 0 without a request, of which it is a percentage")
		return
	}
	requested, err := resource.ParseQuantity(request)
	if err != nil || limit == "" {
		return
	}
	limited, err := resource.ParseQuantity(limit)
	if err == nil && requested.AsApproximateFloat64()*float64(percent) >= limited.AsApproximateFloat64()*100 {
		v.add(path, percent, "can never be exceeded: of a request of %s, it is no less than the limit, %s", request, limit)
	}
}

// vertical checks what must be right whether it is enabled or not.
func (v validator) vertical(path keyPath, config Vertical) {
	if config.Mode == verticalAuto {
		v.add(path.key("mode"), string(verticalAuto), "is deprecated: set %s, which does the same, or %s, which evicts only where it must",
			VerticalRecreate, VerticalInPlaceOrRecreate)
	} else {
		oneOf(v, path.key("mode"), config.Mode, VerticalOff, VerticalInitial, VerticalRecreate, VerticalInPlaceOrRecreate)
	}
	if config.Enabled && !config.CPU && !config.Memory {
		v.add(path, nil, "controls nothing: set %s or %s to true", path.key("cpu"), path.key("memory"))
	}
	const notAbove = "must not exceed %s"
	least, most := path.key("minAllowed"), path.key("maxAllowed")
	v.atMost(least.key("cpu"), most.key("cpu"), config.MinAllowed.CPU, config.MaxAllowed.CPU, leastCPU, "m", notAbove)
	v.atMost(least.key("memory"), most.key("memory"), config.MinAllowed.Memory, config.MaxAllowed.Memory, leastBytes, "Mi", notAbove)
}

// apart refuses that both autoscalers act on one resource: more pods lower the use of each, which the other answers
// with smaller requests, which raise the utilization again.
func (v validator) apart(path keyPath, config Autoscaling) {
	if config.Vertical.Mode == VerticalOff {
		return
	}
	horizontal, vertical := path.key("horizontal"), path.key("vertical")
	conflict := func(controls bool, utilization int, resource, target string) {
		if controls && utilization > 0 {
			v.add(vertical.key(resource), true, "must be false while %s is set, or the two autoscalers undo each other's work: "+
				"set that to 0, or %s to %s", horizontal.key(target), vertical.key("mode"), VerticalOff)
		}
	}
	conflict(config.Vertical.CPU, config.Horizontal.CPUUtilization, "cpu", "cpuUtilization")
	conflict(config.Vertical.Memory, config.Horizontal.MemoryUtilization, "memory", "memoryUtilization")
}
