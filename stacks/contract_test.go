package stacks_test

import (
	"bytes"
	"flag"
	"os"
	"reflect"
	"regexp"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the generated files anew instead of comparing with them")

const (
	documentFile = "../docs/configuration.md"
	schemaFile   = "../schema/stack.schema.json"
)

// TestConfigurationDocument compares the two generated files with the Go types.
func TestConfigurationDocument(t *testing.T) {
	introduction, err := os.ReadFile("testdata/configuration.md")
	require.NoError(t, err)
	requireGenerated(t, documentFile, []byte(configurationDocument(t, string(introduction))))
	requireGenerated(t, schemaFile, stackSchema(t))
}

func requireGenerated(t *testing.T, file string, want []byte) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(file, want, 0o644)) //nolint:gosec // a committed file, readable by all
	}
	have, err := os.ReadFile(file)
	require.NoError(t, err)
	if !bytes.Equal(want, have) {
		line := 0
		wanted, had := bytes.Split(want, []byte("\n")), bytes.Split(have, []byte("\n"))
		for line < min(len(wanted), len(had)) && bytes.Equal(wanted[line], had[line]) {
			line++
		}
		assert.Fail(t, file+" is stale", `It differs from what the config types of this package say, first in line %d. Run
  go test ./stacks -run TestConfigurationDocument -update
and commit the change.`, line+1)
	}
}

var jsonName = regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)

// TestEveryKeyIsDocumented: each field of a config struct has a key in its tag and a comment, its own, one that it
// shares with the field above, or that of its type.
func TestEveryKeyIsDocumented(t *testing.T) {
	read := readComments(t)
	configModel(t).walk(func(k *configKey) {
		if k.kind() != reflect.Struct {
			return
		}
		structure := k.structure()
		for _, field := range reflect.VisibleFields(structure) {
			if field.Anonymous {
				continue
			}
			where := structure.Name() + "." + field.Name
			assert.True(t, field.IsExported(), "%s: the decoder cannot set it", where)
			assert.Regexp(t, jsonName, configName(field), "%s has no json tag with a camelCase key", where)
			assert.NotEmpty(t, read.of(ownerOf(structure, field), field), "%s has no comment: say what it means, its unit, "+
				"its range, and what empty or 0 means", where)
		}
	})
}

func compiledSchema(t testing.TB, text []byte) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("stack.schema.json", decodedJSON(t, text)))
	schema, err := compiler.Compile("stack.schema.json")
	require.NoError(t, err)
	return schema
}

func decodedJSON(t testing.TB, text []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	return value
}
