package postgres

import (
	"strconv"

	batchv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/batch/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/components/secrets"
	"github.com/federated-risk/federated-risk/internal/login"
)

// LoginScript ends once psql, with its settings from the environment (PGHOST and so on), can log in and act as the owner.
const LoginScript = `until psql --no-psqlrc --no-password --quiet --output /dev/null --command 'select 1'; do sleep 2; done`

// tryLogin declares the Job that the services wait for. The operator sets a role's password some time after the Secret has
// changed, and makes the database some time after the release is there: Helm waits for neither.
func (args *Args) tryLogin(ctx *pulumi.Context, name string, host pulumi.StringInput, opts ...pulumi.ResourceOption) (*batchv1.Job, error) {
	secretName, _ := args.loginSecretName()
	return login.New(ctx, name, login.Args{
		Namespace: args.Namespace,
		Server:    ClusterName,
		Attempt:   args.Login.Attempt,
		Script:    LoginScript,
		Env: map[string]pulumi.StringInput{
			"PGHOST":            host,
			"PGPORT":            pulumi.String(strconv.Itoa(postgresPort)),
			"PGDATABASE":        pulumi.String(args.Database),
			"PGSSLMODE":         pulumi.String("require"),
			"PGOPTIONS":         pulumi.String("-c role=" + args.Owner),
			"PGCONNECT_TIMEOUT": pulumi.String("5"),
		},
		SecretEnv: map[string]login.Entry{
			"PGUSER":     {SecretName: secretName, Key: secrets.UsernameKey},
			"PGPASSWORD": {SecretName: secretName, Key: secrets.PasswordKey},
		},
	}, opts...)
}

// loginSecretName is that of the role in use.
func (args *Args) loginSecretName() (pulumi.StringInput, bool) {
	for _, role := range args.LoginRoles {
		if role.Name == args.Login.Role && role.SecretName != nil {
			return role.SecretName, true
		}
	}
	return nil, false
}
