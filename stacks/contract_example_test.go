package stacks_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/encoding"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/stacks"
)

// exampleStack is the stack whose complete config the examples are taken from.
const exampleStack = "prod"

// exampleConfig is the complete config of the example's stack, without what is empty.
func exampleConfig(t testing.TB) tree {
	t.Helper()
	src := stacks.Source{Stack: exampleStack, Values: map[string]string{}}
	for key, value := range stackFile(t, exampleStack) {
		if name, ours := strings.CutPrefix(key, stacks.Project+":"); ours {
			src.Values[name] = value
		}
	}
	cfg, err := stacks.Parse(src)
	require.NoError(t, err)
	return pruned(encoded(t, cfg)).(tree)
}

// pruned returns values without empty texts, maps and lists, and with numbers as YAML writes them.
func pruned(values any) any {
	switch v := values.(type) {
	case json.Number:
		whole, _ := v.Int64() // config has whole numbers only
		return whole
	case string:
		if v == "" {
			return nil
		}
	case tree:
		members := tree{}
		for name, member := range v {
			if kept := pruned(member); kept != nil {
				members[name] = kept
			}
		}
		if len(members) == 0 {
			return nil
		}
		return members
	case []any:
		if len(v) == 0 {
			return nil
		}
	}
	return values
}

// writeExample shows a key in a stack file, and how the command line sets the first value in it.
func writeExample(t testing.TB, text *strings.Builder, example tree, k *configKey) {
	t.Helper()
	value := example[k.name()]
	if value == nil {
		return
	}
	if members, isMap := value.(tree); isMap && len(k.rules.names) > 1 {
		name := slices.MaxFunc(k.rules.names, func(a, b string) int {
			return len(fmt.Sprint(members[a])) - len(fmt.Sprint(members[b]))
		})
		value = tree{name: members[name]}
	}
	file, err := encoding.YAML.Marshal(tree{"config": tree{stacks.Project + ":" + k.name(): value}})
	require.NoError(t, err)
	fmt.Fprintf(text, "\nComplete for the stack `%s`, what is empty left out:\n\n```yaml\n%s```\n", exampleStack, file)
	path, leaf := firstLeaf(k, []string{k.name()}, value)
	fmt.Fprintf(text, "\nOne value on the command line:\n\n```console\n%s\n```\n", setCommand(path, leaf))
}

// firstLeaf finds the first scalar at or below k, in the order of the tables.
func firstLeaf(k *configKey, path []string, value any) ([]string, any) {
	members, isMap := value.(tree)
	if !isMap {
		return path, value
	}
	for _, child := range k.children {
		names := []string{child.name()}
		if child.name() == anyName {
			names = slices.Sorted(maps.Keys(members))
		}
		for _, name := range names {
			if member, set := members[name]; set {
				return firstLeaf(child, below(path, name), member)
			}
		}
	}
	return path, value
}

var looksLikeAnotherType = regexp.MustCompile(`^(-?[0-9.]+|true|false)$`)

// setCommand is how the command line sets a value.
func setCommand(path []string, value any) string {
	command := "pulumi config set --stack " + exampleStack
	if len(path) > 1 {
		command += " --path"
	}
	if text, isString := value.(string); isString && looksLikeAnotherType.MatchString(text) {
		command += " --type string"
	}
	return fmt.Sprintf("%s '%s' %v", command, pathOf(path), value)
}
