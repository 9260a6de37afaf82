package kube

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
	"sigs.k8s.io/yaml"
)

// workload is a schema in the notation of structured-merge-diff, with each way in which lists and maps merge.
const workload = `types:
- name: workload
  map:
    fields:
    - {name: name, type: {scalar: string}}
    - {name: replicas, type: {scalar: numeric}}
    - {name: enabled, type: {scalar: boolean}}
    - {name: cpu, type: {scalar: untyped}}
    - {name: labels, type: {map: {elementType: {scalar: string}}}}
    - {name: selector, type: {map: {elementType: {scalar: string}, elementRelationship: atomic}}}
    - {name: fieldRef, type: {map: {fields: [{name: path, type: {scalar: string}}, {name: version, type: {scalar: string}}], elementRelationship: atomic}}}
    - {name: ports, type: {list: {elementType: {namedType: port}, elementRelationship: associative, keys: [port, protocol]}}}
    - {name: finalizers, type: {list: {elementType: {scalar: string}, elementRelationship: associative}}}
    - {name: routes, type: {list: {elementType: {namedType: port}, elementRelationship: atomic}}}
- name: port
  map:
    fields:
    - {name: port, type: {scalar: numeric}}
    - {name: protocol, type: {scalar: string}, default: TCP}
    - {name: name, type: {scalar: string}}
`

func workloadType(t *testing.T) Type {
	t.Helper()
	parser, err := typed.NewParser(typed.YAMLObject(workload))
	require.NoError(t, err)
	return Type{parseable: parser.Type("workload")}
}

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	if text == "" {
		return nil
	}
	var object map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &object))
	return object
}

func TestObserve(t *testing.T) {
	tests := map[string]struct{ declared, live, expected, want string }{
		"another value":               {"replicas: 1", "replicas: 2", "replicas: 1", "replicas: 2"},
		"another spelling":            {"cpu: 1000m", "cpu: '1'", "cpu: '1'", "cpu: 1000m"},
		"spelling unknown":            {"cpu: 1000m", "cpu: '1'", "", "cpu: '1'"},
		"a lost field":                {"{name: a, replicas: 1}", "{name: a}", "{name: a, replicas: 1}", "{name: a}"},
		"a default":                   {"{name: a}", "{name: a, replicas: 1}", "{name: a, replicas: 1}", "{name: a}"},
		"somebody's label":            {"labels: {a: b}", "labels: {a: b, c: d}", "", "labels: {a: b}"},
		"a selector is one value":     {"selector: {a: b}", "selector: {a: b, c: d}", "selector: {a: b}", "selector: {a: b, c: d}"},
		"a default in a struct":       {"fieldRef: {path: x}", "fieldRef: {path: x, version: v1}", "", "fieldRef: {path: x}"},
		"a list element by key":       {"ports: [{port: 80, name: a}]", "ports: [{port: 79}, {port: 80, protocol: TCP, name: b}]", "", "ports: [{port: 80, name: b}]"},
		"of another key":              {"ports: [{port: 80, protocol: UDP}]", "ports: [{port: 80, protocol: TCP}]", "", "ports: []"},
		"a lost element":              {"ports: [{port: 80}, {port: 81}]", "ports: [{port: 81, protocol: TCP}]", "", "ports: [{port: 81}]"},
		"a set":                       {"finalizers: [a, b]", "finalizers: [c, b]", "", "finalizers: [b]"},
		"an atomic list":              {"routes: [{port: 1}]", "routes: [{port: 2, protocol: TCP}, {port: 3}]", "", "routes: [{port: 2}, {port: 3}]"},
		"an unchanged part of a list": {"routes: [{port: 1}, {port: 2}]", "routes: [{port: 1, name: x}, {port: 3}]", "routes: [{port: 1, name: x}, {port: 2}]", "routes: [{port: 1}, {port: 3}]"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			observed := workloadType(t).Observe(decode(t, test.declared), decode(t, test.live), decode(t, test.expected))
			got, err := yaml.Marshal(observed)
			require.NoError(t, err)
			want, err := yaml.Marshal(decode(t, test.want))
			require.NoError(t, err)
			if test.want == "ports: []" {
				assert.Empty(t, observed["ports"])
				return
			}
			assert.YAMLEq(t, string(want), string(got))
		})
	}
}

func TestObserveWithoutSchema(t *testing.T) {
	anything := Type{parseable: typed.DeducedParseableType}
	declared := decode(t, "spec: {a: 1, list: [{x: 1}]}")
	live := decode(t, "spec: {a: 2, b: 3, list: [{x: 1, z: 2}]}")
	assert.Equal(t, decode(t, "spec: {a: 2, list: [{x: 1, z: 2}]}"), anything.Observe(declared, live, nil),
		"lists are one value then, with all that is in them")
	assert.Empty(t, anything.Validate(declared))
}

func TestValidate(t *testing.T) {
	faults := workloadType(t).Validate(decode(t, `{name: 7, replicas: "1", enabled: 0, cpu: 1, labels: [a], selector: {a: 1},
		ports: [{port: 80, nam: x}, null], finalizers: {a: b}, unknown: 1}`))
	got := map[string]string{}
	for _, fault := range faults {
		got[fault.Path.String()] = fault.Reason
	}
	assert.Equal(t, map[string]string{
		"name":         "expected a string, got a number",
		"replicas":     "expected a number, got a string",
		"enabled":      "expected a boolean, got a number",
		"labels":       "expected an object, got a list",
		"selector.a":   "expected a string, got a number",
		"ports[0].nam": "the kind has no such field",
		"finalizers":   "expected a list, got an object",
		"unknown":      "the kind has no such field",
	}, got)
}

func TestRefusals(t *testing.T) {
	kind := schema.GroupKind{Group: "apps", Kind: "X"}
	invalid := func(path *field.Path, message string) error {
		return apierrors.NewInvalid(kind, "x", field.ErrorList{field.Invalid(path, "v", message)})
	}
	forbidden := func(path *field.Path, message string) error {
		return apierrors.NewInvalid(kind, "x", field.ErrorList{field.Forbidden(path, message)})
	}
	spec := field.NewPath("spec")
	tests := map[string]struct {
		err  error
		want []Refusal
	}{
		"immutable":    {invalid(spec.Child("selector"), "field is immutable"), []Refusal{{Field: "spec.selector"}}},
		"cluster IP":   {invalid(spec.Child("clusterIPs").Index(0), "may not change once set"), []Refusal{{Field: "spec.clusterIPs[0]"}}},
		"role":         {invalid(field.NewPath("roleRef"), "cannot change roleRef"), []Refusal{{Field: "roleRef"}}},
		"a mere fault": {invalid(spec.Child("replicas"), "must be greater than or equal to 0"), nil},
		"stateful set": {
			forbidden(spec, "updates to statefulset spec for fields other than 'replicas', 'template' are forbidden"),
			[]Refusal{{Field: "spec", Except: []string{"replicas", "template"}}},
		},
		"claim": {
			forbidden(spec, "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"),
			[]Refusal{{Field: "spec", Except: []string{"resources.requests", "volumeAttributesClassName"}}},
		},
		"class":     {apierrors.NewForbidden(schema.GroupResource{}, "x", field.Forbidden(spec, "updates to parameters are forbidden.")), []Refusal{{}}},
		"not found": {apierrors.NewNotFound(schema.GroupResource{}, "immutable"), nil},
		"no answer": {assert.AnError, nil},
		"conflict":  {&apierrors.StatusError{ErrStatus: metav1.Status{Reason: metav1.StatusReasonConflict, Message: "immutable"}}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, Refusals(test.err)) })
	}
}

func TestSettingsTellContentFromPaths(t *testing.T) {
	assert.True(t, Settings{Kubeconfig: "apiVersion: v1\nkind: Config"}.isContent())
	assert.True(t, Settings{Kubeconfig: ` {"kind": "Config"}`}.isContent())
	assert.False(t, Settings{Kubeconfig: "~/.kube/config"}.isContent())
	assert.False(t, Settings{Kubeconfig: "/a/config:/b/config"}.isContent())
}
