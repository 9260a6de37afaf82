package stacks

import "github.com/federated-risk/federated-risk/internal/catalogue"

// defaultAutoscaling are the numbers of the runbook's manifests for model-serving (section "performance tuning"), on for
// that service where the profile has room for it. Other services can be switched on with the same numbers.
func defaultAutoscaling(service catalogue.Service, size sizing) Autoscaling {
	horizontal := Horizontal{
		Enabled:           size.autoscaling && service.Name == catalogue.ModelServing,
		MinReplicas:       2,
		MaxReplicas:       20,
		CPUUtilization:    70,
		MemoryUtilization: 80,
		ScaleUp:           ScalingSpeed{StabilizationSeconds: 60, Percent: 50, Pods: 2, PeriodSeconds: 60},
		ScaleDown:         ScalingSpeed{StabilizationSeconds: 300, Percent: 10, PeriodSeconds: 60},
	}
	// A service without metrics of its own has neither of these.
	if service.MetricsPath != "" {
		horizontal.QueueLength, horizontal.P95Latency = "10", "500m"
	}
	return Autoscaling{
		Horizontal: horizontal,
		Vertical: Vertical{
			// The runbook's mode, Auto, fights the horizontal autoscaler, which scales on both resources.
			Mode:       VerticalOff,
			CPU:        true,
			Memory:     true,
			MinAllowed: ResourceList{CPU: "100m", Memory: "256Mi"},
			MaxAllowed: ResourceList{CPU: "2", Memory: "4Gi"},
		},
	}
}

// leaveReplicasToAutoscalers takes the profile's number of pods from the services that count their own. What the stack
// itself says stays, for validation to refuse.
func leaveReplicasToAutoscalers(cfg *Config, given Config) {
	for name, service := range cfg.Services {
		if service.Autoscaling.Horizontal.Enabled && given.Services[name].Replicas == 0 {
			service.Replicas = 0
			cfg.Services[name] = service
		}
	}
}
