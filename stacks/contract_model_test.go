package stacks_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/stacks"
)

const (
	// anyName stands for the keys of a map, anyIndex for the elements of a list.
	anyName  = "<name>"
	anyIndex = "[]"
)

// configKey is one key of the stack config: what the Go types and the loader say about it. The documentation and the
// schema are written from these, so that a new field needs no edit in either.
type configKey struct {
	path []string
	typ  reflect.Type
	doc  string
	// values of a type with constants.
	constants []constant
	rules     rules
	// children are the fields of a struct, or the one element of a map or list.
	children []*configKey
}

func (k *configKey) name() string { return k.path[len(k.path)-1] }

// kind of the value, with pointers stripped.
func (k *configKey) kind() reflect.Kind { return k.structure().Kind() }

func (k *configKey) structure() reflect.Type {
	if k.typ.Kind() == reflect.Pointer {
		return k.typ.Elem()
	}
	return k.typ
}

// dotted is the path as the documentation writes it.
func (k *configKey) dotted() string {
	return strings.ReplaceAll(strings.Join(k.path, "."), "."+anyIndex, anyIndex)
}

// walk visits the key and all below it.
func (k *configKey) walk(visit func(*configKey)) {
	visit(k)
	for _, child := range k.children {
		child.walk(visit)
	}
}

var (
	modelOnce  sync.Once
	modelBuilt *configKey
)

// configModel is the whole config: one key without a path.
func configModel(t testing.TB) *configKey {
	t.Helper()
	modelOnce.Do(func() {
		b := builder{comments: readComments(t), prober: newProber(t)}
		modelBuilt = b.key(nil, reflect.TypeFor[stacks.Config](), "")
	})
	require.NotNil(t, modelBuilt, "the model could not be built: see the first test that needed it")
	return modelBuilt
}

type builder struct {
	comments comments
	prober   *prober
}

func (b builder) key(path []string, typ reflect.Type, doc string) *configKey {
	k := &configKey{path: path, typ: typ, doc: doc}
	if name := k.structure().Name(); k.kind() == reflect.String && name != "string" {
		k.constants = b.comments.constants[name]
	}
	if len(path) > 0 {
		k.rules = b.prober.rules(k)
	}
	structure := k.structure()
	switch structure.Kind() {
	case reflect.Struct:
		for _, field := range reflect.VisibleFields(structure) {
			if !field.Anonymous {
				owner := ownerOf(structure, field)
				k.children = append(k.children, b.key(below(path, configName(field)), field.Type, b.comments.of(owner, field)))
			}
		}
	case reflect.Map:
		if len(k.rules.names) > 0 {
			b.prober.names[strings.Join(path, ".")] = k.rules.names
		}
		k.children = []*configKey{b.key(below(path, anyName), structure.Elem(), doc)}
	case reflect.Slice:
		k.children = []*configKey{b.key(below(path, anyIndex), structure.Elem(), doc)}
	default:
	}
	return k
}

func below(path []string, name string) []string { return append(slices.Clip(path), name) }

// ownerOf is the struct that declares a field: the type itself, or one that it embeds.
func ownerOf(structure reflect.Type, field reflect.StructField) reflect.Type {
	for _, i := range field.Index[:len(field.Index)-1] {
		structure = structure.Field(i).Type
	}
	return structure
}

// instances are the paths of k in a real config: one for each name that a map must or may have.
func (p *prober) instances(k *configKey) [][]string {
	paths := [][]string{nil}
	for _, element := range k.path {
		var longer [][]string
		for _, path := range paths {
			if element != anyName {
				longer = append(longer, below(path, element))
				continue
			}
			names := p.names[strings.Join(path, ".")]
			if len(names) == 0 {
				names = []string{"EXAMPLE"}
			}
			for _, name := range names {
				longer = append(longer, below(path, name))
			}
		}
		paths = longer
	}
	return paths
}

// defaultsOf returns the complete config of a stack that sets nothing but what it must, as a tree.
func defaultsOf(t testing.TB, profile stacks.Profile) tree {
	t.Helper()
	cfg, err := stacks.Parse(leastSource(t, tree{"profile": string(profile)}))
	require.NoError(t, err)
	return encoded(t, cfg)
}

// encoded returns a config as the tree that would set it.
func encoded(t testing.TB, cfg *stacks.Config) tree {
	t.Helper()
	text, err := json.Marshal(cfg)
	require.NoError(t, err)
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var values tree
	require.NoError(t, decoder.Decode(&values))
	return values
}

// at returns the value at a path.
func at(values any, path []string) (any, bool) {
	for _, name := range path {
		members, ok := values.(tree)
		if !ok {
			return nil, false
		}
		if values, ok = members[name]; !ok {
			return nil, false
		}
	}
	return values, true
}
