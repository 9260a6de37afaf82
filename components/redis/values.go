package redis

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/federated-risk/federated-risk/components/secrets"
)

// maxmemoryPercent of the container's memory limit: the rest is for replication buffers, fragmentation and the fork
// that writes a snapshot, so that Redis evicts before the kernel kills it.
const maxmemoryPercent = 75

// masterCheckSeconds is how long the master's Service may lead nowhere after a failover or an upgrade of the release,
// which resets it; the chart's default is 60.
const masterCheckSeconds = 5

// values of the upstream `redis` chart; docs/charts.md says which version they were checked against.
func (args *Args) values() (pulumi.Map, error) {
	if err := args.check(); err != nil {
		return nil, err
	}
	maxmemory, err := maxmemoryBytes(args.Resources.Limits.Memory)
	if err != nil {
		return nil, err
	}
	persistence := pulumi.Map{"enabled": pulumi.Bool(true), "size": pulumi.String(args.StorageSize)}
	if args.StorageClass != "" {
		persistence["storageClass"] = pulumi.String(args.StorageClass)
	}
	values := pulumi.Map{
		"fullnameOverride": pulumi.String(ReleaseName),
		"architecture":     pulumi.String("standalone"),
		"auth": pulumi.Map{
			"enabled":                   pulumi.Bool(true),
			"existingSecret":            args.SecretName,
			"existingSecretPasswordKey": pulumi.String(secrets.RedisPasswordKey),
			"acl": pulumi.Map{
				"enabled":              pulumi.Bool(true),
				"existingSecret":       args.SecretName,
				"existingSecretACLKey": pulumi.String(secrets.RedisUsersKey),
			},
		},
		"extraConfig": pulumi.String(fmt.Sprintf("maxmemory %d\nmaxmemory-policy %s\n", maxmemory, args.MaxmemoryPolicy)),
		"persistence": persistence,
		"resources":   args.Resources.Values(),
		// The exporter beside each server. What scrapes it is not the chart's to say, which would have to wait for the kinds.
		"metrics": pulumi.Map{"enabled": pulumi.Bool(true)},
	}
	if !args.Retain {
		// By default the claims of a StatefulSet stay.
		values["persistentVolumeClaimRetentionPolicy"] = pulumi.Map{
			"enabled":     pulumi.Bool(true),
			"whenDeleted": pulumi.String("Delete"),
			"whenScaled":  pulumi.String("Retain"),
		}
	}
	if args.replicated() {
		values["architecture"] = pulumi.String("replication")
		values["replicaCount"] = pulumi.Int(args.Replicas)
		// The chart's own minAvailable of 1 would let a drain take every server: the budget also counts the pod that keeps
		// the master's Service on the master.
		values["pdb"] = pulumi.Map{
			"enabled": pulumi.Bool(true), "minAvailable": pulumi.String(""), "maxUnavailable": pulumi.Int(1),
		}
		values["topologySpreadConstraints"] = spread()
		values["sentinel"] = pulumi.Map{
			"enabled": pulumi.Bool(true),
			"quorum":  pulumi.Int(args.Replicas/2 + 1),
			"masterService": pulumi.Map{
				"enabled":       pulumi.Bool(true),
				"checkInterval": pulumi.Int(masterCheckSeconds),
			},
		}
	}
	return values, nil
}

// spread keeps the servers on different nodes as far as there is room: a node that is lost must not take Sentinel's
// majority with it.
func spread() pulumi.Array {
	return pulumi.Array{pulumi.Map{
		"maxSkew":           pulumi.Int(1),
		"topologyKey":       pulumi.String("kubernetes.io/hostname"),
		"whenUnsatisfiable": pulumi.String("ScheduleAnyway"),
		"labelSelector":     pulumi.Map{"matchLabels": pulumi.ToStringMap(podLabels())},
	}}
}

func maxmemoryBytes(memoryLimit string) (int64, error) {
	limit, err := resource.ParseQuantity(memoryLimit)
	if err != nil {
		return 0, fmt.Errorf("args.Resources.Limits.Memory is %q: expected a quantity such as 1Gi: %w", memoryLimit, err)
	}
	return limit.Value() / 100 * maxmemoryPercent, nil
}
