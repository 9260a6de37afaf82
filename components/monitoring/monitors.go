package monitoring

import (
	"fmt"

	"github.com/federated-risk/federated-risk/internal/labels"
)

const (
	// scrapeInterval of the services (runbook, "Prometheus configuration"); the data stores have the server's own.
	scrapeInterval = "10s"
	// The sidecar serves its own metrics and the service's on this port and path, without mTLS (istio.io, "Metrics merging").
	mergedMetricsPort = 15020
	mergedMetricsPath = "/stats/prometheus"
	// exporterPort is what both data stores' charts call the port of their exporter.
	exporterPort = "metrics"

	postgres, redis = "postgres", "redis"
	// Labels of the data stores' pods whose values, postgres and redis, become the job.
	postgresJobLabel = "cnpg.io/cluster"
	redisJobLabel    = "app.kubernetes.io/name"
)

// monitors say what is scraped. The job of a series is the name of its service, standby or data store, whatever its pod.
func (args *Args) monitors() []object {
	var monitors []object
	for _, job := range args.Jobs {
		monitors = append(monitors, args.serviceMonitor(job))
	}
	return append(monitors,
		podMonitor(postgres, args.PostgresPodLabels, postgresJobLabel), podMonitor(redis, args.RedisPodLabels, redisJobLabel))
}

func (args *Args) serviceMonitor(job string) object {
	return object{resource: "services-" + job, kind: "ServiceMonitor", app: job, spec: map[string]any{
		"jobLabel": labels.App,
		"selector": matchLabels(map[string]string{labels.App: job}),
		// What tells the canary from the stable version.
		"podTargetLabels": []any{labels.Version},
		"endpoints": []any{map[string]any{
			"port":     args.ServicePort,
			"path":     mergedMetricsPath,
			"interval": scrapeInterval,
			// The Service does not have the sidecar's port, so that nobody calls it through the mesh.
			"relabelings": []any{map[string]any{
				"sourceLabels": []any{"__address__"}, "regex": `(.+):\d+`,
				"targetLabel": "__address__", "replacement": fmt.Sprintf("$1:%d", mergedMetricsPort),
			}},
		}},
	}}
}

func podMonitor(name string, podLabels map[string]string, jobLabel string) object {
	return object{resource: "pods-" + name, kind: "PodMonitor", app: name, spec: map[string]any{
		"jobLabel":            jobLabel,
		"selector":            matchLabels(podLabels),
		"podMetricsEndpoints": []any{map[string]any{"port": exporterPort}},
	}}
}

func matchLabels(set map[string]string) map[string]any {
	match := map[string]any{}
	for key, value := range set {
		match[key] = value
	}
	return map[string]any{"matchLabels": match}
}
