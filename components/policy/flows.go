package policy

import (
	"maps"
	"slices"

	"github.com/federated-risk/federated-risk/components/postgres"
	"github.com/federated-risk/federated-risk/components/redis"
	"github.com/federated-risk/federated-risk/components/service"
	"github.com/federated-risk/federated-risk/internal/catalogue"
	"github.com/federated-risk/federated-risk/internal/labels"
)

// Flow is a connection that the platform needs. Every other one is denied.
type Flow struct {
	From, To Peer
	Ports    []Port
	// Mesh says that the connection passes through the callee's sidecar, so that the caller's identity counts.
	Mesh bool
	// Purpose of the connection, for the documentation.
	Purpose string
}

// Port is a port and its protocol.
type Port struct {
	Protocol string
	Number   int
}

func tcp(numbers ...int) []Port {
	ports := make([]Port, len(numbers))
	for i, number := range numbers {
		ports[i] = Port{Protocol: "TCP", Number: number}
	}
	return ports
}

// Ports of Istio and Kubernetes that never differ.
const (
	// istiodPort hands configuration and certificates to the sidecars.
	istiodPort = 15012
	dnsPort    = 53
)

// apiServerPorts of the API server: the Service's, and the one behind it that most CNIs see instead.
var apiServerPorts = tcp(443, 6443)

// APIServerPorts returns the ports on which the data stores may reach Args.APIServerCIDRs.
func APIServerPorts() []int {
	var numbers []int
	for _, port := range apiServerPorts {
		numbers = append(numbers, port.Number)
	}
	return numbers
}

// workload is a kind of pods of a service.
type workload struct {
	Peer
	service catalogue.Service
}

// flows lists every flow once; each is rendered at both of its ends. It derives from the catalogue and from what the
// other components say about themselves.
func (args *Args) flows() []Flow {
	return slices.Concat(args.serviceFlows(), args.postgresFlows(), args.redisFlows(), args.nameFlows())
}

// workloads are the pods of the services: those in the mesh, each with its service's identity.
func (args *Args) workloads() []workload {
	var workloads []workload
	for _, service := range args.Services {
		names := []string{service.Name}
		if service.Standby {
			names = append(names, catalogue.StandbyName(service.Name))
		}
		for _, name := range names {
			workloads = append(workloads, workload{Peer: args.app(name, Principal(args.NamespaceName, service.Name)), service: service})
		}
	}
	return workloads
}

// jobs are the pods of the services' Jobs. They have no sidecar: with one, a Job would never end.
func (args *Args) jobs() []workload {
	var jobs []workload
	for _, service := range args.Services {
		if service.Reencryption {
			jobs = append(jobs, workload{Peer: args.app(catalogue.ReencryptionName(service.Name), ""), service: service})
		}
	}
	return jobs
}

func (args *Args) app(name, identity string) Peer {
	return Peer{Name: name, Labels: map[string]string{labels.App: name}, Principal: identity}
}

func (args *Args) serviceFlows() []Flow {
	istiod := Peer{Name: "istiod", Namespace: args.IstioNamespace, Labels: map[string]string{labels.App: "istiod"}}
	workloads := args.workloads()
	var flows []Flow
	for _, callee := range workloads {
		port := tcp(callee.service.Port)
		if callee.service.Exposure.Host != "" {
			flows = append(flows, Flow{From: args.Entrance, To: callee.Peer, Ports: port, Mesh: true, Purpose: "requests from outside"})
		}
		for _, caller := range workloads {
			if calls(caller.service, callee.service) {
				flows = append(flows, Flow{From: caller.Peer, To: callee.Peer, Ports: port, Mesh: true, Purpose: "calls of the service"})
			}
		}
		flows = append(flows,
			Flow{From: callee.Peer, To: istiod, Ports: tcp(istiodPort), Purpose: "the sidecar's configuration and certificate"},
			Flow{From: args.prometheus(), To: callee.Peer, Ports: tcp(service.MetricsPort), Purpose: "metrics, the sidecar's and the service's"},
		)
	}
	return flows
}

// calls says whether the caller has the callee among its upstreams.
func calls(caller, callee catalogue.Service) bool {
	return slices.Contains(slices.Collect(maps.Values(caller.Upstreams)), callee.Name)
}

func (args *Args) prometheus() Peer {
	return Peer{
		Name: "prometheus", Namespace: args.MonitoringNamespace,
		// The Prometheus operator labels every server so.
		Labels: map[string]string{"app.kubernetes.io/name": "prometheus"},
	}
}

// nameFlows let every pod resolve names.
func (args *Args) nameFlows() []Flow {
	ports := []Port{{Protocol: "UDP", Number: dnsPort}, {Protocol: "TCP", Number: dnsPort}}
	servers := []Peer{{Name: "cluster DNS", Namespace: args.DNSNamespace}}
	if len(args.DNSCIDRs) > 0 {
		servers = append(servers, Peer{Name: "node-local DNS", CIDRs: args.DNSCIDRs})
	}
	var flows []Flow
	for _, client := range args.peers() {
		for _, server := range servers {
			flows = append(flows, Flow{From: client, To: server, Ports: ports, Purpose: "names of Services"})
		}
	}
	return flows
}

// peers are all kinds of pods in the stack's namespace.
func (args *Args) peers() []Peer {
	var peers []Peer
	for _, workload := range slices.Concat(args.workloads(), args.jobs()) {
		peers = append(peers, workload.Peer)
	}
	peers = append(peers, args.postgres(), args.redis(), args.login(postgres.ClusterName), args.login(redis.ReleaseName))
	if args.Redis.Sentinel != nil {
		peers = append(peers, args.redisDiscovery())
	}
	return peers
}
