package stacks_test

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/stacks"
)

// rules are what the loader accepts for a key, whatever the rest of the config says.
type rules struct {
	// required keys have no default.
	required bool
	// least and most of a number, where bounded.
	bounded     bool
	least, most int64
	// enum is all that a string can be.
	enum []string
	// pattern of a string, and the most characters, 0 without a limit.
	pattern string
	longest int
	// names are all keys that a map can have; none if any will do.
	names []string
}

// prober finds out rules by asking the loader: it sets a key to what no rule could accept, in configs that differ in
// what else they say, and reads the faults at that key.
type prober struct {
	t     testing.TB
	bases []tree
	names map[string][]string
}

func newProber(t testing.TB) *prober {
	t.Helper()
	p := &prober{t: t, names: map[string][]string{}}
	for _, profile := range []stacks.Profile{stacks.ProfileMinimum, stacks.ProfileRecommended, stacks.ProfileProduction} {
		least := leastConfig()
		least["profile"] = string(profile)
		// With every switch as it is, on and off.
		p.bases = append(p.bases, least)
		complete := defaultsOf(t, profile)
		for _, on := range []bool{true, false} {
			p.bases = append(p.bases, switched(complete, on).(tree))
		}
	}
	return p
}

// switched returns a copy of values with every boolean set.
func switched(values any, on bool) any {
	switch v := values.(type) {
	case bool:
		return on
	case tree:
		members := tree{}
		for name, member := range v {
			members[name] = switched(member, on)
		}
		return members
	default:
		return v
	}
}

// withValue returns a copy of values with one set; the maps on the way are made.
func withValue(values any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	if path[0] == anyIndex {
		return []any{withValue(nil, path[1:], value)}
	}
	members, _ := values.(tree)
	members = maps.Clone(members)
	if members == nil {
		members = tree{}
	}
	members[path[0]] = withValue(members[path[0]], path[1:], value)
	return members
}

// pathOf renders a path as the loader does, with the first element of a list for anyIndex.
func pathOf(path []string) string {
	return strings.ReplaceAll(stacks.PathOf(path...), `["`+anyIndex+`"]`, "[0]")
}

// problems sets a key in a config and returns what the loader says at the key, and whether it refuses the value there
// or above.
func (p *prober) problems(base tree, path []string, value any) (at []string, refused bool) {
	_, err := stacks.Parse(source(p.t, withValue(base, path, value).(tree)))
	if err == nil {
		return nil, false
	}
	var invalid *stacks.InvalidConfigError
	require.ErrorAs(p.t, err, &invalid)
	ancestors := []string{}
	for i := range path {
		ancestors = append(ancestors, pathOf(path[:i+1]))
	}
	for _, fault := range invalid.Faults {
		refused = refused || slices.Contains(ancestors, fault.Path)
		if fault.Path == ancestors[len(ancestors)-1] {
			at = append(at, fault.Problem)
		}
	}
	return at, refused
}

// answers sets each instance of a key to the values, in every config. It returns what the loader says at the key, or
// nothing if it accepts a value anywhere.
func (p *prober) answers(k *configKey, values ...any) []string {
	var said []string
	for _, path := range p.instances(k) {
		for _, base := range p.bases {
			for _, value := range values {
				problems, refused := p.problems(base, path, value)
				if !refused {
					return nil
				}
				said = append(said, problems...)
			}
		}
	}
	return said
}

// agreed returns the match of a pattern in what was said, provided that all matches are the same.
func agreed(said []string, pattern *regexp.Regexp) []string {
	var found []string
	for _, problem := range said {
		match := pattern.FindStringSubmatch(problem)
		if match == nil {
			continue
		}
		if found != nil && !slices.Equal(found, match) {
			return nil
		}
		found = match
	}
	return found
}

// accepts says whether the loader accepts a value anywhere.
func (p *prober) accepts(k *configKey, value any) bool {
	for _, path := range p.instances(k) {
		for _, base := range p.bases {
			if _, refused := p.problems(base, path, value); !refused {
				return true
			}
		}
	}
	return false
}

// hopeless is a text that no rule for a name, an address or a quantity accepts.
const hopeless = "¿\n"

var (
	rangeOfNumbers = regexp.MustCompile(`^must be (-?\d+) to (-?\d+)$`)
	oneOfSeveral   = regexp.MustCompile(`^must be one of (.+)$`)
	knownNames     = regexp.MustCompile(`\(known: (.+)\)$`)
	notSet         = regexp.MustCompile(`^is not set: `)
)

// shapes are the faults of strings whose rule a pattern can express.
var shapes = []struct {
	problem *regexp.Regexp
	pattern string
	longest int
}{
	{regexp.MustCompile(`^must be a Kubernetes quantity`), stacks.PlainQuantity, 0},
	{regexp.MustCompile(`^must be 1 to (\d+) lower-case letters, digits and "-", with a letter or digit at both ends$`),
		`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`, 0},
	{regexp.MustCompile(`^must be 1 to (\d+) lower-case letters, digits and "_", not a digit first$`),
		`^[a-z_][a-z0-9_]*$`, 0},
	{regexp.MustCompile(`^must be the name of a \w+: lower-case letters, digits, "-" and "\."$`),
		`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`, 253},
}

func (p *prober) rules(k *configKey) (found rules) {
	switch k.kind() {
	case reflect.Int:
		if match := agreed(p.answers(k, -1<<40, 1<<40), rangeOfNumbers); match != nil {
			found.bounded, found.least, found.most = true, number(p.t, match[1]), number(p.t, match[2])
			// Where 0 stands for a value that is not used, it is accepted too: a range with a gap is none.
			if found.least > 0 && p.accepts(k, int64(0)) {
				found.bounded, found.least = found.least == 1, 0
			}
		}
	case reflect.String:
		p.stringRules(k, &found)
	case reflect.Map:
		var element any = tree{}
		if k.structure().Elem().Kind() == reflect.String {
			element = "x"
		}
		named := &configKey{path: below(k.path, "no such name"), typ: k.structure().Elem()}
		if match := agreed(p.answers(named, element), knownNames); match != nil {
			found.names = strings.Split(match[1], ", ")
		}
	default:
	}
	return found
}

func (p *prober) stringRules(k *configKey, found *rules) {
	found.required = p.required(k)
	said := p.answers(k, hopeless)
	if match := agreed(said, oneOfSeveral); match != nil {
		found.enum = strings.Split(match[1], ", ")
		return
	}
	for _, shape := range shapes {
		match := agreed(said, shape.problem)
		if match == nil {
			continue
		}
		found.pattern, found.longest = shape.pattern, shape.longest
		if len(match) > 1 {
			found.longest = int(number(p.t, match[1]))
		}
		if p.accepts(k, "") {
			found.pattern = "^$|" + found.pattern
		}
		return
	}
}

// required says whether the loader asks for the key in a config that says nothing.
func (p *prober) required(k *configKey) bool {
	_, err := stacks.Parse(stacks.Source{Values: map[string]string{}})
	var invalid *stacks.InvalidConfigError
	require.ErrorAs(p.t, err, &invalid)
	return slices.ContainsFunc(invalid.Faults, func(fault stacks.Fault) bool {
		return slices.ContainsFunc(p.instances(k), func(path []string) bool { return pathOf(path) == fault.Path }) &&
			notSet.MatchString(fault.Problem)
	})
}

func number(t testing.TB, digits string) int64 {
	t.Helper()
	value, err := strconv.ParseInt(digits, 10, 64)
	require.NoError(t, err)
	return value
}

// allowed are the values that a key of a string type with constants can have.
func (k *configKey) allowed() []string {
	if len(k.rules.enum) > 0 {
		return k.rules.enum
	}
	var values []string
	for _, c := range k.constants {
		values = append(values, c.value)
	}
	return values
}
