package random_test

import (
	"math"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"
)

func TestChangesReplace(t *testing.T) {
	engine := connect(t)
	for name, test := range map[string]struct {
		kind     tokens.Type
		old, new inputs
		path     string
	}{
		"length":          {password, inputs{"length": 8}, inputs{"length": 9}, "length"},
		"special":         {password, inputs{"length": 8}, inputs{"length": 8, "special": false}, "special"},
		"override":        {password, inputs{"length": 8}, inputs{"length": 8, "overrideSpecial": "-"}, "overrideSpecial"},
		"keepers added":   {password, inputs{"length": 8}, inputs{"length": 8, "keepers": inputs{"a": "1"}}, "keepers"},
		"keepers changed": {password, inputs{"length": 8, "keepers": inputs{"a": "1"}}, inputs{"length": 8, "keepers": inputs{"a": "2"}}, "keepers.a"},
		"keepers gone":    {uuid, inputs{"keepers": inputs{"a": "1"}}, inputs{}, "keepers"},
		"prefix":          {id, inputs{"byteLength": 2}, inputs{"byteLength": 2, "prefix": "p"}, "prefix"},
		"max":             {integer, inputs{"min": 1, "max": 2}, inputs{"min": 1, "max": 3}, "max"},
		"bytes":           {bytes, inputs{"length": 1}, inputs{"length": 2}, "length"},
	} {
		t.Run(name, func(t *testing.T) {
			state := engine.Up(test.kind, properties(test.old))
			diff := engine.Diff(state, properties(test.new))
			assert.Equal(t, pulumirpc.DiffResponse_DIFF_SOME, diff.GetChanges())
			assert.Equal(t, []string{test.path}, diff.GetReplaces(), "what the engine replaces for")
			require.Contains(t, diff.GetDetailedDiff(), test.path)
			assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, engine.Diff(state, properties(test.old)).GetChanges(), "no change")
			assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, engine.Diff(engine.Refresh(state), properties(test.old)).GetChanges(), "no change after a refresh")
		})
	}
}

func TestSameMeaningIsNoChange(t *testing.T) {
	engine := connect(t)
	state := engine.Up(text, properties(inputs{"length": 8}))
	for _, same := range []inputs{
		{"length": 8, "special": true, "upper": true, "minLower": 0},
		{"length": 8, "number": true},
		{"length": 8, "numeric": true},
		{"length": 8, "overrideSpecial": ""},
		{"length": 8, "keepers": nil},
	} {
		assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, engine.Diff(state, properties(same)).GetChanges(), "%v", same)
	}
}

func TestRefreshKeepsTheValue(t *testing.T) {
	engine := connect(t)
	state := engine.Up(password, properties(inputs{"length": 8}))
	assert.Equal(t, state, engine.Refresh(state))
}

func TestCheckNamesEveryFault(t *testing.T) {
	engine := connect(t)
	for name, test := range map[string]struct {
		kind  tokens.Type
		given inputs
		want  []string
	}{
		"missing":           {password, inputs{}, []string{"length: is required"}},
		"unknown":           {password, inputs{"length": 8, "lengh": 8, "minuper": 1}, []string{`lengh: unknown property, did you mean "length"?`, `minuper: unknown property, did you mean "minUpper"?`}},
		"types":             {password, inputs{"length": "8", "special": "no", "keepers": "x", "overrideSpecial": 5}, []string{"length: must be a whole number, is of type string", "special: must be a boolean", "keepers: must be a map of strings", "overrideSpecial: must be a string"}},
		"keepers":           {uuid, inputs{"keepers": inputs{"a": 1}}, []string{`keepers["a"]: must be a string`}},
		"fraction":          {password, inputs{"length": 1.5}, []string{"length: must be a whole number, is 1.5"}},
		"infinite":          {password, inputs{"length": math.Inf(1)}, []string{"length: must be a whole number"}},
		"too short":         {password, inputs{"length": 0}, []string{"length: must be at least 1, is 0"}},
		"too long":          {password, inputs{"length": 1e9}, []string{"length: must be at most 65536, is 1000000000"}},
		"negative minimum":  {password, inputs{"length": 8, "minUpper": -1}, []string{"minUpper: must be at least 0, is -1"}},
		"minimums":          {password, inputs{"length": 8, "minUpper": 5, "minLower": 4}, []string{"length: must be at least 9, the sum of"}},
		"nothing to draw":   {password, inputs{"length": 8, "upper": false, "lower": false, "numeric": false, "special": false}, []string{"upper: one of"}},
		"number differs":    {password, inputs{"length": 8, "number": true, "numeric": false}, []string{"number: differs from numeric"}},
		"max below min":     {integer, inputs{"min": 5, "max": 4}, []string{"max: must be at least min, 5, is 4"}},
		"bytes":             {bytes, inputs{"length": 0}, []string{"length: must be at least 1"}},
		"id":                {id, inputs{"byteLength": 0, "length": 1}, []string{"byteLength: must be at least 1", "length: unknown property"}},
		"several rules":     {password, inputs{"length": 1, "minUpper": 2, "number": true, "numeric": false}, []string{"number: differs", "length: must be at least 2"}},
		"minimum unknown":   {password, inputs{"length": 2, "minUpper": resource.Computed{Element: resource.NewProperty("")}}, nil},
		"everything secret": {password, inputs{"length": resource.MakeSecret(resource.NewProperty("hunter2"))}, []string{"length: must be a whole number from 1 up to 65536; what it is instead is secret"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, reasons := engine.Check(test.kind, properties(test.given))
			require.Len(t, reasons, len(test.want), "%v", reasons)
			for _, want := range test.want {
				assert.Contains(t, strings.Join(reasons, "\n"), want)
			}
			assert.NotContains(t, strings.Join(reasons, "\n"), "hunter2")
		})
	}
}

func TestImportByValue(t *testing.T) {
	engine := connect(t)
	for name, test := range map[string]struct {
		kind  tokens.Type
		id    string
		want  string
		given inputs
		check map[resource.PropertyKey]any
	}{
		"password": {password, "hunter2!", "none", inputs{"length": 8}, map[resource.PropertyKey]any{"result": "hunter2!"}},
		"string":   {text, "abc", "abc", inputs{"length": 3}, map[resource.PropertyKey]any{"result": "abc"}},
		"bytes":    {bytes, "8/fu3q+2DcgSJ19i0jZ5Cw==", "none", inputs{"length": 16}, map[resource.PropertyKey]any{"hex": "f3f7eedeafb60dc812275f62d236790b"}},
		"id":       {id, "p-9hUg", "p-9hUg", inputs{"byteLength": 4}, map[resource.PropertyKey]any{"hex": "a7ef6152", "b64Url": "p-9hUg"}},
		"prefixed": {id, "my-prefix-,p-9hUg", "p-9hUg", inputs{"byteLength": 4, "prefix": "my-prefix-"}, map[resource.PropertyKey]any{"hex": "my-prefix-a7ef6152"}},
		"uuid":     {uuid, "aabbccdd-eeff-0011-2233-445566778899", "aabbccdd-eeff-0011-2233-445566778899", inputs{}, nil},
		"integer":  {integer, "15390,1,50000", "15390", inputs{"min": 1, "max": 50000}, map[resource.PropertyKey]any{"result": 15390.0}},
		"seeded":   {integer, "15390,1,50000,12345", "15390", inputs{"min": 1, "max": 50000, "seed": "12345"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			state, err := engine.Import(test.kind, test.id)
			require.NoError(t, err)
			assert.EqualValues(t, test.want, state.ID)
			for name, want := range test.check {
				assert.Equal(t, want, state.Output(name))
			}
			assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, engine.Diff(state, properties(test.given)).GetChanges(), "an up after the import must not replace")
		})
	}
	state, err := engine.Import(password, "hunter2!")
	require.NoError(t, err)
	assert.True(t, state.Outputs["result"].IsSecret())
	require.NoError(t, bcrypt.CompareHashAndPassword([]byte(state.Output("bcryptHash").(string)), []byte("hunter2!")))

	for kind, wrong := range map[tokens.Type]string{bytes: "hunter2!", id: "%%", uuid: "hunter2", integer: "1,x", text: ""} {
		_, err := engine.Import(kind, wrong)
		require.Error(t, err, kind)
		assert.Contains(t, err.Error(), "import urn:pulumi:stack::project::"+string(kind))
	}
	_, err = engine.Import(bytes, "hunter2!")
	assert.NotContains(t, err.Error(), "hunter2")
}

func TestUnknownThingsAreNamed(t *testing.T) {
	client := connect(t).Client()
	const pet = "random:index/randomPet:RandomPet"
	urn := string(resource.NewURN("stack", "project", "", pet, "pet"))
	_, err := client.Check(t.Context(), &pulumirpc.CheckRequest{Urn: urn})
	require.ErrorContains(t, err, pet)
	require.ErrorContains(t, err, string(password), "the known ones are listed")
	_, err = client.Create(t.Context(), &pulumirpc.CreateRequest{Urn: urn})
	require.ErrorContains(t, err, pet)
	_, err = client.Read(t.Context(), &pulumirpc.ReadRequest{Urn: urn, Id: "x"})
	require.ErrorContains(t, err, pet)
	_, err = client.Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: "random:index/shuffle:shuffle"})
	require.ErrorContains(t, err, "random:index/shuffle:shuffle")

	options, err := client.CheckConfig(t.Context(), &pulumirpc.CheckRequest{
		Urn: string(resource.NewURN("stack", "project", "", "pulumi:providers:random", "random")),
	})
	require.NoError(t, err)
	assert.Empty(t, options.GetFailures())
}
