package stacks_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/stacks"
)

func TestValidatePostgres(t *testing.T) {
	const (
		badVersion  = `must be a major version of PostgreSQL, such as "17"`
		badDatabase = `must be 1 to 63 lower-case letters, digits and "_", not a digit first`
		badOwner    = `must be 1 to 61 lower-case letters, digits and "_", not a digit first`
	)
	checkRules(t, slices.Concat(
		sameFault("postgres.version", "", "16", "18"),
		sameFault("postgres.version", badVersion, "", "9", "17.2", "017", "latest", "170"),
		sameFault("postgres.database", "", "_a1", strings.Repeat("d", 63)),
		sameFault("postgres.database", badDatabase, "", "1a", "A", "a-b", "ä", strings.Repeat("d", 64)),
		sameFault("postgres.database", "is reserved: choose a name other than postgres, template0, template1",
			"postgres", "template0", "template1"),
		sameFault("postgres.owner", "", "streaming", "pgowner", strings.Repeat("o", 61)),
		sameFault("postgres.owner", badOwner, "", "a b", strings.Repeat("o", 62)),
		sameFault("postgres.owner", "is reserved: choose a name other than postgres, streaming_replica, public, none",
			"postgres", "streaming_replica", "public", "none"),
		sameFault("postgres.owner", "must not begin with pg_ or cnpg_, which are reserved", "pg_risk", "cnpg_risk"),
		[]rule{
			{"one instance", tree{"postgres.instances": 1}, nil},
			{"most instances", tree{"postgres.instances": 9}, nil},
			{"no instance", tree{"postgres.instances": 0}, []string{"postgres.instances: 0: must be 1 to 9"}},
			{"a cloud's role", tree{"postgres.serviceAccountAnnotations": tree{"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/a"}}, nil},
			{"bad annotation", tree{"postgres.serviceAccountAnnotations": tree{"a b": "c"}}, []string{
				`postgres.serviceAccountAnnotations["a b"]: is no key for an annotation: use letters, digits, "-", "_" and ".", at most 63, ` +
					"after a DNS name and a slash if it has a prefix",
			}},
			{"too many instances", tree{"postgres.instances": 10}, []string{"postgres.instances: 10: must be 1 to 9"}},
		},
	))
}

func TestValidateRedis(t *testing.T) {
	const (
		standalone  = "must be 1 unless federated-risk:redis.architecture is replication"
		replication = "must be an odd number, 3 to 9, so that Sentinel can have a majority"
		policies    = "must be one of noeviction, allkeys-lru, allkeys-lfu, allkeys-random, volatile-lru, volatile-lfu, " +
			"volatile-random, volatile-ttl"
	)
	redis := func(architecture string, replicas int) tree {
		return tree{"redis": tree{"architecture": architecture, "replicas": replicas}}
	}
	checkRules(t, slices.Concat(
		sameFault("redis.architecture", "must be one of standalone, replication", "", "cluster"),
		sameFault("redis.maxmemoryPolicy", "", "noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random",
			"volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"),
		sameFault("redis.maxmemoryPolicy", policies, "", "lru"),
		sameFault("redis.resources.limits.memory", "must be set: Redis's maxmemory derives from it", ""),
		[]rule{
			{"alone", redis("standalone", 1), nil},
			{"several alone", redis("standalone", 3), []string{"redis.replicas: 3: " + standalone}},
			{"fewest replicas", redis("replication", 3), nil},
			{"most replicas", redis("replication", 9), nil},
			{"too few replicas", redis("replication", 1), []string{"redis.replicas: 1: " + replication}},
			{"even replicas", redis("replication", 4), []string{"redis.replicas: 4: " + replication}},
			{"too many replicas", redis("replication", 11), []string{"redis.replicas: 11: " + replication}},
		},
	))
}

func TestValidateQuantities(t *testing.T) {
	const (
		size    = "postgres.storage.size"
		memory  = "postgres.resources.requests.memory"
		cpu     = "services.frontend.resources.requests.cpu"
		tooFew  = "must be at least 1Mi: a unit such as %s may be missing"
		invalid = "must be a Kubernetes quantity, such as 500%s"
	)
	unit := func(format, unit string) string { return strings.ReplaceAll(format, "%s", unit) }
	checkRules(t, slices.Concat(
		sameFault(size, "", "1Mi", "1.5Ti", "2000G", "1099511627776"),
		sameFault(size, unit(invalid, "Gi"), "", "10GB", "10 Gi", "-1Gi", "1e3", "1E999999999", "Gi", ".5Gi", "1gi", "0x10"),
		sameFault(size, unit(tooFew, "Gi"), "0", "100", "100m", "1048575"),
		sameFault(memory, unit(tooFew, "Mi"), "512", "512m"),
		sameFault(cpu, "", "1m", "0.25", "500m"),
		sameFault(cpu, unit(invalid, "m"), "half", "100u"),
		sameFault(cpu, "must be at least 1m: a unit such as m may be missing", "0", "0.0001"),
		sameFault(cpu, "must not exceed the limit, federated-risk:services.frontend.resources.limits.cpu", "501m", "1"),
		sameFault("redis.storage.storageClass", "", "fast.ssd"),
		sameFault("redis.storage.storageClass", `must be the name of a StorageClass: lower-case letters, digits, "-" and "."`,
			"Fast", "fast ssd"),
		[]rule{
			{"request that equals the limit", tree{cpu: "500m"}, nil},
			{"request without a limit", tree{cpu: "40", "services.frontend.resources.limits.cpu": ""}, nil},
			{"limit below the default request", tree{"postgres.resources.limits.memory": "512Mi"}, []string{
				`postgres.resources.requests.memory: "1Gi": must not exceed the limit, federated-risk:postgres.resources.limits.memory`,
			}},
			{"both invalid", tree{"postgres.resources": tree{
				"requests": tree{"cpu": "x"}, "limits": tree{"cpu": "y"},
			}}, []string{
				`postgres.resources.limits.cpu: "y": must be a Kubernetes quantity, such as 500m`,
				`postgres.resources.requests.cpu: "x": must be a Kubernetes quantity, such as 500m`,
			}},
		},
	))
}

func TestValidateAcceptsResourcesThatAreNotSet(t *testing.T) {
	cfg, err := stacks.Parse(leastSource(t, tree{"services.frontend.resources": tree{
		"requests": tree{"cpu": "", "memory": ""}, "limits": tree{"cpu": "", "memory": ""},
	}}))
	require.NoError(t, err)
	assert.Equal(t, stacks.Resources{}, cfg.Services["frontend"].Resources)
}
