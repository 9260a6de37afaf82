// Package redis is the cache.
package redis

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/dns"
	"github.com/federated-risk/federated-risk/internal/login"
	"github.com/federated-risk/federated-risk/internal/quantities"
	"github.com/federated-risk/federated-risk/internal/release"
)

// Args describe the cache.
type Args struct {
	Namespace pulumi.StringInput
	Chart     release.Chart
	// Replicas is the number of Redis pods: 1 runs alone; more replicate, and Sentinel elects the master.
	Replicas int
	// SecretName of the Secret with the passwords and the ACL file.
	SecretName pulumi.StringInput
	// Login is the one that services use.
	Login Login
	// MaxmemoryPolicy is Redis's eviction policy.
	MaxmemoryPolicy string
	// StorageSize is a quantity; StorageClass may be empty for the default class.
	StorageSize, StorageClass string
	// Retain keeps the volumes when the release is uninstalled.
	Retain bool
	// Resources of each pod; the memory limit is required, maxmemory derives from it.
	Resources quantities.Resources
	// Protect refuses to delete or replace the cache.
	Protect bool
}

// Login is a generation of the services' login.
type Login struct {
	// User in the ACL file, whose password is the entry of this name in the Secret.
	User string
	// Attempt of the Job that brings the ACL file to the servers that run, with an image with redis-cli.
	login.Attempt
}

// Redis is the component.
type Redis struct {
	pulumi.ResourceState

	// Host answers for the master; it is known once Login works. With Sentinel, the chart points it to the master
	// within seconds of the release, and of a failover.
	Host pulumi.StringOutput `pulumi:"host"`
	// Port of the server.
	Port int

	replicated bool
	user       string
}

const (
	// ReleaseName is what the pods and Services of the release are called.
	ReleaseName = "redis"
	redisPort   = 6379
)

// New declares the release.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Redis, error) {
	values, err := args.values()
	if err != nil {
		return nil, fmt.Errorf("redis %q: %w", name, err)
	}
	component := &Redis{Port: redisPort, replicated: args.replicated()}
	if err := ctx.RegisterComponentResource("federated-risk:redis:Redis", name, component, opts...); err != nil {
		return nil, err
	}
	cache, err := release.New(ctx, name, release.Args{
		Chart:       args.Chart,
		ReleaseName: ReleaseName,
		Namespace:   args.Namespace,
		Values:      values,
	}, pulumi.Parent(component), pulumi.Protect(args.Protect))
	if err != nil {
		return nil, fmt.Errorf("redis %q: %w", name, err)
	}
	component.user = args.Login.User
	working, err := args.applyLogin(ctx, name+"-login", cache.Namespace(), pulumi.Parent(component))
	if err != nil {
		return nil, fmt.Errorf("redis %q: %w", name, err)
	}
	component.Host = pulumi.All(cache.Namespace(), working.ID()).ApplyT(func(values []any) string {
		return dns.Host(args.masterService(), values[0].(string))
	}).(pulumi.StringOutput)
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"host": component.Host})
}

// URL returns the connection URL of a logical database, 0 to 15, for the user in use.
func (component *Redis) URL(database int, password pulumi.StringInput) pulumi.StringOutput {
	return pulumi.Sprintf("redis://%s:%s@%s:%d/%d", component.user, password, component.Host, component.Port, database)
}

func (args *Args) replicated() bool { return args.Replicas > 1 }

// masterService is the Service that follows the master: the services know nothing of Sentinel.
func (args *Args) masterService() string {
	if args.replicated() {
		return ReleaseName + "-master"
	}
	return ReleaseName
}

func (args *Args) check() error {
	if args == nil {
		return errors.New("args is nil")
	}
	faults := []error{args.Chart.Check("args.Chart")}
	if args.Namespace == nil {
		faults = append(faults, errors.New("args.Namespace is not set"))
	}
	if args.SecretName == nil {
		faults = append(faults, errors.New("args.SecretName is not set"))
	}
	faults = append(faults, args.Login.Check("args.Login"))
	if args.Replicas < 1 {
		faults = append(faults, fmt.Errorf("args.Replicas is %d: expected at least 1", args.Replicas))
	}
	for _, argument := range []struct{ name, value string }{
		{"Login.User", args.Login.User}, {"MaxmemoryPolicy", args.MaxmemoryPolicy}, {"StorageSize", args.StorageSize},
	} {
		if argument.value == "" {
			faults = append(faults, fmt.Errorf("args.%s is empty", argument.name))
		}
	}
	if _, err := maxmemoryBytes(args.Resources.Limits.Memory); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}
