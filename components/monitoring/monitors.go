package monitoring

import (
	"cmp"
	"fmt"

	"github.com/federated-risk/federated-risk/components/postgres"
	"github.com/federated-risk/federated-risk/components/redis"
	"github.com/federated-risk/federated-risk/components/service"
	"github.com/federated-risk/federated-risk/internal/labels"
)

const (
	// scrapeInterval of the services (runbook, "Prometheus configuration"); the data stores have the server's own.
	scrapeInterval = "10s"
	// exporterPort is what both data stores' charts call the port of their exporter.
	exporterPort = "metrics"
)

// monitors say what is scraped. The job of a series is the name of its service, standby or data store, whatever its pod.
func (args *Args) monitors() []object {
	var monitors []object
	for _, job := range args.Jobs {
		monitors = append(monitors, args.serviceMonitor(job))
	}
	return append(monitors,
		args.podMonitor(args.Postgres.PodLabels, postgres.ClusterLabel), args.podMonitor(args.Redis.PodLabels, redis.NameLabel))
}

func (args *Args) serviceMonitor(job string) object {
	return object{resource: "services-" + job, kind: "ServiceMonitor", app: job, spec: map[string]any{
		"jobLabel": labels.App,
		"selector": matchLabels(map[string]string{labels.App: job}),
		// What tells the canary from the stable version.
		"podTargetLabels": []any{labels.Version},
		"endpoints": []any{map[string]any{
			"port":     service.PortName,
			"path":     service.MetricsPath,
			"interval": cmp.Or(args.Interval, scrapeInterval),
			// The Service does not have the sidecar's port, so that nobody calls it through the mesh.
			"relabelings": []any{map[string]any{
				"sourceLabels": []any{"__address__"}, "regex": `(.+):\d+`,
				"targetLabel": "__address__", "replacement": fmt.Sprintf("$1:%d", service.MetricsPort),
			}},
		}},
	}}
}

// podMonitor is that of a data store, which is called after the value that its pods have for the job's label.
func (args *Args) podMonitor(podLabels map[string]string, jobLabel string) object {
	name := podLabels[jobLabel]
	endpoint := map[string]any{"port": exporterPort}
	if args.Interval != "" {
		endpoint["interval"] = args.Interval
	}
	return object{resource: "pods-" + name, kind: "PodMonitor", app: name, spec: map[string]any{
		"jobLabel":            jobLabel,
		"selector":            matchLabels(podLabels),
		"podMetricsEndpoints": []any{endpoint},
	}}
}

func matchLabels(set map[string]string) map[string]any {
	match := map[string]any{}
	for key, value := range set {
		match[key] = value
	}
	return map[string]any{"matchLabels": match}
}
