package secrets

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/kubesecret"
	"github.com/federated-risk/federated-risk/internal/labels"
	"github.com/federated-risk/federated-risk/internal/password"
)

// RedisPasswordKey is the entry of the Secret with the Redis password.
const RedisPasswordKey = "redis-password"

// Password is a generated password and the Secret that holds it.
type Password struct {
	SecretName pulumi.StringOutput
	// Value has letters and digits only: it stands in URLs as it is.
	Value pulumi.StringOutput
}

// DatabaseRole is a Postgres login role and its password.
type DatabaseRole struct {
	// Name of the role.
	Name string
	Password
}

// databaseRole declares a password in a basic-auth Secret, which CloudNativePG applies to the live database whenever
// it changes (label cnpg.io/reload).
func (d declaration) databaseRole(role string) (DatabaseRole, error) {
	suffix := strings.ReplaceAll(role, "_", "-")
	value, err := d.password("postgres-" + suffix)
	if err != nil {
		return DatabaseRole{}, err
	}
	objectLabels := labels.Object("postgres")
	objectLabels["cnpg.io/reload"] = pulumi.String("true")
	secret, err := kubesecret.New(d.ctx, d.child("postgres-"+suffix), kubesecret.Args{
		Namespace:  d.namespace,
		ObjectName: "postgres-role-" + suffix,
		Type:       "kubernetes.io/basic-auth",
		Labels:     objectLabels,
		Values:     map[string]pulumi.StringInput{"username": pulumi.String(role), "password": value},
	}, d.parent)
	if err != nil {
		return DatabaseRole{}, err
	}
	return DatabaseRole{Name: role, Password: Password{SecretName: secret.Metadata.Name().Elem(), Value: value}}, nil
}

// redisPassword declares the password in a Secret that the Redis chart finds by name.
func (d declaration) redisPassword() (Password, error) {
	value, err := d.password("redis")
	if err != nil {
		return Password{}, err
	}
	secret, err := kubesecret.New(d.ctx, d.child("redis"), kubesecret.Args{
		Namespace:  d.namespace,
		ObjectName: "redis-auth",
		Labels:     labels.Object("redis"),
		Values:     map[string]pulumi.StringInput{RedisPasswordKey: value},
	}, d.parent)
	if err != nil {
		return Password{}, err
	}
	return Password{SecretName: secret.Metadata.Name().Elem(), Value: value}, nil
}

func (d declaration) password(suffix string) (pulumi.StringOutput, error) {
	return password.New(d.ctx, d.child(suffix+"-password"), d.parent)
}
