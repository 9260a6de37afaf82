package policy

import (
	"slices"

	"github.com/federated-risk/federated-risk/components/postgres"
	"github.com/federated-risk/federated-risk/components/redis"
	"github.com/federated-risk/federated-risk/internal/login"
)

func (args *Args) postgres() Peer { return Peer{Name: "postgres", Labels: args.Postgres.PodLabels} }

func (args *Args) redis() Peer { return Peer{Name: "redis", Labels: args.Redis.PodLabels} }

// redisDiscovery is the pod that keeps the master's Service on the master; what holds for redis holds for it too.
func (args *Args) redisDiscovery() Peer {
	return Peer{Name: "redis-master-discovery", Labels: args.Redis.Sentinel.DiscoveryPodLabels}
}

// apiServer can only be named by address: its pods, where it has any, are on the nodes' network.
func (args *Args) apiServer() Peer { return Peer{Name: "API server", CIDRs: args.APIServerCIDRs} }

// login is the Job that tries the store's login.
func (args *Args) login(server string) Peer { return args.app(login.App(server), "") }

func (args *Args) postgresFlows() []Flow {
	database, network := args.postgres(), args.Postgres
	operator := Peer{Name: "postgres operator", Namespace: args.OperatorNamespace, Labels: network.OperatorPodLabels}
	var flows []Flow
	for _, client := range slices.Concat(args.workloads(), args.jobs()) {
		if client.service.Postgres {
			flows = append(flows, Flow{From: client.Peer, To: database, Ports: tcp(network.Port), Purpose: "the service's data"})
		}
	}
	flows = append(flows,
		Flow{From: args.login(postgres.ClusterName), To: database, Ports: tcp(network.Port), Purpose: "trying a generation of the login"},
		Flow{From: database, To: database, Ports: tcp(network.Port, network.StatusPort), Purpose: "replication, and joining the cluster"},
		Flow{From: operator, To: database, Ports: tcp(network.Port, network.StatusPort), Purpose: "supervision by the operator"},
		Flow{From: database, To: args.apiServer(), Ports: apiServerPorts, Purpose: "the instance manager reports and reads its cluster"},
		Flow{From: args.prometheus(), To: database, Ports: tcp(network.MetricsPort), Purpose: "metrics"},
	)
	if len(args.Backup.CIDRs) > 0 {
		store := Peer{Name: "object store", CIDRs: args.Backup.CIDRs}
		flows = append(flows, Flow{From: database, To: store, Ports: tcp(args.Backup.Port), Purpose: "backups"})
	}
	return flows
}

func (args *Args) redisFlows() []Flow {
	cache, network := args.redis(), args.Redis
	var flows []Flow
	for _, client := range args.workloads() {
		if client.service.RedisDB != nil {
			flows = append(flows, Flow{From: client.Peer, To: cache, Ports: tcp(network.Port), Purpose: "the service's cache"})
		}
	}
	flows = append(flows,
		Flow{From: args.login(redis.ReleaseName), To: cache, Ports: tcp(network.Port), Purpose: "bringing a generation of the login to the servers"},
		Flow{From: args.prometheus(), To: cache, Ports: tcp(network.MetricsPort), Purpose: "metrics"},
	)
	if sentinel := network.Sentinel; sentinel != nil {
		flows = append(flows,
			Flow{From: cache, To: cache, Ports: tcp(network.Port, sentinel.Port), Purpose: "replication, and the election of the master"},
			Flow{From: args.redisDiscovery(), To: args.apiServer(), Ports: apiServerPorts, Purpose: "keeping the master's Service on the master"},
		)
	}
	return flows
}
