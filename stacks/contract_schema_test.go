package stacks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/stacks"
)

// node is a JSON Schema. The fields are in the order in which the file has them.
type node struct {
	Schema               string           `json:"$schema,omitempty"`
	Title                string           `json:"title,omitempty"`
	Description          string           `json:"description,omitempty"`
	Type                 string           `json:"type,omitempty"`
	Enum                 []string         `json:"enum,omitempty"`
	Minimum              *int64           `json:"minimum,omitempty"`
	Maximum              *int64           `json:"maximum,omitempty"`
	Pattern              string           `json:"pattern,omitempty"`
	MaxLength            int              `json:"maxLength,omitempty"`
	Default              any              `json:"default,omitempty"`
	AnyOf                []*node          `json:"anyOf,omitempty"`
	Not                  *node            `json:"not,omitempty"`
	Items                *node            `json:"items,omitempty"`
	PropertyNames        *node            `json:"propertyNames,omitempty"`
	Properties           map[string]*node `json:"properties,omitempty"`
	AdditionalProperties any              `json:"additionalProperties,omitempty"`
}

// stackSchema is schema/stack.schema.json: what a Pulumi.<stack>.yaml can say. It is of draft-07, which every editor's
// language server for YAML knows.
func stackSchema(t testing.TB) []byte {
	t.Helper()
	w := schemaWriter{newDefaultTable(t)}
	text := func(description string) *node { return &node{Type: "string", Description: description} }
	config := &node{
		Type: "object", Description: "The stack's config. docs/configuration.md has every key in a table.",
		Properties: map[string]*node{},
	}
	var keys []string
	for _, k := range configModel(t).children {
		key := stacks.Project + ":" + k.name()
		keys = append(keys, key)
		config.Properties[key] = w.node(k, k.path)
	}
	// The keys of other namespaces are Pulumi's own and those of providers.
	config.PropertyNames = &node{AnyOf: []*node{
		{Enum: keys},
		{Pattern: "^[^:]+:[^:]+$", Not: &node{Pattern: "^" + stacks.Project + ":"}},
	}}
	root := &node{
		Schema: "http://json-schema.org/draft-07/schema#", Title: "Stack file of federated-risk",
		Description: "Pulumi.<stack>.yaml: one environment.", Type: "object", AdditionalProperties: false,
		Properties: map[string]*node{
			"config":          config,
			"secretsprovider": text("Who encrypts the stack's secrets, such as passphrase or awskms://…; Pulumi writes it."),
			"encryptionsalt":  text("Salt of the passphrase that encrypts the stack's secrets; Pulumi writes it."),
			"encryptedkey":    text("Data key of the secrets, encrypted by a key management service; Pulumi writes it."),
			"environment": {
				Description: "Pulumi ESC environments whose values the stack imports.",
				AnyOf:       []*node{{Type: "array", Items: &node{Type: "string"}}, {Type: "object"}},
			},
		},
	}
	var file bytes.Buffer
	encoder := json.NewEncoder(&file)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(root))
	return file.Bytes()
}

type schemaWriter struct{ defaults *defaultTable }

// node is the schema of a key at one place of the config.
func (w schemaWriter) node(k *configKey, path []string) *node {
	n := &node{Description: plainText(k.doc)}
	switch k.kind() {
	case reflect.Struct:
		n.Type, n.AdditionalProperties, n.Properties = "object", false, map[string]*node{}
		for _, child := range k.children {
			n.Properties[child.name()] = w.node(child, below(path, child.name()))
		}
		return n
	case reflect.Map:
		w.mapNode(n, k, path)
	case reflect.Slice:
		n.Type, n.Items = "array", w.node(k.children[0], below(path, anyIndex))
	case reflect.Bool:
		n.Type = "boolean"
	case reflect.Int:
		n.Type = "integer"
		// What the loader can hold, where it has no rule of its own.
		least, most := int64(math.MinInt64), int64(math.MaxInt64)
		if k.rules.bounded {
			least, most = k.rules.least, k.rules.most
		}
		n.Minimum, n.Maximum = &least, &most
	default:
		n.Type, n.Enum = "string", k.allowed()
		n.Pattern, n.MaxLength = k.rules.pattern, k.rules.longest
	}
	w.setDefault(n, k, path)
	return n
}

func (w schemaWriter) mapNode(n *node, k *configKey, path []string) {
	n.Type = "object"
	if len(k.rules.names) == 0 {
		n.AdditionalProperties = w.node(k.children[0], below(path, anyName))
		return
	}
	n.AdditionalProperties, n.Properties = false, map[string]*node{}
	for _, name := range k.rules.names {
		n.Properties[name] = w.node(k.children[0], below(path, name))
	}
}

// setDefault adds the default where every profile has the same, and says so where they differ.
func (w schemaWriter) setDefault(n *node, k *configKey, path []string) {
	if k.rules.required || k.isBranch() {
		return
	}
	values := w.defaults.of(path)
	switch text := byProfile(values); {
	case strings.HasPrefix(text, string(profilesInOrder[0])+" "):
		n.Description = strings.TrimSpace(n.Description + "\n\nDefault: " + strings.ReplaceAll(text, "`", "") + ".")
	case values[0] != nil:
		n.Default = values[0]
	}
}

// plainText is a comment without line breaks inside of paragraphs, and without the marks of code.
func plainText(comment string) string {
	paragraphs := strings.Split(strings.TrimSpace(comment), "\n\n")
	for i, paragraph := range paragraphs {
		paragraphs[i] = strings.ReplaceAll(strings.Join(strings.Fields(paragraph), " "), "`", "")
	}
	return strings.Join(paragraphs, "\n\n")
}

// instanceOf is what a validator sees of a stack file with this config.
func instanceOf(t testing.TB, values tree) any {
	t.Helper()
	config := tree{}
	for key, value := range values {
		config[stacks.Project+":"+key] = value
	}
	text, err := json.Marshal(tree{"config": config})
	require.NoError(t, err, fmt.Sprint(values))
	return decodedJSON(t, text)
}
