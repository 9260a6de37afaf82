package autoscale_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/federated-risk/federated-risk/tests/sandbox/companion"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

// prometheusConfig finds the pods behind Services as the Prometheus operator has it found, gives the series the labels that
// the operator's ServiceMonitors give them, and asks the exporter in the place of the pods.
const prometheusConfig = `
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
- job_name: services
  kubernetes_sd_configs:
  - role: endpointslice
    kubeconfig_file: %q
    namespaces: {names: [%q, %q]}
  relabel_configs:
  - {source_labels: [__meta_kubernetes_namespace], target_label: namespace}
  - {source_labels: [__meta_kubernetes_service_name], target_label: service}
  - {source_labels: [__meta_kubernetes_pod_name], target_label: pod}
  - {source_labels: [pod], regex: .+, action: keep}
  - {source_labels: [namespace, pod], separator: /, target_label: __metrics_path__, replacement: /$1}
  - {target_label: __address__, replacement: %q}
`

// resourceRules make the adapter the metrics-server too: it answers for the CPU and memory of a container. They are the
// test's own; production has a metrics-server.
const resourceRules = `
cpu:
  containerQuery: sum by (<<.GroupBy>>) (test_cpu_cores{<<.LabelMatchers>>})
  nodeQuery: sum by (<<.GroupBy>>) (test_cpu_cores{<<.LabelMatchers>>})
  resources: {overrides: {node: {resource: node}, namespace: {resource: namespace}, pod: {resource: pod}}}
  containerLabel: container
memory:
  containerQuery: sum by (<<.GroupBy>>) (test_memory_bytes{<<.LabelMatchers>>})
  nodeQuery: sum by (<<.GroupBy>>) (test_memory_bytes{<<.LabelMatchers>>})
  resources: {overrides: {node: {resource: node}, namespace: {resource: namespace}, pod: {resource: pod}}}
  containerLabel: container
window: 1s
`

// startPrometheus returns the address of a Prometheus that scrapes the exporter.
func startPrometheus(t *testing.T, w workspace.Workspace, exporter *exporter) string {
	t.Helper()
	config := fmt.Appendf(nil, prometheusConfig, w.Kubeconfig(), namespace, elsewhere, exporter.address)
	return "http://" + companion.Prometheus(t, w, config)
}

// startAdapter returns the port of an adapter with the program's rules.
func startAdapter(t *testing.T, w workspace.Workspace, prometheus string) int {
	t.Helper()
	var rules, resources any
	content, err := os.ReadFile("testdata/rules.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(content, &rules))
	require.NoError(t, yaml.Unmarshal([]byte(resourceRules), &resources))
	config, err := yaml.Marshal(map[string]any{"rules": rules, "resourceRules": resources})
	require.NoError(t, err)
	dir := companion.Dir(t, w)
	file := filepath.Join(dir, "config.yaml")
	require.NoError(t, os.WriteFile(file, config, 0o600))
	port := companion.Start(t, w, companion.Program{
		Name: "prometheus-adapter", Scheme: "https", Ready: "/readyz",
		Arguments: func(port string) []string {
			return []string{
				"--config=" + file, "--prometheus-url=" + prometheus, "--metrics-relist-interval=1s", "--metrics-max-age=10s",
				"--lister-kubeconfig=" + w.Kubeconfig(), "--authentication-kubeconfig=" + w.Kubeconfig(), "--authorization-kubeconfig=" + w.Kubeconfig(),
				"--bind-address=127.0.0.1", "--secure-port=" + port, "--cert-dir=" + filepath.Join(dir, "certificates"),
			}
		},
	})
	number, err := strconv.Atoi(port)
	require.NoError(t, err)
	return number
}
