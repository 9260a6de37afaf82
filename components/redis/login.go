package redis

import (
	"fmt"
	"strconv"
	"strings"

	batchv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/batch/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/components/secrets"
	"github.com/federated-risk/federated-risk/internal/dns"
	"github.com/federated-risk/federated-risk/internal/login"
)

// LoginScript gives each server of HOSTS the users of ACL_FILE other than default, and ends once LOGIN_USER can log in to
// all of them with LOGIN_PASSWORD. REDISCLI_AUTH is the password of the user default. A server that runs has read the file
// when it started, and the kubelet does not renew what it has mounted. The reset takes a password that has had its time.
const LoginScript = `for host in $HOSTS; do
  until
    printf '%s\n' "$ACL_FILE" | sed -n -e '/^user default /d' -e 's/^user \([^ ]*\) /ACL SETUSER \1 reset /p' |
      redis-cli -e -h "$host" -p "$PORT" >/dev/null &&
    [ "$(REDISCLI_AUTH="$LOGIN_PASSWORD" redis-cli -e -h "$host" -p "$PORT" --user "$LOGIN_USER" ping)" = PONG ]
  do
    echo "waiting for $host"
    sleep 2
  done
done`

// applyLogin declares the Job that the services wait for.
func (args *Args) applyLogin(ctx *pulumi.Context, name string, namespace pulumi.StringOutput, opts ...pulumi.ResourceOption) (*batchv1.Job, error) {
	entry := func(key string) login.Entry { return login.Entry{SecretName: args.SecretName, Key: key} }
	return login.New(ctx, name, login.Args{
		Namespace: args.Namespace,
		Server:    ReleaseName,
		Attempt:   args.Login.Attempt,
		Script:    LoginScript,
		Env: map[string]pulumi.StringInput{
			"HOSTS":      namespace.ApplyT(args.hosts).(pulumi.StringOutput),
			"PORT":       pulumi.String(strconv.Itoa(redisPort)),
			"LOGIN_USER": pulumi.String(args.Login.User),
		},
		SecretEnv: map[string]login.Entry{
			"REDISCLI_AUTH":  entry(secrets.RedisPasswordKey),
			"ACL_FILE":       entry(secrets.RedisUsersKey),
			"LOGIN_PASSWORD": entry(args.Login.User),
		},
	}, opts...)
}

// hosts of all servers, by the names that the chart's StatefulSet gives its pods.
func (args *Args) hosts(namespace string) string {
	var hosts []string
	for i := range args.Replicas {
		hosts = append(hosts, fmt.Sprintf("%s-%d.%s", ReleaseName, i, dns.Host(ReleaseName+"-headless", namespace)))
	}
	return strings.Join(hosts, " ")
}
