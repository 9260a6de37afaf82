package stacks_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/stacks"
)

func TestParseIsStrictAboutTypes(t *testing.T) {
	const (
		model     = "services.model-serving"
		quoted    = "must be a string: put it in quotes, or use config set --type string"
		number    = quoted + " (YAML turns 1.10 into 1.1)"
		whole     = "must be a whole number, without quotes"
		storage   = "must be a map with the keys retain, size, storageClass"
		null      = "null: must have a value: set one, or remove the key to get the default"
		services  = "autoscaling, canary, env, image, reencryption, replicas, resources, scratch, standby, traffic, volume"
		postgres  = "backup, clientImage, database, instances, owner, protect, recovery, resources, serviceAccountAnnotations, storage, version"
		wholeOnly = "must be a whole number, without fraction or exponent"
	)
	raw := func(text string) json.RawMessage { return json.RawMessage(text) }
	for path, cases := range map[string]map[string]struct {
		value any
		want  string
	}{
		"postgres.version": {
			"number":  {17, "17: " + number},
			"float":   {1.1, "1.1: " + number},
			"boolean": {true, "true: " + quoted},
			"map":     {tree{}, "must be a string, not a map"},
			"list":    {[]int{1}, "must be a string, not a list"},
			"null":    {nil, null},
		},
		model + ".canary.weight": {
			"string":    {"25", `"25": ` + whole},
			"fraction":  {raw("25.5"), "25.5: " + wholeOnly},
			"point":     {raw("25.0"), "25.0: " + wholeOnly},
			"exponent":  {raw("2e1"), "2e1: " + wholeOnly},
			"boolean":   {true, "true: " + whole},
			"map":       {tree{"a": 1}, whole},
			"list":      {[]int{25}, whole},
			"null":      {nil, null},
			"too large": {raw("9223372036854775808"), "9223372036854775808: must be a whole number, at most 9223372036854775807 either side of zero"},
		},
		model + ".canary.header.value": {"boolean": {true, "true: " + quoted}},
		"postgres.protect": {
			"string": {"true", `"true": must be true or false, without quotes`},
			"number": {1, "1: must be true or false, without quotes"},
			"map":    {tree{}, "must be true or false, without quotes"},
			"null":   {nil, null},
		},
		"postgres.storage": {
			"string": {"10Gi", `"10Gi": ` + storage},
			"list":   {[]int{}, storage},
			"null":   {nil, null},
		},
		model + ".env": {
			"string": {"A=1", `"A=1": must be a map`},
			"list":   {[]string{"A=1"}, "must be a map"},
			"null":   {nil, null},
		},
		model + ".env.LEVEL": {"number": {3, "3: " + number}, "null": {nil, null}},
		model + ".volume": {
			"string": {"1Gi", `"1Gi": must be a map with the keys accessMode, protect, retain, size, storageClass`},
			"null":   {nil, null},
		},
		model:      {"string": {"a:1", `"a:1": must be a map with the keys ` + services}, "null": {nil, null}},
		"services": {"list": {[]string{}, "must be a map"}, "null": {nil, null}},
		"postgres": {"number": {5, "5: must be a map with the keys " + postgres}, "null": {nil, null}},
	} {
		for name, c := range cases {
			t.Run(path+" "+name, func(t *testing.T) {
				_, err := stacks.Parse(leastSource(t, tree{path: c.value}))
				// One fault: what validation makes of a value that could not be read is not told.
				assert.Equal(t, []string{stacks.Project + ":" + path + ": " + c.want}, faultLines(t, err))
			})
		}
	}
}

func TestParseTakesATreeThatIsNoJSONForText(t *testing.T) {
	src := leastSource(t, nil)
	src.Values["cluster"] = "kind"
	_, err := stacks.Parse(src)
	assert.Equal(t, []string{`federated-risk:cluster: "kind": must be a map with the keys context, kubeconfig`}, faultLines(t, err))
}

func TestParseFindsKeysThatOccurTwice(t *testing.T) {
	src := leastSource(t, nil)
	src.Values["cluster"] = `{"context":"a","context":"b"}`
	src.Values["redis"] = `{"storage":{"size":"1Gi"},"resources":{"limits":{"cpu":"1","memory":"1Gi","cpu":"2"}}}`
	_, err := stacks.Parse(src)
	assert.Equal(t, []string{
		"federated-risk:cluster.context: occurs twice: remove one",
		"federated-risk:redis.resources.limits.cpu: occurs twice: remove one",
	}, faultLines(t, err))
}

func TestParseSuggestsTheNearestKey(t *testing.T) {
	const (
		resources = " (known: limits, requests)"
		release   = " (known: chart, install, namespace, repository, timeoutSeconds, version)"
	)
	for path, want := range map[string]string{
		"redis.resources.request":                     `: did you mean "requests"?` + resources,
		"redis.resources.LIMITS":                      `: did you mean "limits"?` + resources,
		"redis.resources.limxxx":                      resources,
		"redis.resources.gpu":                         resources,
		"redis.resources." + strings.Repeat("l", 1e4): resources,
		"releases.postgresOperator.timeout":           release,
		"releases.postgresOperator.timeoutSecond":     `: did you mean "timeoutSeconds"?` + release,
		"releases.postgresOperator.charts":            `: did you mean "chart"?` + release,
	} {
		_, err := stacks.Parse(leastSource(t, tree{path: "x"}))
		assert.Equal(t, []string{stacks.Project + ":" + path + ": unknown key" + want}, faultLines(t, err))
	}
}

func TestParseKeepsAFaultOnOneLine(t *testing.T) {
	src := leastSource(t, tree{"profile": "a\nb", "services.frontend.env": tree{"A\nB\x00": "x"}})
	src.Values["domain"] = strings.Repeat("d", 1e6)
	_, err := stacks.Parse(src)
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 4)
	assert.Equal(t, `  federated-risk:profile: "a\nb": must be one of minimum, recommended, production`, lines[2])
	assert.Contains(t, lines[3], `  federated-risk:services.frontend.env["A\nB\x00"]: is no name`)
	assert.Less(t, len(lines[1]), 500)
}

func TestParseSurvivesDeepNesting(t *testing.T) {
	for _, depth := range []int{9_000, 1_000_000} {
		src := leastSource(t, nil)
		src.Values["redis"] = strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth)
		_, err := stacks.Parse(src)
		assert.Len(t, faultLines(t, err), 1)
	}
}

// FuzzParse: whatever one key holds, Parse returns a config that it would return again, or faults that say where.
func FuzzParse(f *testing.F) {
	whole, err := stacks.Parse(leastSource(f, tree{"services.model-serving.canary": tree{"image": "example.com/m:2", "weight": 25}}))
	require.NoError(f, err)
	encoded, err := json.Marshal(whole)
	require.NoError(f, err)
	var trees map[string]json.RawMessage
	require.NoError(f, json.Unmarshal(encoded, &trees))
	for key, tree := range trees {
		f.Add(key, strings.Trim(string(tree), `"`), false)
	}
	for _, text := range []string{
		"", "null", "[]", "{}", "-", `{"":{}}`, `{"a":1,"a":2}`, `{"instances":1e999999999,"version":1.10}`, "\xff", `"\ud800"`,
		`{"storage":{"size":"1E999999999"}}`, `{"redis":{"chart":"oci://","repository":"http://[::1","version":"v"}}`,
		`{"frontend":{"image":"@sha256:","env":{"\u0000":"\n"},"volume":{},"canary":{"header":{"name":"é"}}}}`,
	} {
		for _, key := range []string{"services", "postgres", "redis", "releases", "domain", "no such key", "a.b\"\n["} {
			f.Add(key, text, true)
		}
	}
	for _, stack := range stackNames {
		for key, text := range stackFile(f, stack) {
			f.Add(strings.TrimPrefix(key, stacks.Project+":"), text, false)
		}
	}
	base, schema := leastSource(f, nil), committedSchema(f)
	f.Fuzz(func(t *testing.T, key, text string, secret bool) {
		src := stacks.Source{Stack: "test", Values: maps.Clone(base.Values), Secret: map[string]bool{key: secret}}
		src.Values[key] = text
		cfg, err := stacks.Parse(src)
		if err != nil {
			requireReadableFaults(t, err, key, secret)
			_, again := stacks.Parse(src)
			require.EqualError(t, again, err.Error())
			return
		}
		requireRoundTrip(t, cfg, schema)
	})
}

// FuzzParseOfAWholeConfig is FuzzParse for faults that need two keys: the input is the JSON of a stack's config.
func FuzzParseOfAWholeConfig(f *testing.F) {
	for _, stack := range stackNames {
		values := tree{}
		for key, text := range stackFile(f, stack) {
			name := strings.TrimPrefix(key, stacks.Project+":")
			if values[name] = text; json.Valid([]byte(text)) {
				values[name] = json.RawMessage(text)
			}
		}
		encoded, err := json.Marshal(values)
		require.NoError(f, err)
		f.Add(string(encoded))
	}
	f.Add(`{"profile":"production","redis":{"architecture":"standalone","replicas":3},"namespace":"x","tls":{"mode":"existing"}}`)
	f.Add(`{"domain":1,"services":{"model-serving":{"volume":{"accessMode":"ReadWriteOnce"},"canary":{"weight":1}}}}`)
	schema := committedSchema(f)
	f.Fuzz(func(t *testing.T, text string) {
		var values map[string]json.RawMessage
		if json.Unmarshal([]byte(text), &values) != nil {
			return
		}
		src := stacks.Source{Stack: "test", Values: map[string]string{}}
		for key, raw := range values {
			src.Values[key] = string(raw)
			var scalar string
			if json.Unmarshal(raw, &scalar) == nil {
				src.Values[key] = scalar
			}
		}
		cfg, err := stacks.Parse(src)
		if err != nil {
			requireReadableFaults(t, err, "", false)
			_, again := stacks.Parse(src)
			require.EqualError(t, again, err.Error())
			return
		}
		requireRoundTrip(t, cfg, schema)
	})
}

// requireRoundTrip encodes a complete config, which the schema must accept, and expects it back from Parse.
func requireRoundTrip(t *testing.T, cfg *stacks.Config, schema *jsonschema.Schema) {
	t.Helper()
	encoded, err := json.Marshal(cfg)
	require.NoError(t, err)
	var values tree
	require.NoError(t, json.Unmarshal(encoded, &values))
	require.NoError(t, schema.Validate(instanceOf(t, values)))
	again, err := stacks.Parse(source(t, values))
	require.NoError(t, err)
	require.Equal(t, cfg, again)
}

func requireReadableFaults(t *testing.T, err error, key string, secret bool) {
	t.Helper()
	var invalid *stacks.InvalidConfigError
	require.ErrorAs(t, err, &invalid)
	require.NotEmpty(t, invalid.Faults)
	require.Len(t, strings.Split(err.Error(), "\n"), 1+len(invalid.Faults))
	for i, fault := range invalid.Faults {
		require.NotEmpty(t, fault.Problem)
		require.True(t, strings.HasPrefix(fault.Path, stacks.Project+":"), fault.Path)
		if i > 0 {
			require.LessOrEqual(t, invalid.Faults[i-1].Path, fault.Path)
		}
		if secret && strings.HasPrefix(fault.Path, stacks.Project+":"+key) {
			require.Contains(t, []string{"", "(secret)"}, fault.Value)
		}
	}
}
