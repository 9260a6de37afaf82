package postgres

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// values of the upstream `cluster` chart; docs/charts.md says which version they were checked against.
func (args *Args) values() pulumi.Map {
	storage := pulumi.Map{"size": pulumi.String(args.StorageSize)}
	if args.StorageClass != "" {
		storage["storageClass"] = pulumi.String(args.StorageClass)
	}
	cluster := pulumi.Map{
		"instances": pulumi.Int(args.Instances),
		"storage":   storage,
		"resources": args.Resources.Values(),
		"initdb": pulumi.Map{
			"database": pulumi.String(args.Database),
			"owner":    pulumi.String(args.Owner),
		},
		// The chart's default would publish a superuser password that nothing here needs.
		"enableSuperuserAccess": pulumi.Bool(false),
		// The chart's default is the zone, and where nodes name none, all instances may share one node.
		"affinity": pulumi.Map{"topologyKey": pulumi.String("kubernetes.io/hostname")},
		"roles":    args.roles(),
	}
	if args.Retain {
		// The volumes belong to the Cluster, so it is the Cluster that Helm must leave alone.
		cluster["annotations"] = pulumi.Map{"helm.sh/resource-policy": pulumi.String("keep")}
	}
	if len(args.ServiceAccountAnnotations) > 0 {
		cluster["serviceAccountTemplate"] = pulumi.Map{
			"metadata": pulumi.Map{"annotations": pulumi.ToStringMap(args.ServiceAccountAnnotations)},
		}
	}
	values := pulumi.Map{
		"fullnameOverride": pulumi.String(ClusterName),
		"version":          pulumi.Map{"postgresql": pulumi.String(args.Version)},
		"cluster":          cluster,
	}
	if args.Backup != nil {
		values["backups"] = args.Backup.values()
	}
	if args.Recovery != nil {
		values["mode"] = pulumi.String("recovery")
		values["recovery"] = args.Recovery.values(args)
	}
	return values
}

// roles takes LOGIN from the owner and lets the login roles act as it, so that either can take over from the other.
func (args *Args) roles() pulumi.Array {
	roles := pulumi.Array{pulumi.Map{
		"name":   pulumi.String(args.Owner),
		"ensure": pulumi.String("present"),
		"login":  pulumi.Bool(false),
	}}
	for _, role := range args.LoginRoles {
		roles = append(roles, pulumi.Map{
			"name":           pulumi.String(role.Name),
			"ensure":         pulumi.String("present"),
			"login":          pulumi.Bool(true),
			"inRoles":        pulumi.ToStringArray([]string{args.Owner}),
			"passwordSecret": pulumi.Map{"name": role.SecretName},
		})
	}
	return roles
}
