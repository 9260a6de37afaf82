package stacks

import (
	"cmp"

	"github.com/federated-risk/federated-risk/components/service"
	"github.com/federated-risk/federated-risk/internal/catalogue"
)

// standby is the stable version once more, or nil.
func (config Service) standby() *service.Deployment {
	if !config.Standby.Enabled {
		return nil
	}
	return &service.Deployment{
		Image:     cmp.Or(config.Standby.Image, config.Image),
		Replicas:  config.Standby.Replicas,
		Resources: config.Resources.quantities(),
	}
}

// reencryption is nil for a service without it.
func (config Service) reencryption(entry catalogue.Service, generation int) *service.Reencryption {
	if !entry.Reencryption {
		return nil
	}
	return &service.Reencryption{
		Image:          cmp.Or(config.Reencryption.Image, config.Image),
		TimeoutSeconds: config.Reencryption.TimeoutSeconds,
		Generation:     generation,
	}
}
