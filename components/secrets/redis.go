package secrets

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/kubesecret"
	"github.com/federated-risk/federated-risk/internal/labels"
	"github.com/federated-risk/federated-risk/internal/password"
)

// Entries of the Secret Redis.SecretName, besides one for each of RedisUsers with its password.
const (
	// RedisPasswordKey is the password of the user default, which the servers use among themselves and no service knows.
	RedisPasswordKey = "redis-password"
	// RedisUsersKey is Redis's ACL file.
	RedisUsersKey = "users.acl"
)

// RedisUsers take turns as the services' login.
func RedisUsers() []string { return []string{"service_a", "service_b"} }

// redisServiceRules let the services work with every key and channel, and neither change nor stop the server. INFO and
// KEYS are what the runbook's cache optimizer asks for, out of the commands that Redis calls dangerous.
const redisServiceRules = "~* &* +@all -@admin -@dangerous +info +keys"

// Redis is what Redis and its clients log in with.
type Redis struct {
	// SecretName of the Secret with RedisPasswordKey, RedisUsersKey and the users' passwords.
	SecretName pulumi.StringOutput
	// User is the one of RedisUsers whose turn it is, and Value its password: letters and digits only.
	User  string
	Value pulumi.StringOutput
}

// redis declares the passwords in a Secret that the Redis chart and the login's Job find by name. It changes in place: a
// server reads the ACL file when it starts.
func (d declaration) redis(generation int) (Redis, error) {
	administrator, err := password.New(d.ctx, d.child("redis-password"), d.parent)
	if err != nil {
		return Redis{}, err
	}
	users := RedisUsers()
	passwords := pulumi.StringArray{administrator}
	values := map[string]pulumi.StringInput{RedisPasswordKey: administrator}
	login := Redis{User: users[inUse(generation)]}
	for i, user := range users {
		value, err := d.password("redis-"+strings.ReplaceAll(user, "_", "-"), passwordGeneration(i, generation))
		if err != nil {
			return Redis{}, err
		}
		passwords, values[user] = append(passwords, value), value
		if user == login.User {
			login.Value = value
		}
	}
	values[RedisUsersKey] = d.combine(passwords, aclFile)
	secret, err := kubesecret.New(d.ctx, d.child("redis"), kubesecret.Args{
		Namespace:  d.namespace,
		ObjectName: "redis-auth",
		Labels:     labels.Object("redis"),
		Values:     values,
	}, d.parent)
	if err != nil {
		return Redis{}, err
	}
	login.SecretName = secret.Metadata.Name().Elem()
	return login, nil
}

// aclFile is the ACL file for the passwords: that of the user default first, then those of RedisUsers. The chart's
// scripts read the first one from the file, so it stands there as it is.
func aclFile(passwords []string) (string, error) {
	lines := []string{fmt.Sprintf("user default on >%s ~* &* +@all", passwords[0])}
	for i, user := range RedisUsers() {
		digest := sha256.Sum256([]byte(passwords[i+1]))
		lines = append(lines, fmt.Sprintf("user %s on #%s %s", user, hex.EncodeToString(digest[:]), redisServiceRules))
	}
	return strings.Join(lines, "\n") + "\n", nil
}
