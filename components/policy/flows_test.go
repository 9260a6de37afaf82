package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/components/postgres"
	"github.com/federated-risk/federated-risk/components/redis"
	"github.com/federated-risk/federated-risk/internal/catalogue"
)

// three services that have nothing in common with those of the platform: store is called by front, which faces outwards.
func three() []catalogue.Service {
	database := 3
	return []catalogue.Service{
		{Name: "store", Port: 81, Postgres: true, Reencryption: true},
		{
			Name: "front", Port: 82, RedisDB: &database, Standby: true, Upstreams: map[string]string{"STORE_URL": "store"},
			Exposure: catalogue.Exposure{Host: catalogue.HostApp, PathPrefix: "/"},
		},
		{Name: "alone", Port: 83},
	}
}

func valid() *Args {
	return &Args{
		Namespace: pulumi.String("risk"), NamespaceName: "risk", Services: three(),
		Postgres: postgres.Network{
			PodLabels: map[string]string{"db": "pg"}, OperatorPodLabels: map[string]string{"op": "pg"}, Port: 1, StatusPort: 2, MetricsPort: 3,
		},
		Redis:             redis.Network{PodLabels: map[string]string{"db": "redis"}, Port: 4, MetricsPort: 5},
		OperatorNamespace: "op", IstioNamespace: "istio", MonitoringNamespace: "mon", DNSNamespace: "dns",
		Entrance: Peer{
			Name: "gateway", Namespace: "in", Labels: map[string]string{"gw": "yes"}, Principal: Principal("in", "gw"),
		},
		APIServerCIDRs: []string{"10.0.0.1/32"},
	}
}

// lines are the flows as text, but for those that every pod has.
func lines(args *Args) []string {
	var all []string
	for _, flow := range args.flows() {
		if flow.To.Name == "cluster DNS" {
			continue
		}
		var ports []string
		for _, port := range flow.Ports {
			ports = append(ports, fmt.Sprint(port.Protocol, port.Number))
		}
		all = append(all, fmt.Sprintf("%s > %s %s", flow.From.Name, flow.To.Name, strings.Join(ports, " ")))
	}
	slices.Sort(all)
	return all
}

func TestFlowsDeriveFromTheCatalogue(t *testing.T) {
	args := valid()
	assert.Equal(t, []string{
		"alone > istiod TCP15012",
		"front > istiod TCP15012",
		"front > redis TCP4",
		"front > store TCP81",
		"front-backup > istiod TCP15012",
		"front-backup > redis TCP4",
		"front-backup > store TCP81",
		"gateway > front TCP82",
		"gateway > front-backup TCP82",
		"postgres > API server TCP443 TCP6443",
		"postgres > postgres TCP1 TCP2",
		"postgres operator > postgres TCP1 TCP2",
		"postgres-login > postgres TCP1",
		"prometheus > alone TCP15020",
		"prometheus > front TCP15020",
		"prometheus > front-backup TCP15020",
		"prometheus > postgres TCP3",
		"prometheus > redis TCP5",
		"prometheus > store TCP15020",
		"redis-login > redis TCP4",
		"store > istiod TCP15012",
		"store > postgres TCP1",
		"store-reencryption > postgres TCP1",
	}, lines(args))
}

func TestFlowsOfWhatIsOptional(t *testing.T) {
	least := lines(valid())
	for name, check := range map[string]struct {
		change func(*Args)
		added  []string
	}{
		"backup": {
			func(args *Args) { args.Backup = Backup{CIDRs: []string{"192.0.2.0/24"}, Port: 9000} },
			[]string{"postgres > object store TCP9000"},
		},
		"Sentinel": {
			func(args *Args) {
				args.Redis.Sentinel = &redis.Sentinel{Port: 6, DiscoveryPodLabels: map[string]string{"db": "redis", "c": "d"}}
			},
			[]string{"redis > redis TCP4 TCP6", "redis-master-discovery > API server TCP443 TCP6443"},
		},
		"node-local DNS": {
			func(args *Args) { args.DNSCIDRs = []string{"169.254.20.10/32"} },
			[]string{
				"alone > node-local DNS UDP53 TCP53", "front > node-local DNS UDP53 TCP53", "front-backup > node-local DNS UDP53 TCP53",
				"postgres > node-local DNS UDP53 TCP53", "redis > node-local DNS UDP53 TCP53", "store > node-local DNS UDP53 TCP53",
				"store-reencryption > node-local DNS UDP53 TCP53", "postgres-login > node-local DNS UDP53 TCP53",
				"redis-login > node-local DNS UDP53 TCP53",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			args := valid()
			check.change(args)
			want := slices.Concat(least, check.added)
			slices.Sort(want)
			assert.Equal(t, want, lines(args))
		})
	}
}

func TestEveryPodCanResolveNames(t *testing.T) {
	var clients []string
	for _, flow := range valid().flows() {
		if flow.To.Name == "cluster DNS" {
			assert.Equal(t, []Port{{"UDP", 53}, {"TCP", 53}}, flow.Ports)
			assert.Equal(t, "dns", flow.To.Namespace)
			clients = append(clients, flow.From.Name)
		}
	}
	assert.Equal(t, []string{"store", "front", "front-backup", "alone", "store-reencryption", "postgres", "redis", "postgres-login", "redis-login"}, clients)
}

// TestFlowsAreRenderedAtBothEnds finds an end in the namespace that no policy stands for.
func TestFlowsAreRenderedAtBothEnds(t *testing.T) {
	args := valid()
	args.Services = catalogue.Services()
	var known []string
	for _, peer := range args.peers() {
		assert.True(t, peer.local(), peer.Name)
		assert.NotEmpty(t, peer.Labels, "%s: no labels would select every pod", peer.Name)
		assert.NotContains(t, known, peer.Name, "two policies of one name")
		known = append(known, peer.Name)
	}
	for _, flow := range args.flows() {
		local := 0
		for _, end := range []Peer{flow.From, flow.To} {
			if end.local() {
				local++
				assert.Contains(t, known, end.Name)
			}
		}
		assert.Positive(t, local, "%s > %s has nothing to do with the namespace", flow.From.Name, flow.To.Name)
		assert.NotEmpty(t, flow.Ports, "%s > %s: no ports would mean all", flow.From.Name, flow.To.Name)
		assert.NotEmpty(t, flow.Purpose)
		if flow.Mesh {
			assert.NotEmpty(t, flow.From.Principal, "%s > %s", flow.From.Name, flow.To.Name)
		}
	}
}
