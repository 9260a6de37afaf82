// Package policy guards the stack's namespace: who may connect to whom, by network and by identity, and how much of the
// cluster it may take.
package policy

import (
	"errors"
	"fmt"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/components/postgres"
	"github.com/federated-risk/federated-risk/components/redis"
	"github.com/federated-risk/federated-risk/internal/catalogue"
	"github.com/federated-risk/federated-risk/internal/faults"
	"github.com/federated-risk/federated-risk/internal/labels"
)

// Args describe the policies.
type Args struct {
	// Namespace that the policies are in, and NamespaceName, the same in plain text, for identities.
	Namespace     pulumi.StringInput
	NamespaceName string
	// Services are the entries of the catalogue.
	Services []catalogue.Service
	// Postgres and Redis say who the data stores' pods are.
	Postgres postgres.Network
	Redis    redis.Network
	// OperatorNamespace is where the database's operator runs.
	OperatorNamespace string
	// Entrance is what requests from outside come through. Its principal is empty where it has no sidecar.
	Entrance Peer
	// IstioNamespace is where istiod runs, MonitoringNamespace where Prometheus does.
	IstioNamespace, MonitoringNamespace string
	// DNSNamespace is where the cluster's DNS runs; DNSCIDRs are the addresses of a DNS cache on the nodes, if any.
	DNSNamespace string
	DNSCIDRs     []string
	// APIServerCIDRs are the addresses of the API server.
	APIServerCIDRs []string
	// Backup is the object store that the database is backed up to.
	Backup Backup
	// Isolated cuts every connection: the network policies let nothing through, and the mesh denies every request.
	Isolated bool
	// Quota of the namespace, or nil for none.
	Quota *Quota
}

// Backup is where an object store answers.
type Backup struct {
	// CIDRs of the store; none means no flow to it.
	CIDRs []string
	// Port of the store, 1 to 65535; it matters with CIDRs only.
	Port int
}

// Policy is the component.
type Policy struct {
	pulumi.ResourceState
}

// New declares the policies.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Policy, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("policy %q: %w", name, err)
	}
	component := &Policy{}
	if err := ctx.RegisterComponentResource("federated-risk:policy:Policy", name, component, opts...); err != nil {
		return nil, err
	}
	parent := pulumi.Parent(component)
	for _, declare := range []func(*pulumi.Context, string, pulumi.ResourceOption) error{
		args.networkPolicies, args.meshPolicies, args.limits,
	} {
		if err := declare(ctx, name, parent); err != nil {
			return nil, fmt.Errorf("policy %q: %w", name, err)
		}
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{})
}

func (args *Args) metadata(objectName string) *metav1.ObjectMetaArgs {
	return &metav1.ObjectMetaArgs{
		Name:      pulumi.String(objectName),
		Namespace: args.Namespace,
		Labels:    labels.Object(objectName),
	}
}

func (args *Args) check() error {
	if args == nil {
		return errors.New("args is nil")
	}
	var found faults.List
	found.When(args.Namespace == nil || args.NamespaceName == "", "args.Namespace and args.NamespaceName must be set")
	found.When(len(args.Services) == 0, "args.Services is empty")
	found.When(len(args.Postgres.PodLabels) == 0, "args.Postgres.PodLabels is empty: it would select every pod")
	found.When(len(args.Redis.PodLabels) == 0, "args.Redis.PodLabels is empty: it would select every pod")
	found.When((args.Entrance.Namespace == "") == (len(args.Entrance.CIDRs) == 0), "args.Entrance: expected one of Namespace and CIDRs")
	for argument, value := range map[string]string{
		"OperatorNamespace": args.OperatorNamespace, "IstioNamespace": args.IstioNamespace,
		"MonitoringNamespace": args.MonitoringNamespace, "DNSNamespace": args.DNSNamespace,
	} {
		found.When(value == "", "args.%s is empty", argument)
	}
	found.When(len(args.APIServerCIDRs) == 0, "args.APIServerCIDRs is empty: the database cannot work without the API server")
	port := args.Backup.Port
	found.When(len(args.Backup.CIDRs) > 0 && (port < 1 || port > 65535), "args.Backup.Port is %d: expected 1 to 65535", port)
	args.Quota.check(&found)
	return found.Err()
}
