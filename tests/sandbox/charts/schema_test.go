package charts_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/lint/support"
	"sigs.k8s.io/yaml"
)

var chartNames = []string{"base", "cloudnative-pg", "cluster", "gateway", "istiod", "kube-prometheus-stack", "prometheus-adapter",
	"prometheus-operator-crds", "redis", "vpa"}

type schema map[string]any

func readSchema(t *testing.T, chartName string) schema {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(chartName, "values.schema.json"))
	require.NoError(t, err)
	var parsed schema
	require.NoError(t, json.Unmarshal(content, &parsed))
	return parsed
}

// resolve follows a node's $ref into the definitions.
func (root schema) resolve(t *testing.T, node schema) schema {
	t.Helper()
	ref, isRef := node["$ref"].(string)
	if !isRef {
		return node
	}
	definition, ok := root["definitions"].(map[string]any)[filepath.Base(ref)].(map[string]any)
	require.True(t, ok, "dangling %s", ref)
	return definition
}

// walk visits a node and everything below it. wrap puts a value at the node's place into whole values of the chart.
func (root schema) walk(t *testing.T, path string, node schema, wrap func(any) any, visit func(path string, declared, resolved schema, wrap func(any) any)) {
	t.Helper()
	resolved := root.resolve(t, node)
	visit(path, node, resolved, wrap)
	properties, _ := resolved["properties"].(map[string]any)
	for name, property := range properties {
		root.walk(t, path+"."+name, schema(property.(map[string]any)), func(value any) any {
			object := map[string]any{name: value}
			for _, required := range requiredBut(resolved, name) {
				object[required] = exampleOf(root.resolve(t, schema(properties[required].(map[string]any))))
			}
			return wrap(object)
		}, visit)
	}
	if items, ok := resolved["items"].(map[string]any); ok {
		root.walk(t, path+"[0]", schema(items), func(value any) any { return wrap([]any{value}) }, visit)
	}
}

func requiredBut(node schema, name string) []string {
	var names []string
	required, _ := node["required"].([]any)
	for _, other := range required {
		if other != name {
			names = append(names, other.(string))
		}
	}
	return names
}

func exampleOf(node schema) any {
	if node["type"] == "integer" {
		return 1
	}
	if node["pattern"] == `^(\S+\s+){5}\S+$` {
		return "0 0 0 * * *"
	}
	return "example"
}

func TestSchemaDescribesEveryKey(t *testing.T) {
	for _, name := range chartNames {
		root := readSchema(t, name)
		root.walk(t, "", root, func(value any) any { return value }, func(path string, declared, _ schema, _ func(any) any) {
			isItem := len(path) > 0 && path[len(path)-1] == ']'
			assert.True(t, isItem || declared["description"] != nil, "%s: values%s has no description", name, path)
		})
	}
}

func TestSchemaRefusesUnknownKeysAtEveryLevel(t *testing.T) {
	const unknown = "misspelt"
	for _, name := range chartNames {
		root := readSchema(t, name)
		levels := 0
		root.walk(t, "", root, func(value any) any { return value }, func(path string, _, resolved schema, wrap func(any) any) {
			properties, hasProperties := resolved["properties"].(map[string]any)
			if !hasProperties {
				return
			}
			levels++
			object := map[string]any{unknown: true}
			for _, required := range requiredBut(resolved, "") {
				object[required] = exampleOf(root.resolve(t, schema(properties[required].(map[string]any))))
			}
			values, err := yaml.Marshal(wrap(object))
			require.NoError(t, err)
			_, err = render(t, name, "release", string(values))
			if assert.Error(t, err, "%s accepts values%s.%s", name, path, unknown) {
				assert.Contains(t, err.Error(), "'"+unknown+"' not allowed", "%s: values%s", name, path)
			}
		})
		assert.Greater(t, levels, 3, "%s: the walk saw too little", name)
	}
}

// A map that takes any key must say what its values are, or be a Kubernetes object that the API server checks.
func TestSchemaLeavesOnlyDeclaredMapsOpen(t *testing.T) {
	open := map[string]bool{
		".affinity": true, ".tolerations[0]": true, ".topologySpreadConstraints[0]": true,
		".cluster.affinity.tolerations[0]": true, ".poolers[0].template": true,
	}
	for _, component := range []string{"recommender", "updater", "admissionController", "prometheusOperator", "prometheus.prometheusSpec",
		"alertmanager.alertmanagerSpec", "grafana", "kube-state-metrics", "prometheus-node-exporter"} {
		open["."+component+".affinity"], open["."+component+".tolerations[0]"] = true, true
		open["."+component+".topologySpreadConstraints[0]"] = true
	}
	for _, name := range chartNames {
		root := readSchema(t, name)
		root.walk(t, "", root, func(value any) any { return value }, func(path string, _, resolved schema, _ func(any) any) {
			if resolved["type"] != "object" || open[path] {
				return
			}
			assert.Contains(t, resolved, "additionalProperties", "%s: values%s takes any key", name, path)
		})
	}
}

func TestLint(t *testing.T) {
	for _, name := range chartNames {
		lint := action.NewLint()
		lint.Strict, lint.Namespace = true, namespace
		result := lint.Run([]string{name}, nil)
		assert.Empty(t, result.Errors, name)
		for _, message := range result.Messages {
			assert.Less(t, message.Severity, support.WarningSev, "%s: %s", name, message)
		}
	}
}
