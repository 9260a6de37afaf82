// Package alerting_test shows what the real Alertmanager makes of the program's configuration: whom an alert reaches, with
// which words, and what is kept back; and that an alert of the real Prometheus gets there.
package alerting_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster/clustertest"
	"github.com/federated-risk/federated-risk/tests/sandbox/toolchain"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

const (
	// complete is the combination with every integration.
	complete = "slack-email-sms"
	// severities is that of integrations with other severities than by default.
	severities = "severities"
	// secretsDir is where the operator mounts Secrets.
	secretsDir = "/etc/alertmanager/secrets"
)

// goldenFiles are what the root module's tests compare the configuration with, one for each combination of integrations,
// named after them: slack-sms.yaml, none.yaml.
func goldenFiles(t *testing.T) map[string]string {
	t.Helper()
	root, err := workspace.FindRoot(".")
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(root, "internal", "alertmanager", "testdata", "*.yaml"))
	require.NoError(t, err)
	byName := map[string]string{}
	for _, file := range files {
		byName[strings.TrimSuffix(filepath.Base(file), ".yaml")] = file
	}
	require.Len(t, byName, 9)
	require.Contains(t, byName, complete)
	require.Contains(t, byName, severities)
	return byName
}

// document is a YAML file as the tests look at it, and change it.
type document map[string]any

func read(t *testing.T, file string) document {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	var parsed document
	require.NoError(t, yaml.Unmarshal(content, &parsed))
	return parsed
}

// write writes the document to a file in the directory.
func (d document) write(t *testing.T, dir string) string {
	t.Helper()
	content, err := yaml.Marshal(d)
	require.NoError(t, err)
	file := filepath.Join(dir, "alertmanager.yaml")
	require.NoError(t, os.WriteFile(file, content, 0o600))
	return file
}

// replace calls change with every key and string in the value, however deep, and puts what it returns in the string's place.
func replace(value any, change func(key, text string) string) {
	switch value := value.(type) {
	case document:
		replace(map[string]any(value), change)
	case map[string]any:
		for key, inner := range value {
			if text, ok := inner.(string); ok {
				value[key] = change(key, text)
				continue
			}
			replace(inner, change)
		}
	case []any:
		for _, inner := range value {
			replace(inner, change)
		}
	}
}

// integrations are those of the receiver, by the name that the combinations give them.
func (d document) integrations(t *testing.T, receiver string) []string {
	t.Helper()
	names := map[string]string{"slack_configs": "slack", "email_configs": "email", "webhook_configs": "sms"}
	for _, entry := range d["receivers"].([]any) {
		entry := entry.(map[string]any)
		if entry["name"] != receiver {
			continue
		}
		var found []string
		for key, configs := range entry {
			if key == "name" {
				continue
			}
			require.Contains(t, names, key)
			require.Len(t, configs, 1)
			found = append(found, names[key])
		}
		return found
	}
	t.Fatalf("there is no receiver %s", receiver)
	return nil
}

func tools(t *testing.T, needed ...toolchain.Tool) workspace.Workspace {
	t.Helper()
	if testing.Short() {
		t.Skip("needs Alertmanager")
	}
	w := clustertest.Workspace(t)
	clustertest.Tools(t, w, needed...)
	return w
}
