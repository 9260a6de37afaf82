package stacks_test

import (
	"encoding/json"
	"math"
	"os"
	"reflect"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/encoding"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/stacks"
)

var stackNames = []string{"local", "dev", "prod"}

func committedSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	return compiledSchema(t, text)
}

// yamlInstance is what an editor sees of a stack file, as Pulumi reads YAML.
func yamlInstance(t testing.TB, text []byte) any {
	t.Helper()
	var raw any
	require.NoError(t, encoding.YAML.Unmarshal(text, &raw))
	simple, err := workspace.SimplifyMarshalledProject(raw)
	require.NoError(t, err)
	again, err := json.Marshal(simple)
	require.NoError(t, err)
	return decodedJSON(t, again)
}

func TestSchemaAcceptsTheStackFiles(t *testing.T) {
	schema := committedSchema(t)
	for _, stack := range stackNames {
		text, err := os.ReadFile("../Pulumi." + stack + ".yaml")
		require.NoError(t, err)
		require.NoError(t, schema.Validate(yamlInstance(t, text)), stack)
		assert.Regexp(t, `^# yaml-language-server: \$schema=schema/stack\.schema\.json\n`, string(text),
			"%s: editors find the schema by this line", stack)
	}
}

func TestSchemaJudgesWholeFiles(t *testing.T) {
	schema := committedSchema(t)
	const key = "config:\n  federated-risk:"
	for name, text := range map[string]string{
		"nothing set":              "config: {}",
		"other namespaces":         "config:\n  kubernetes:context: a\n  pulumi:tags: {a: b}\n  aws:region: x",
		"Pulumi's own":             "secretsprovider: passphrase\nencryptionsalt: v1:abc\nencryptedkey: x\nenvironment: [a]",
		"canary":                   key + "services:\n    model-serving:\n      canary: {image: a/b:1, weight: 100}",
		"environment of a service": key + "services: {frontend: {env: {A: b}}}",
		"no limit":                 key + "postgres: {resources: {limits: {cpu: ''}}}",
	} {
		require.NoError(t, schema.Validate(yamlInstance(t, []byte(text))), name)
	}
	for name, text := range map[string]string{
		"unknown part":           "konfig: {}",
		"unknown key":            key + "postgrs: {}",
		"unknown key in a tree":  key + "postgres: {instnces: 3}",
		"unknown service":        key + "services: {billing: {}}",
		"key without a name":     "config:\n  domain: example.com",
		"number for a string":    key + "postgres: {version: 17}",
		"float for a string":     key + "releases: {redis: {version: 1.10}}",
		"string for a number":    key + "postgres: {instances: '3'}",
		"fraction":               key + "postgres: {instances: 2.5}",
		"string for a boolean":   key + "postgres: {protect: 'true'}",
		"null":                   key + "postgres: {protect: null}",
		"null for a tree":        key + "postgres:",
		"list for a map":         key + "services: []",
		"string for a tree":      key + "cluster: kind",
		"below the range":        key + "services: {frontend: {canary: {weight: -1}}}",
		"above the range":        key + "services: {frontend: {canary: {weight: 101}}}",
		"not in the enumeration": key + "redis: {maxmemoryPolicy: lru}",
		"unknown profile":        key + "profile: huge",
		"no quantity":            key + "postgres: {storage: {size: lots}}",
		"no DNS label":           key + "namespace: Not_A_Name",
		"too long a name":        key + "namespace: a234567890123456789012345678901234567890123456789012345678901234",
		"encrypted":              key + "domain:\n    secure: v1:abc",
		"number in env":          key + "services: {frontend: {env: {PORT: 80}}}",
	} {
		assert.Error(t, schema.Validate(yamlInstance(t, []byte(text))), name)
	}
}

// wrong values of every kind of JSON.
var anyKind = map[string]any{
	"null": nil, "boolean": true, "number": 3, "fraction": 2.5, "huge": json.Number("9223372036854775808"), "text": "x",
	"number as text": "3", "list": []any{1}, "list of texts": []any{"a"}, "empty list": []any{}, "map": tree{"no such key": 1},
}

// TestSchemaRefusesWhatTheDecoderRefuses sets each key of the config to each kind of value.
func TestSchemaRefusesWhatTheDecoderRefuses(t *testing.T) {
	schema, table := committedSchema(t), newDefaultTable(t)
	base := leastConfig()
	refused := 0
	configModel(t).walk(func(k *configKey) {
		if len(k.path) == 0 {
			return
		}
		for _, path := range table.prober.instances(k) {
			for name, value := range anyKind {
				// Pulumi hands over a top-level scalar as text, whatever it is in the file.
				if len(path) == 1 && k.kind() == reflect.String {
					continue
				}
				values := withValue(base, path, value).(tree)
				if len(stacks.DecodeFaults(source(t, values))) == 0 {
					continue
				}
				refused++
				assert.Error(t, schema.Validate(instanceOf(t, values)), "the decoder refuses %s for %s", name, pathOf(path))
			}
		}
	})
	assert.Greater(t, refused, 500)
}

// TestSchemaAcceptsWhatTheLoaderCompletes: the schema is never stricter than the loader about a complete config.
func TestSchemaAcceptsWhatTheLoaderCompletes(t *testing.T) {
	schema := committedSchema(t)
	for _, profile := range profilesInOrder {
		require.NoError(t, schema.Validate(instanceOf(t, defaultsOf(t, profile))), profile)
	}
}

// TestSchemaHasTheLoadersRules expects, at some keys, rules that are read from what the loader says: without this test
// another wording of a fault would lose them unseen. All values beside the bounds are tried on the loader.
func TestSchemaHasTheLoadersRules(t *testing.T) {
	found := map[string]rules{}
	configModel(t).walk(func(k *configKey) { found[k.dotted()] = k.rules })
	assert.Equal(t, rules{bounded: true, most: 100}, found["services.<name>.canary.weight"])
	assert.Equal(t, rules{bounded: true, least: 1, most: 9}, found["postgres.instances"])
	assert.False(t, found["redis.replicas"].bounded, "it depends on the architecture")
	assert.True(t, found["services.<name>.image"].required)
	assert.True(t, found["releases.redis.chart"].required)
	assert.False(t, found["releases.redis.version"].required)
	assert.Contains(t, found["tls.mode"].enum, "selfSigned")
	assert.Contains(t, found["redis.maxmemoryPolicy"].enum, "volatile-ttl")
	assert.Equal(t, stacks.PlainQuantity, found["postgres.storage.size"].pattern)
	assert.Equal(t, "^$|"+stacks.PlainQuantity, found["services.<name>.resources.limits.cpu"].pattern)
	assert.Equal(t, 63, found["namespace"].longest)
	assert.Len(t, found["services"].names, 4)

	p := newProber(t)
	p.names["services"] = found["services"].names
	configModel(t).walk(func(k *configKey) {
		if !k.rules.bounded {
			return
		}
		require.Less(t, k.rules.least, k.rules.most)
		require.Less(t, k.rules.most, int64(math.MaxInt32))
		for _, beyond := range []int64{k.rules.least - 1, k.rules.most + 1} {
			assert.False(t, p.accepts(k, beyond), "%s: %d", k.dotted(), beyond)
		}
	})
}

// TestConstantsAreWhatTheLoaderAccepts compares the constants of each string type with what validation takes.
func TestConstantsAreWhatTheLoaderAccepts(t *testing.T) {
	configModel(t).walk(func(k *configKey) {
		if len(k.constants) == 0 || len(k.rules.enum) == 0 {
			return
		}
		var values []string
		for _, c := range k.constants {
			values = append(values, c.value)
		}
		assert.ElementsMatch(t, values, k.rules.enum, k.dotted())
	})
}
