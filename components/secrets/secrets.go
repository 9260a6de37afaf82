// Package secrets makes every password, key and certificate of a stack and the Kubernetes Secrets that hold them.
package secrets

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Args describe the secrets of a stack.
type Args struct {
	// Namespace that the Secrets are in.
	Namespace pulumi.StringInput
	// Generations that are in use.
	Generations Generations
	// DatabaseRoles are the names of the Postgres login roles that take turns, as many as Logins.
	DatabaseRoles []string
	// ServerCertificate says how to make the TLS certificate, or is nil when ExistingCertificate names one.
	ServerCertificate *CertificateArgs
	// ExistingCertificate is the name of a kubernetes.io/tls Secret in Namespace, kept by somebody else.
	ExistingCertificate string
	// PublicCertificate is the certificate for the public hosts, or nil when whoever serves them takes the Secret that pods
	// mount, or one kept by somebody else.
	PublicCertificate *PublicCertificateArgs
}

// Secrets is the component. Every value in it is a Pulumi secret; the names of Secrets are plain.
type Secrets struct {
	pulumi.ResourceState

	// DatabaseRoles in the order of Args.DatabaseRoles.
	DatabaseRoles []DatabaseRole
	// DatabaseLogin is the one of them whose turn it is.
	DatabaseLogin DatabaseRole
	// Redis is what Redis and its clients log in with.
	Redis Redis
	// JWT is what tokens are signed and verified with.
	JWT JWT
	// Encryption is what stored data is encrypted with.
	Encryption Encryption
	// CertificateSecretName names the Secret with tls.crt, tls.key and, unless it is an existing one, ca.crt.
	CertificateSecretName pulumi.StringOutput
	// PublicCertificateSecretName names the Secret with tls.crt and tls.key for the public hosts, in the namespace of
	// Args.PublicCertificate; without that, it is CertificateSecretName.
	PublicCertificateSecretName pulumi.StringOutput
	// CertificateEnds are the ends of validity of what the stack signs, in RFC 3339, by name: CertificateServer and
	// CertificateAuthority. They are empty with an existing certificate.
	CertificateEnds map[string]pulumi.StringOutput
}

// Names of the certificates that the stack signs.
const (
	CertificateServer    = "server"
	CertificateAuthority = "ca"
)

// New declares the secrets.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Secrets, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("secrets %q: %w", name, err)
	}
	component := &Secrets{}
	if err := ctx.RegisterComponentResource("federated-risk:secrets:Secrets", name, component, opts...); err != nil {
		return nil, err
	}
	if err := component.provision(ctx, name, args); err != nil {
		return nil, fmt.Errorf("secrets %q: %w", name, err)
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{
		"jwtSecretName":               component.JWT.SigningSecretName,
		"jwtKeysName":                 component.JWT.KeysName,
		"redisSecretName":             component.Redis.SecretName,
		"certificateSecretName":       component.CertificateSecretName,
		"publicCertificateSecretName": component.PublicCertificateSecretName,
	})
}

func (component *Secrets) provision(ctx *pulumi.Context, name string, args *Args) (err error) {
	declare := declaration{ctx: ctx, name: name, namespace: args.Namespace, parent: pulumi.Parent(component)}
	for i, role := range args.DatabaseRoles {
		declared, err := declare.databaseRole(role, passwordGeneration(i, args.Generations.Database))
		if err != nil {
			return err
		}
		component.DatabaseRoles = append(component.DatabaseRoles, declared)
	}
	component.DatabaseLogin = component.DatabaseRoles[inUse(args.Generations.Database)]
	if component.Redis, err = declare.redis(args.Generations.Redis); err != nil {
		return err
	}
	if component.JWT, err = declare.jwtKeys(args.Generations); err != nil {
		return err
	}
	if component.Encryption, err = declare.encryption(args.Generations); err != nil {
		return err
	}
	return component.certificates(declare, args)
}

func (component *Secrets) certificates(declare declaration, args *Args) (err error) {
	var server *serverCertificate
	component.CertificateSecretName = pulumi.String(args.ExistingCertificate).ToStringOutput()
	if args.ServerCertificate != nil {
		if server, err = declare.serverCertificate(args.ServerCertificate, args.Generations.TLS); err != nil {
			return err
		}
		component.CertificateSecretName, component.CertificateEnds = server.secretName, server.ends
	}
	component.PublicCertificateSecretName = component.CertificateSecretName
	if args.PublicCertificate != nil {
		component.PublicCertificateSecretName, err = declare.publicCertificate(args.PublicCertificate, server)
	}
	return err
}

func (args *Args) check() error {
	if args == nil {
		return errors.New("args is nil")
	}
	faults := []error{args.Generations.check()}
	if len(args.DatabaseRoles) != Logins {
		faults = append(faults, fmt.Errorf("args.DatabaseRoles has %d roles: expected %d, which take turns", len(args.DatabaseRoles), Logins))
	}
	if args.Namespace == nil {
		faults = append(faults, errors.New("args.Namespace is not set"))
	}
	if (args.ServerCertificate == nil) == (args.ExistingCertificate == "") {
		faults = append(faults, errors.New("set exactly one of args.ServerCertificate and args.ExistingCertificate"))
	}
	if args.ServerCertificate != nil {
		faults = append(faults, args.ServerCertificate.check())
	}
	if args.PublicCertificate != nil {
		faults = append(faults, args.PublicCertificate.check(args.ServerCertificate))
	}
	return errors.Join(faults...)
}

// declaration carries what every child of the component has in common.
type declaration struct {
	ctx       *pulumi.Context
	name      string
	namespace pulumi.StringInput
	parent    pulumi.ResourceOption
}

func (d declaration) child(suffix string) string { return d.name + "-" + suffix }
