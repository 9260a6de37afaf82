package stacks

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

const (
	// mostInstances of Postgres and of Redis that anything here has a use for.
	mostInstances = 9
	// fewestSentinels that still have a majority when one is lost.
	fewestSentinels = 3
	// longestIdentifier that PostgreSQL keeps (NAMEDATALEN - 1), in bytes.
	longestIdentifier = 63
	// loginRoleSuffix stands for the "_a" and "_b" that follow the owner in the names of the login roles.
	loginRoleSuffix = 2
)

// maxmemoryPolicies are those of redis.io/docs/latest/develop/reference/eviction.
var maxmemoryPolicies = []string{
	"noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random",
	"volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
}

var (
	// Names of this form need no quotes in SQL and no escape in a connection URL.
	plainIdentifier = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)
	// PostgreSQL has numbered its major versions with whole numbers since 10.
	majorVersion = regexp.MustCompile(`^[1-9][0-9]$`)
	// PostgreSQL and CloudNativePG keep these prefixes for roles of their own.
	reservedRole = regexp.MustCompile(`^(pg_|cnpg_)`)
	// Kubernetes accepts more, exponents among it, which read as something else by mistake more often than not.
	plainQuantity = regexp.MustCompile(`^[0-9]{1,15}(\.[0-9]{1,9})?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$`)
)

// leastBytes of memory and storage: less is a suffix that was forgotten, or `m`, which is a thousandth.
var leastBytes = resource.MustParse("1Mi")

// leastCPU is the precision of Kubernetes.
var leastCPU = resource.MustParse("1m")

func (v validator) postgres(path keyPath, postgres Postgres) {
	v.between(path.key("instances"), postgres.Instances, 1, mostInstances)
	if !majorVersion.MatchString(postgres.Version) {
		v.add(path.key("version"), postgres.Version, `must be a major version of PostgreSQL, such as "17"`)
	}
	v.identifier(path.key("database"), postgres.Database, longestIdentifier, "postgres", "template0", "template1")
	// PostgreSQL reserves the role names public and none; the others exist in every CloudNativePG cluster.
	v.identifier(path.key("owner"), postgres.Owner, longestIdentifier-loginRoleSuffix,
		"postgres", "streaming_replica", "public", "none")
	if reservedRole.MatchString(postgres.Owner) {
		v.add(path.key("owner"), postgres.Owner, "must not begin with pg_ or cnpg_, which are reserved")
	}
	v.storage(path.key("storage"), postgres.Storage)
	v.resources(path.key("resources"), postgres.Resources)
	account := path.key("serviceAccountAnnotations")
	for _, key := range slices.Sorted(maps.Keys(postgres.ServiceAccountAnnotations)) {
		v.annotationKey(account.key(key), key)
	}
	v.backup(path.key("backup"), postgres.Backup)
	v.recovery(path.key("recovery"), postgres.Recovery)
	v.notOverItself(path, postgres)
}

func (v validator) identifier(path keyPath, name string, longest int, reserved ...string) {
	switch {
	case !plainIdentifier.MatchString(name) || len(name) > longest:
		v.add(path, name, `must be 1 to %d lower-case letters, digits and "_", not a digit first`, longest)
	case slices.Contains(reserved, name):
		v.add(path, name, "is reserved: choose a name other than %s", strings.Join(reserved, ", "))
	}
}

func (v validator) redis(path keyPath, redis Redis) {
	oneOf(v, path.key("architecture"), redis.Architecture, RedisStandalone, RedisReplication)
	replicas := path.key("replicas")
	switch {
	case redis.Architecture == RedisStandalone && redis.Replicas != 1:
		v.add(replicas, redis.Replicas, "must be 1 unless %s is %s", path.key("architecture"), RedisReplication)
	case redis.Architecture == RedisReplication &&
		(redis.Replicas < fewestSentinels || redis.Replicas > mostInstances || redis.Replicas%2 == 0):
		v.add(replicas, redis.Replicas, "must be an odd number, %d to %d, so that Sentinel can have a majority",
			fewestSentinels, mostInstances)
	}
	oneOf(v, path.key("maxmemoryPolicy"), redis.MaxmemoryPolicy, maxmemoryPolicies...)
	v.storage(path.key("storage"), redis.Storage)
	v.resources(path.key("resources"), redis.Resources)
	if redis.Resources.Limits.Memory == "" {
		v.add(path.key("resources").key("limits").key("memory"), redis.Resources.Limits.Memory,
			"must be set: Redis's maxmemory derives from it")
	}
}

func (v validator) storage(path keyPath, storage Storage) {
	v.quantity(path.key("size"), storage.Size, leastBytes, "Gi")
	if storage.StorageClass != "" {
		v.objectName(path.key("storageClass"), storage.StorageClass, "StorageClass")
	}
}

func (v validator) resources(path keyPath, resources Resources) {
	requests, limits := path.key("requests"), path.key("limits")
	const fits = "must not exceed the limit, %s"
	v.atMost(requests.key("cpu"), limits.key("cpu"), resources.Requests.CPU, resources.Limits.CPU, leastCPU, "m", fits)
	v.atMost(requests.key("memory"), limits.key("memory"), resources.Requests.Memory, resources.Limits.Memory, leastBytes, "Mi", fits)
}

// atMost checks the quantities that are set, and that the lower one does not exceed the upper one. The problem names the
// upper one's path.
func (v validator) atMost(lowerPath, upperPath keyPath, lower, upper string, least resource.Quantity, unit, problem string) {
	var low, high resource.Quantity
	comparable := lower != "" && upper != ""
	if lower != "" {
		quantity, ok := v.quantity(lowerPath, lower, least, unit)
		low, comparable = quantity, comparable && ok
	}
	if upper != "" {
		quantity, ok := v.quantity(upperPath, upper, least, unit)
		high, comparable = quantity, comparable && ok
	}
	if comparable && low.Cmp(high) > 0 {
		v.add(lowerPath, lower, problem, upperPath)
	}
}

// quantity parses value and says whether it is valid. Unit is the one to suggest.
func (v validator) quantity(path keyPath, value string, least resource.Quantity, unit string) (resource.Quantity, bool) {
	quantity, ok := readable(value)
	if !ok {
		v.add(path, value, "must be a Kubernetes quantity, such as 500%s", unit)
		return resource.Quantity{}, false
	}
	if quantity.Cmp(least) < 0 {
		v.add(path, value, "must be at least %s: a unit such as %s may be missing", least.String(), unit)
		return resource.Quantity{}, false
	}
	return quantity, true
}
