package stacks

import (
	"github.com/federated-risk/federated-risk/components/policy"
	"github.com/federated-risk/federated-risk/internal/catalogue"
	"github.com/federated-risk/federated-risk/internal/quantities"
)

// deployPolicy declares what guards the namespace.
func (p *platform) deployPolicy() error {
	config := p.config.Policy
	_, err := policy.New(p.ctx, "policy", &policy.Args{
		Namespace:           p.meshNamespace,
		NamespaceName:       p.config.Namespace,
		Services:            catalogue.Services(),
		Postgres:            p.postgres.Network(),
		Redis:               p.redis.Network(),
		OperatorNamespace:   p.config.Releases.PostgresOperator.Namespace,
		Entrance:            p.config.Ingress.peer(),
		IstioNamespace:      config.IstioNamespace,
		MonitoringNamespace: config.MonitoringNamespace,
		DNSNamespace:        config.DNSNamespace,
		DNSCIDRs:            config.DNSCIDRs,
		APIServerCIDRs:      config.APIServerCIDRs,
		Backup:              policy.Backup{CIDRs: config.BackupCIDRs, Port: config.BackupPort},
		Isolated:            config.Isolated,
		Quota:               config.Quota.args(),
	}, p.providers)
	return err
}

// peer is what requests from outside come through.
func (ingress Ingress) peer() policy.Peer {
	if ingress.Mode == IngressKubernetes {
		peer := policy.Peer{
			Name: "ingress controller", Namespace: ingress.Controller.Namespace, CIDRs: ingress.Controller.CIDRs,
		}
		if ingress.Controller.InMesh {
			peer.Principal = policy.Principal(ingress.Controller.Namespace, ingress.Controller.ServiceAccount)
		}
		return peer
	}
	return policy.Peer{
		Name:      "ingress gateway",
		Namespace: ingress.Istio.Namespace,
		Labels:    ingress.Istio.Selector,
		Principal: policy.Principal(ingress.Istio.Namespace, ingress.Istio.ServiceAccount),
	}
}

func (quota Quota) args() *policy.Quota {
	if !quota.Enabled {
		return nil
	}
	return &policy.Quota{
		CPU:                    quota.CPU,
		Memory:                 quota.Memory,
		Storage:                quota.Storage,
		Pods:                   quota.Pods,
		PersistentVolumeClaims: quota.PersistentVolumeClaims,
		ContainerRequests:      quantities.List(defaultContainerRequests),
	}
}
