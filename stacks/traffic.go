package stacks

import (
	"cmp"

	"github.com/federated-risk/federated-risk/components/service"
	"github.com/federated-risk/federated-risk/components/traffic"
	"github.com/federated-risk/federated-risk/internal/catalogue"
)

// deployRoutes declares the routes to one service, whose versions are there.
func (p *platform) deployRoutes(entry catalogue.Service, declared *service.Service) error {
	config := p.config.Services[entry.Name]
	args := &traffic.Args{
		Namespace:     p.meshNamespace,
		NamespaceName: p.config.Namespace,
		ServiceName:   entry.Name,
		Port:          entry.Port,
		Public:        p.config.public(entry.Exposure),
		Policy:        config.Traffic.policy(),
		RateLimit:     config.Traffic.RateLimit.limit(),
		Versions:      declared.Versions,
	}
	if config.Standby.Serving {
		args.Standby = catalogue.StandbyName(entry.Name)
		args.Versions = append(args.Versions, declared.Standby)
	}
	if canary := config.Canary; canary.Image != "" {
		args.Canary = &traffic.Canary{
			Weight: canary.Weight, Mirror: canary.Mirror, HeaderName: canary.Header.Name, HeaderValue: canary.Header.Value,
		}
	}
	_, err := traffic.New(p.ctx, entry.Name, args, p.providers)
	return err
}

func (config Traffic) policy() traffic.Policy {
	return traffic.Policy{
		TimeoutSeconds:   config.TimeoutSeconds,
		Retries:          traffic.Retries(config.Retries),
		Connections:      traffic.Connections(config.Connections),
		OutlierDetection: traffic.OutlierDetection(config.OutlierDetection),
	}
}

func (config RateLimit) limit() *traffic.RateLimit {
	if !config.Enabled {
		return nil
	}
	return &traffic.RateLimit{
		RequestsPerSecond: config.RequestsPerSecond, Burst: cmp.Or(config.Burst, config.RequestsPerSecond),
	}
}
