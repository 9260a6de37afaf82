package secrets

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/kubesecret"
	"github.com/federated-risk/federated-risk/internal/labels"
	"github.com/federated-risk/federated-risk/internal/password"
)

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

// Entries of a role's Secret.
const (
	UsernameKey = "username"
	PasswordKey = "password"
)

// databaseRole declares a password in a basic-auth Secret, which CloudNativePG applies to the live database whenever
// it changes (label cnpg.io/reload).
func (d declaration) databaseRole(role string, generation int) (DatabaseRole, error) {
	suffix := strings.ReplaceAll(role, "_", "-")
	value, err := d.password("postgres-"+suffix, generation)
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
		Values:     map[string]pulumi.StringInput{UsernameKey: pulumi.String(role), PasswordKey: value},
	}, d.parent)
	if err != nil {
		return DatabaseRole{}, err
	}
	return DatabaseRole{Name: role, Password: Password{SecretName: secret.Metadata.Name().Elem(), Value: value}}, nil
}

// password declares a password of the generation.
func (d declaration) password(suffix string, generation int) (pulumi.StringOutput, error) {
	return password.New(d.ctx, d.child(fmt.Sprintf("%s-g%d-password", suffix, generation)), d.parent)
}
