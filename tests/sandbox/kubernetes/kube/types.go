package kube

import (
	"encoding/json"
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/openapi"
	"k8s.io/kube-openapi/pkg/schemaconv"
	"k8s.io/kube-openapi/pkg/spec3"
	"sigs.k8s.io/structured-merge-diff/v6/typed"

	smdschema "sigs.k8s.io/structured-merge-diff/v6/schema"
)

// gvkExtension marks the schemas of whole objects in the API server's OpenAPI documents.
const gvkExtension = "x-kubernetes-group-version-kind"

// typeCache holds the schemas of kinds, read from the API server's OpenAPI v3 document of each group version.
type typeCache struct {
	source func() openapi.Client

	mu     sync.Mutex
	groups map[schema.GroupVersion]*groupTypes
}

// groupTypes are the kinds of one group version. The document is read once, by whoever needs it first.
type groupTypes struct {
	once  sync.Once
	kinds map[schema.GroupVersionKind]typed.ParseableType
	err   error
}

func newTypeCache(source func() openapi.Client) *typeCache {
	return &typeCache{source: source, groups: map[schema.GroupVersion]*groupTypes{}}
}

func (t *typeCache) invalidate() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.groups = map[schema.GroupVersion]*groupTypes{}
}

// lookup returns the type of kind and whether the API server describes it.
func (t *typeCache) lookup(kind schema.GroupVersionKind) (typed.ParseableType, bool, error) {
	t.mu.Lock()
	group := t.groups[kind.GroupVersion()]
	if group == nil {
		group = &groupTypes{}
		t.groups[kind.GroupVersion()] = group
	}
	t.mu.Unlock()

	group.once.Do(func() { group.kinds, group.err = t.read(kind.GroupVersion()) })
	found, ok := group.kinds[kind]
	if !ok {
		// The API server publishes the schema of a new custom resource definition a moment after its kind: ask again.
		t.mu.Lock()
		if t.groups[kind.GroupVersion()] == group {
			delete(t.groups, kind.GroupVersion())
		}
		t.mu.Unlock()
	}
	return found, ok, group.err
}

func (t *typeCache) read(version schema.GroupVersion) (map[schema.GroupVersionKind]typed.ParseableType, error) {
	paths, err := t.source().Paths()
	if err != nil {
		return nil, fmt.Errorf("list the API server's OpenAPI documents: %w", err)
	}
	path := "apis/" + version.String()
	if version.Group == "" {
		path = "api/" + version.Version
	}
	document, ok := paths[path]
	if !ok {
		return nil, nil
	}
	body, err := document.Schema("application/json")
	if err != nil {
		return nil, fmt.Errorf("read the API server's OpenAPI document of %s: %w", version, err)
	}
	var parsed struct {
		Components spec3.Components `json:"components"`
	}
	if err := json.Unmarshal(body, &parsed); err != nil {
		return nil, fmt.Errorf("decode the API server's OpenAPI document of %s: %w", version, err)
	}
	return kindsOf(version, parsed.Components)
}

func kindsOf(
	version schema.GroupVersion, components spec3.Components,
) (map[schema.GroupVersionKind]typed.ParseableType, error) {
	converted, err := schemaconv.ToSchemaFromOpenAPI(components.Schemas, false)
	if err != nil {
		return nil, fmt.Errorf("convert the API server's OpenAPI document of %s: %w", version, err)
	}
	parser := typed.Parser{Schema: smdschema.Schema{Types: converted.Types}}
	kinds := map[schema.GroupVersionKind]typed.ParseableType{}
	for name, component := range components.Schemas {
		var marked []schema.GroupVersionKind
		if err := component.Extensions.GetObject(gvkExtension, &marked); err != nil {
			continue // a part of an object
		}
		for _, kind := range marked {
			if kind.GroupVersion() == version {
				kinds[kind] = parser.Type(name)
			}
		}
	}
	return kinds, nil
}

// Type returns the schema of kind. A kind that the API server serves without one has a type that allows everything.
func (c *Client) Type(kind schema.GroupVersionKind) (Type, error) {
	if _, err := c.Mapping(kind); err != nil {
		return Type{}, err
	}
	found, ok, err := c.types.lookup(kind)
	if err != nil {
		return Type{}, c.explain(err)
	}
	if !ok {
		return Type{parseable: typed.DeducedParseableType}, nil
	}
	return Type{parseable: found}, nil
}

// Type is the schema of a kind: which fields its objects have, and how their lists and maps merge.
type Type struct {
	parseable typed.ParseableType
}
