package stacks_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/catalogue"
	"github.com/federated-risk/federated-risk/stacks"
)

// tree is the config of a stack as YAML would hold it.
type tree = map[string]any

// removed as a value in edits takes the key out.
type removed struct{}

// leastConfig holds what has no default, and nothing else.
func leastConfig() tree {
	services := tree{}
	for _, name := range catalogue.Names() {
		services[name] = tree{"image": "registry.example.com/federated-risk/" + name + ":1.0.0"}
	}
	return tree{
		"releases": tree{
			"postgresOperator":       tree{"chart": "./charts/cloudnative-pg"},
			"postgres":               tree{"chart": "./charts/cluster"},
			"redis":                  tree{"chart": "./charts/redis"},
			"prometheusOperatorCRDs": tree{"chart": "./charts/prometheus-operator-crds"},
			"kubePrometheusStack":    tree{"chart": "./charts/kube-prometheus-stack"},
		},
		"services": services,
	}
}

// edit sets the value at a path of keys separated by dots, and makes the maps on the way.
func edit(values tree, path string, value any) {
	keys := strings.Split(path, ".")
	for _, key := range keys[:len(keys)-1] {
		child, ok := values[key].(tree)
		if !ok {
			child = tree{}
			values[key] = child
		}
		values = child
	}
	if _, remove := value.(removed); remove {
		delete(values, keys[len(keys)-1])
		return
	}
	values[keys[len(keys)-1]] = value
}

// source encodes values as Pulumi does: scalars as they are, trees as JSON.
func source(t testing.TB, values tree) stacks.Source {
	t.Helper()
	src := stacks.Source{Stack: "test", Values: map[string]string{}, Secret: map[string]bool{}}
	for key, value := range values {
		if text, ok := value.(string); ok {
			src.Values[key] = text
			continue
		}
		encoded, err := json.Marshal(value)
		require.NoError(t, err)
		src.Values[key] = string(encoded)
	}
	return src
}

func leastSource(t testing.TB, edits tree) stacks.Source {
	t.Helper()
	values := leastConfig()
	// A tree before what is below it.
	for _, path := range slices.Sorted(maps.Keys(edits)) {
		edit(values, path, edits[path])
	}
	return source(t, values)
}

func faultLines(t testing.TB, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var invalid *stacks.InvalidConfigError
	require.ErrorAs(t, err, &invalid)
	var lines []string
	for _, fault := range invalid.Faults {
		lines = append(lines, fault.String())
	}
	return lines
}
