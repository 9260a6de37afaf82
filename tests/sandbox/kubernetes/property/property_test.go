package property

import (
	"encoding/base64"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type object = resource.PropertyMap

func text(s string) resource.PropertyValue   { return resource.NewProperty(s) }
func secret(s string) resource.PropertyValue { return resource.MakeSecret(text(s)) }
func of(o object) resource.PropertyValue     { return resource.NewProperty(o) }
func num(n float64) resource.PropertyValue   { return resource.NewProperty(n) }

func list(elements ...resource.PropertyValue) resource.PropertyValue {
	return resource.NewProperty(elements)
}

var unknown = resource.MakeComputed(text(""))

func TestPlain(t *testing.T) {
	plain, missing := Plain(object{
		"count": num(3), "ratio": num(0.5), "huge": num(1e300), "none": resource.NewNullProperty(),
		"password": secret("x"), "later": unknown,
		"output": resource.NewProperty(resource.Output{Element: text("known"), Known: true, Secret: true}),
		"list":   list(text("a"), unknown, of(object{"deep": resource.NewProperty(resource.Output{Known: false})})),
	})
	assert.Equal(t, map[string]any{
		"count": int64(3), "ratio": 0.5, "huge": 1e300, "password": "x", "output": "known",
		"list": []any{"a", nil, map[string]any{}},
	}, plain)
	paths := make([]string, len(missing))
	for i, path := range missing {
		paths[i] = path.String()
	}
	assert.ElementsMatch(t, []string{"later", "list[1]", "list[2].deep"}, paths)

	withNulls, _ := PlainWithNulls(object{"none": resource.NewNullProperty()})
	assert.Equal(t, map[string]any{"none": nil}, withNulls)
}

func TestDiff(t *testing.T) {
	update := plugin.PropertyDiff{Kind: plugin.DiffUpdate, InputDiff: true}
	add := plugin.PropertyDiff{Kind: plugin.DiffAdd, InputDiff: true}
	remove := plugin.PropertyDiff{Kind: plugin.DiffDelete, InputDiff: true}
	tests := map[string]struct {
		before, after object
		want          map[string]plugin.PropertyDiff
	}{
		"a null is nothing":     {object{"a": resource.NewNullProperty()}, object{}, map[string]plugin.PropertyDiff{}},
		"secret or not":         {object{"a": secret("x")}, object{"a": text("x")}, map[string]plugin.PropertyDiff{}},
		"inside a secret":       {object{"a": resource.MakeSecret(of(object{"b": text("x")}))}, object{"a": of(object{"b": text("y")})}, map[string]plugin.PropertyDiff{"a.b": update}},
		"elements of a list":    {object{"a": list(text("x"), text("y"))}, object{"a": list(text("z"))}, map[string]plugin.PropertyDiff{"a[0]": update, "a[1]": remove}},
		"a key with a dot":      {object{"a": of(object{})}, object{"a": of(object{"b.c/d": text("x")})}, map[string]plugin.PropertyDiff{`a["b.c/d"]`: add}},
		"not known yet":         {object{"a": text("x")}, object{"a": unknown}, map[string]plugin.PropertyDiff{"a": update}},
		"not known yet, output": {object{"a": text("x")}, object{"a": resource.NewProperty(resource.Output{})}, map[string]plugin.PropertyDiff{"a": update}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, Diff(test.before, test.after)) })
	}
}

func TestMarkSecrets(t *testing.T) {
	like := object{
		"env":   list(of(object{"value": text("a")}), of(object{"value": secret("b")})),
		"whole": resource.MakeSecret(of(object{"a": text("x")})),
		"plain": text("p"), "absent": secret("x"),
	}
	same := MarkSecrets(object{
		"env":   list(of(object{"value": text("a"), "more": text("m")}), of(object{"value": text("b")})),
		"whole": of(object{"a": text("x")}), "plain": text("p"), "other": text("o"),
	}, like)
	env := same["env"].ArrayValue()
	assert.False(t, env[0].ContainsSecrets())
	assert.True(t, env[1].ObjectValue()["value"].IsSecret())
	assert.True(t, same["whole"].IsSecret())
	assert.False(t, same["plain"].ContainsSecrets())
	assert.NotContains(t, same, resource.PropertyKey("absent"))

	longer := MarkSecrets(object{"env": list(text("injected"), text("a"), text("b"))}, like)
	assert.True(t, longer["env"].IsSecret(), "which element is the secret one cannot be told")
	again := MarkSecrets(longer, like)
	assert.Equal(t, longer, again)
}

func TestRedact(t *testing.T) {
	inputs := object{
		"data":  resource.MakeSecret(of(object{"a": text("hunter22"), "b": text("hunter22-and-more")})),
		"lines": secret("one\ntwo"),
		"plain": text("visible"),
	}
	encoded := base64.StdEncoding.EncodeToString([]byte("hunter22"))
	message := `hunter22-and-more hunter22 ` + encoded + ` "one\ntwo" visible`
	assert.Equal(t, `[secret] [secret] [secret] "[secret]" visible`, Redact(message, inputs))
	assert.Equal(t, "it was [secret]",
		Redact("it was hunter22", object{"data": resource.MakeSecret(of(object{"a": text(encoded)}))}))
	assert.Equal(t, "untouched", Redact("untouched", object{"empty": secret("")}))
}

func TestWithObject(t *testing.T) {
	change := func(o resource.PropertyMap) { o["name"] = text("new") }
	before := object{"metadata": resource.MakeSecret(of(object{"labels": text("l")}))}
	after, ok := WithObject(before, "metadata", change)
	require.True(t, ok)
	assert.True(t, after["metadata"].IsSecret())
	assert.Equal(t, object{"labels": text("l"), "name": text("new")}, after["metadata"].SecretValue().Element.ObjectValue())
	assert.NotContains(t, before["metadata"].SecretValue().Element.ObjectValue(), resource.PropertyKey("name"))

	created, ok := WithObject(object{}, "metadata", change)
	require.True(t, ok)
	assert.Equal(t, object{"metadata": of(object{"name": text("new")})}, created)
	for _, value := range []resource.PropertyValue{unknown, text("no object")} {
		_, ok := WithObject(object{"metadata": value}, "metadata", change)
		assert.False(t, ok)
	}
}

func TestRelated(t *testing.T) {
	assert.True(t, Related(Parse("spec"), Parse("spec.ports[0]")))
	assert.True(t, Related(Parse("spec.ports[0]"), Parse("spec")))
	assert.True(t, Related(Parse(""), Parse("spec")))
	assert.False(t, Related(Parse("spec.ports[0]"), Parse("spec.ports[1]")))
	assert.Equal(t, resource.PropertyPath{`spec[`}, Parse(`spec[`))
}

func TestInitFailed(t *testing.T) {
	err := InitFailed("ns/web", object{"a": secret("x")}, object{"b": text("y")}, "not ready")
	converted, ok := rpcerror.FromError(err)
	require.True(t, ok)
	require.Len(t, converted.Details(), 1)
	detail, ok := converted.Details()[0].(*pulumirpc.ErrorResourceInitFailed)
	require.True(t, ok)
	assert.Equal(t, "ns/web", detail.GetId())
	assert.Equal(t, []string{"not ready"}, detail.GetReasons())
	inputs, err := plugin.UnmarshalProperties(detail.GetInputs(), plugin.MarshalOptions{KeepSecrets: true})
	require.NoError(t, err)
	assert.True(t, inputs["a"].IsSecret())
}
