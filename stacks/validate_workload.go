package stacks

import (
	"slices"

	"github.com/federated-risk/federated-risk/internal/catalogue"
)

// Bounds of the time that encrypting stored data anew may take, in seconds: a minute and a week.
const (
	shortestReencryption = 60
	longestReencryption  = 7 * 24 * 60 * 60
)

func (v validator) images(path keyPath, images Images) {
	list := path.key("pullSecrets")
	for i, name := range images.PullSecrets {
		v.objectName(list.index(i), name, "Secret")
		if slices.Contains(images.PullSecrets[:i], name) {
			v.add(list.index(i), name, "must not be there twice")
		}
	}
}

// workload checks what surrounds the pods of a service's versions.
func (v validator) workload(path keyPath, service catalogue.Service, config Service, profile Profile) {
	v.standby(path.key("standby"), service, config.Standby, profile)
	v.reencryption(path.key("reencryption"), service, config.Reencryption, profile)
	v.scratch(path.key("scratch"), service, config.Scratch)
}

func (v validator) standby(path keyPath, service catalogue.Service, standby Standby, profile Profile) {
	if !service.Standby {
		if standby != (Standby{}) {
			v.add(path, nil, "must not be set: %s has no standby", service.Name)
		}
		return
	}
	v.between(path.key("replicas"), standby.Replicas, 1, mostReplicas)
	if standby.Serving && !standby.Enabled {
		v.add(path.key("serving"), true, "must be false without a standby: set %s to true", path.key("enabled"))
	}
	if standby.Image != "" {
		v.image(path.key("image"), standby.Image, profile)
	}
}

func (v validator) reencryption(path keyPath, service catalogue.Service, reencryption Reencryption, profile Profile) {
	if !service.Reencryption {
		if reencryption != (Reencryption{}) {
			v.add(path, nil, "must not be set: %s does not encrypt what it stores", service.Name)
		}
		return
	}
	v.between(path.key("timeoutSeconds"), reencryption.TimeoutSeconds, shortestReencryption, longestReencryption)
	if reencryption.Image != "" {
		v.image(path.key("image"), reencryption.Image, profile)
	}
}

func (v validator) scratch(path keyPath, service catalogue.Service, scratch Scratch) {
	v.quantity(path.key("tmp"), scratch.Tmp, leastBytes, "Mi")
	switch {
	case service.LogDir != "":
		v.quantity(path.key("logs"), scratch.Logs, leastBytes, "Mi")
	case scratch.Logs != "":
		v.add(path.key("logs"), scratch.Logs, "must not be set: %s writes no log files", service.Name)
	}
}
