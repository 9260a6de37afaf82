// Package postgres is the PostgreSQL cluster, run by the CloudNativePG operator.
package postgres

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/dns"
	"github.com/federated-risk/federated-risk/internal/login"
	"github.com/federated-risk/federated-risk/internal/quantities"
	"github.com/federated-risk/federated-risk/internal/release"
)

// Args describe the cluster.
type Args struct {
	Namespace pulumi.StringInput
	// Operator is the release of the operator, or nil where the cluster has one already.
	Operator *Operator
	// Chart of the database cluster itself.
	Chart release.Chart
	// Instances is the number of PostgreSQL pods, at least 1.
	Instances int
	// Version is the PostgreSQL major version.
	Version string
	// Database is created at the first start.
	Database string
	// Owner owns Database and everything in it, and cannot log in.
	Owner string
	// LoginRoles are members of Owner; each has its password in a basic-auth Secret.
	LoginRoles []LoginRole
	// Login is the one of LoginRoles that services use.
	Login Login
	// StorageSize is a quantity; StorageClass may be empty for the default class.
	StorageSize, StorageClass string
	Resources                 quantities.Resources
	// Retain keeps the database, running, and its volumes when the release is uninstalled.
	Retain bool
	// Protect refuses to delete or replace the database.
	Protect bool
	// ServiceAccountAnnotations of the pods' ServiceAccount, which the operator makes.
	ServiceAccountAnnotations map[string]string
	// Backup says where and when to back up; nil for no backup.
	Backup *Backup
	// Recovery says what to start the database from; nil for an empty one. It matters at the first start only.
	Recovery *Recovery
}

// Operator is the release of the CloudNativePG operator.
type Operator struct {
	Chart release.Chart
	// Namespace that is made for the operator.
	Namespace string
}

// LoginRole is a role that services log in as.
type LoginRole struct {
	Name string
	// SecretName of a kubernetes.io/basic-auth Secret.
	SecretName pulumi.StringInput
}

// Login is a generation of the services' login.
type Login struct {
	// Role is the name of one of LoginRoles.
	Role string
	// Attempt of the Job that tries the login, with an image with psql.
	login.Attempt
}

// Postgres is the component.
type Postgres struct {
	pulumi.ResourceState

	// Host answers for the primary, for reading and writing. It is known once Login works.
	Host pulumi.StringOutput `pulumi:"host"`
	// Port of the server.
	Port int
	// Database that the services use, and Owner that owns it.
	Database, Owner string
}

const (
	// ClusterName prefixes the Services that the operator makes, -rw, -ro and -r, and is the folder of the database's
	// backups.
	ClusterName  = "postgres"
	postgresPort = 5432
)

// New declares the operator, unless there is one, and the cluster.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Postgres, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("postgres %q: %w", name, err)
	}
	component := &Postgres{Port: postgresPort, Database: args.Database, Owner: args.Owner}
	if err := ctx.RegisterComponentResource("federated-risk:postgres:Postgres", name, component, opts...); err != nil {
		return nil, err
	}
	var after []pulumi.Resource
	if args.Operator != nil {
		operator, err := args.Operator.declare(ctx, name+"-operator", pulumi.Parent(component))
		if err != nil {
			return nil, fmt.Errorf("postgres %q: operator: %w", name, err)
		}
		after = append(after, operator)
	}
	cluster, err := release.New(ctx, name+"-cluster", release.Args{
		Chart:       args.Chart,
		ReleaseName: ClusterName,
		Namespace:   args.Namespace,
		TakeOver:    args.Retain,
		Values:      args.values(),
	}, pulumi.Parent(component), pulumi.Protect(args.Protect), pulumi.DependsOn(after))
	if err != nil {
		return nil, fmt.Errorf("postgres %q: cluster: %w", name, err)
	}
	host := cluster.Namespace().ApplyT(func(namespace string) string {
		return dns.Host(ClusterName+"-rw", namespace)
	}).(pulumi.StringOutput)
	working, err := args.tryLogin(ctx, name+"-login", host, pulumi.Parent(component))
	if err != nil {
		return nil, fmt.Errorf("postgres %q: %w", name, err)
	}
	component.Host = pulumi.All(host, working.ID()).ApplyT(func(values []any) string { return values[0].(string) }).(pulumi.StringOutput)
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"host": component.Host})
}

// declare declares the operator in a namespace that goes with it.
func (operator *Operator) declare(ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption) (pulumi.Resource, error) {
	namespace, err := release.NewNamespace(ctx, name+"-namespace", operator.Namespace, opts...)
	if err != nil {
		return nil, err
	}
	return release.New(ctx, name, release.Args{
		Chart:       operator.Chart,
		ReleaseName: "cloudnative-pg",
		Namespace:   namespace,
	}, opts...)
}

func (args *Args) check() error {
	if args == nil {
		return errors.New("args is nil")
	}
	faults := []error{args.Chart.Check("args.Chart")}
	if args.Operator != nil {
		faults = append(faults, args.Operator.Chart.Check("args.Operator.Chart"))
		if args.Operator.Namespace == "" {
			faults = append(faults, errors.New("args.Operator.Namespace is empty"))
		}
	}
	if args.Namespace == nil {
		faults = append(faults, errors.New("args.Namespace is not set"))
	}
	if args.Instances < 1 {
		faults = append(faults, fmt.Errorf("args.Instances is %d: expected at least 1", args.Instances))
	}
	for _, argument := range []struct{ name, value string }{
		{"Version", args.Version}, {"Database", args.Database}, {"Owner", args.Owner}, {"StorageSize", args.StorageSize},
	} {
		if argument.value == "" {
			faults = append(faults, fmt.Errorf("args.%s is empty", argument.name))
		}
	}
	faults = append(faults, args.Login.Check("args.Login"))
	if _, found := args.loginSecretName(); !found {
		faults = append(faults, fmt.Errorf("args.Login.Role is %q: expected one of args.LoginRoles", args.Login.Role))
	}
	faults = append(faults, args.Backup.check("args.Backup"), args.Recovery.check("args.Recovery"))
	for i, role := range args.LoginRoles {
		if role.Name == "" || role.SecretName == nil {
			faults = append(faults, fmt.Errorf("args.LoginRoles[%d]: Name and SecretName must be set", i))
		}
	}
	return errors.Join(faults...)
}
