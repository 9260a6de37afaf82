package stacks_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/stacks"
)

// profilesInOrder are the columns of the runbook's table of environment requirements.
var profilesInOrder = []stacks.Profile{stacks.ProfileMinimum, stacks.ProfileRecommended, stacks.ProfileProduction}

// defaultTable holds the complete config of each profile.
type defaultTable struct {
	prober   *prober
	profiles map[stacks.Profile]tree
	// unset is the config of a stack that does not even name a profile.
	unset tree
}

func newDefaultTable(t testing.TB) *defaultTable {
	t.Helper()
	table := &defaultTable{prober: &prober{t: t, names: map[string][]string{}}, profiles: map[stacks.Profile]tree{}}
	configModel(t).walk(func(k *configKey) {
		if len(k.rules.names) > 0 {
			table.prober.names[strings.Join(k.path, ".")] = k.rules.names
		}
	})
	for _, profile := range profilesInOrder {
		table.profiles[profile] = defaultsOf(t, profile)
	}
	cfg, err := stacks.Parse(leastSource(t, nil))
	require.NoError(t, err)
	table.unset = encoded(t, cfg)
	return table
}

// of returns the default of a key at one place for each profile in order, nil where there is none.
func (table *defaultTable) of(path []string) []any {
	var values []any
	for _, profile := range profilesInOrder {
		values = append(values, table.in(profile, path))
	}
	return values
}

func (table *defaultTable) in(profile stacks.Profile, path []string) any {
	config := table.profiles[profile]
	if len(path) == 1 && path[0] == "profile" {
		config = table.unset
	}
	value, _ := at(config, path)
	return value
}

// cell says what a key is without being set, where it depends on the profile or on the map's name by each of them.
func (table *defaultTable) cell(k *configKey) string {
	if k.rules.required {
		return "must be set"
	}
	if k.isBranch() {
		return ""
	}
	var texts, names []string
	for _, path := range table.prober.instances(k) {
		texts = append(texts, byProfile(table.of(path)))
		names = append(names, nameIn(k, path))
	}
	return byName(names, texts)
}

// nameIn is the name that a path of k has where k's own has any.
func nameIn(k *configKey, path []string) string {
	for i, element := range k.path {
		if element == anyName {
			return path[i]
		}
	}
	return ""
}

func byProfile(values []any) string {
	texts := make([]string, len(values))
	same := true
	for i, value := range values {
		texts[i] = shown(value)
		same = same && texts[i] == texts[0]
	}
	if same {
		return texts[0]
	}
	for i, profile := range profilesInOrder {
		texts[i] = string(profile) + " " + texts[i]
	}
	return strings.Join(texts, ", ")
}

// byName puts the names with the same text together, those with the most common text last, as the others.
func byName(names, texts []string) string {
	groups := map[string][]string{}
	var order []string
	common := texts[0]
	for i, text := range texts {
		if groups[text] == nil {
			order = append(order, text)
		}
		groups[text] = append(groups[text], names[i])
		if len(groups[text]) > len(groups[common]) {
			common = text
		}
	}
	if len(order) == 1 {
		return common
	}
	var parts []string
	for _, text := range order {
		if text != common {
			parts = append(parts, strings.Join(groups[text], ", ")+": "+text)
		}
	}
	return strings.Join(append(parts, "others: "+common), "; ")
}

func shown(value any) string {
	switch v := value.(type) {
	case nil:
		return "not set"
	case string:
		if v == "" {
			return "empty"
		}
		return "`" + v + "`"
	case tree:
		if len(v) == 0 {
			return "empty"
		}
	case []any:
		if len(v) == 0 {
			return "empty"
		}
	}
	text, _ := json.Marshal(value) // it was decoded from JSON
	return "`" + string(text) + "`"
}
