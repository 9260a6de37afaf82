package stacks

import (
	"fmt"
	"strconv"

	"github.com/federated-risk/federated-risk/components/autoscaling"
	"github.com/federated-risk/federated-risk/components/monitoring"
	"github.com/federated-risk/federated-risk/components/postgres"
	"github.com/federated-risk/federated-risk/components/redis"
	"github.com/federated-risk/federated-risk/internal/alertmanager"
	"github.com/federated-risk/federated-risk/internal/catalogue"
	"github.com/federated-risk/federated-risk/internal/dashboards"
	"github.com/federated-risk/federated-risk/internal/release"
	"github.com/federated-risk/federated-risk/internal/rules"
)

// Entries of the receivers' Secrets.
const (
	webhookURLKey = "url"
	passwordKey   = "password"
	tokenKey      = "token"
)

// deployMonitoringStack declares the monitoring that this stack installs for the cluster. Nothing waits for it but what is
// of the Prometheus operator's kinds.
func (p *platform) deployMonitoringStack() error {
	releases, config := p.config.Releases, p.config.Monitoring
	p.monitoringNamespace = p.namespace.Name
	args := &monitoring.StackArgs{
		CRDs:          releases.PrometheusOperatorCRDs.installed(),
		Chart:         releases.KubePrometheusStack.installed(),
		Namespace:     p.config.Policy.MonitoringNamespace,
		Retention:     config.Retention,
		RetentionSize: config.Storage.retentionSize(),
		StorageSize:   config.Storage.Size,
		StorageClass:  config.Storage.StorageClass,
		Alertmanager:  config.Alerting.receivers(),
	}
	if args.CRDs == nil && args.Chart == nil {
		return nil
	}
	if config.Enabled {
		args.DisabledAlerts = []string{rules.Watchdog}
	}
	stack, err := monitoring.NewStack(p.ctx, "monitoring-stack", args, p.providers)
	if err != nil {
		return err
	}
	p.monitoringNamespace = p.namespaceAfter(stack.Kinds...)
	if args.Chart != nil {
		p.ctx.Export("grafanaPassword", stack.GrafanaPassword)
	}
	return nil
}

// deployMonitoring declares what is scraped of this stack, and the rules about it.
func (p *platform) deployMonitoring() error {
	config := p.config.Monitoring
	if !config.Enabled {
		return nil
	}
	_, err := monitoring.New(p.ctx, "monitoring", &monitoring.Args{
		Namespace:       p.monitoringNamespace,
		Jobs:            p.config.jobs(),
		Postgres:        p.postgres.Network(),
		Redis:           p.redis.Network(),
		Labels:          config.Labels,
		Interval:        config.interval(),
		Rules:           p.config.rules(),
		CertificateEnds: p.secrets.CertificateEnds,
		Dashboards:      p.config.dashboards().All(),
	}, p.providers)
	return err
}

func (monitoring Monitoring) interval() string {
	if monitoring.IntervalSeconds == 0 {
		return ""
	}
	return strconv.Itoa(monitoring.IntervalSeconds) + "s"
}

func (config *Config) rules() rules.Platform {
	objective, _ := strconv.ParseFloat(config.Monitoring.ObjectivePercent, 64)
	platform := rules.Platform{
		Namespace:        config.Namespace,
		RunbookURL:       config.Monitoring.RunbookURL,
		Jobs:             config.jobs(),
		ObjectivePercent: objective,
		Nodes:            config.Monitoring.Nodes,
	}
	for _, mode := range config.Incident.Modes() {
		platform.Incidents = append(platform.Incidents, rules.Incident{Mode: string(mode), Severity: config.Incident.Severity})
	}
	if config.TLS.Mode == TLSCertManager {
		managed := rules.ManagedCertificate{Namespace: config.Namespace, Name: config.publicSecretName()}
		if config.Ingress.Mode == IngressIstio {
			managed.Namespace = config.Ingress.Istio.Namespace
		}
		platform.ManagedCertificates = append(platform.ManagedCertificates, managed)
	}
	return platform
}

func (config *Config) dashboards() dashboards.Platform {
	platform := dashboards.Platform{
		Namespace: config.Namespace, RunbookURL: config.Monitoring.RunbookURL,
		Postgres: postgres.ClusterName, Redis: redis.ReleaseName,
	}
	measures := map[string]dashboards.Measure{catalogue.PSIService: dashboards.Intersection, catalogue.ModelServing: dashboards.Inference}
	for _, name := range measured() {
		service := dashboards.Service{Name: name, Measures: measures[name], Standby: config.standbyJob(name)}
		if config.Services[name].Autoscaling.Horizontal.Enabled {
			service.Autoscaler = autoscaling.HorizontalName(name)
		}
		platform.Services = append(platform.Services, service)
	}
	return platform
}

// jobs are the services with metrics, and their standbys, by the application of their pods.
func (config *Config) jobs() []string {
	var jobs []string
	for _, name := range measured() {
		jobs = append(jobs, name)
		if standby := config.standbyJob(name); standby != "" {
			jobs = append(jobs, standby)
		}
	}
	return jobs
}

// measured are the services with metrics.
func measured() []string {
	var names []string
	for _, entry := range catalogue.Services() {
		if entry.MetricsPath != "" {
			names = append(names, entry.Name)
		}
	}
	return names
}

// standbyJob is the application of the pods of the service's standby, or empty where there is none.
func (config *Config) standbyJob(name string) string {
	if !config.Services[name].Standby.Enabled {
		return ""
	}
	return catalogue.StandbyName(name)
}

// installed is the chart, or nil for what is found in place.
func (r OperatorRelease) installed() *release.Chart {
	if !r.Install {
		return nil
	}
	chart := r.chart()
	return &chart
}

// retentionPercent of the volume that samples may fill: the write-ahead log and a compaction need the rest.
const retentionPercent = 85

// retentionSize in Prometheus's units, whose MB has 2^20 bytes.
func (storage MonitoringStorage) retentionSize() string {
	size, _ := readable(storage.Size)
	return fmt.Sprintf("%dMB", size.Value()/100*retentionPercent/(1<<20))
}

// receivers are those whose Secret is named.
func (alerting Alerting) receivers() alertmanager.Config {
	var config alertmanager.Config
	if slack := alerting.Slack; slack.SecretName != "" {
		config.Slack = &alertmanager.Slack{
			URL: alertmanager.Credential{Secret: slack.SecretName, Key: webhookURLKey}, Channel: slack.Channel, Severities: slack.Severities,
		}
	}
	if email := alerting.Email; email.SecretName != "" {
		config.Email = &alertmanager.Email{
			To: email.To, From: email.From, Server: email.Server, Username: email.Username,
			Password: alertmanager.Credential{Secret: email.SecretName, Key: passwordKey}, Severities: email.Severities,
		}
	}
	if sms := alerting.SMS; sms.SecretName != "" {
		config.SMS = &alertmanager.SMS{
			URL: alertmanager.Credential{Secret: sms.SecretName, Key: webhookURLKey}, Severities: sms.Severities,
		}
		if sms.Token {
			config.SMS.Token = alertmanager.Credential{Secret: sms.SecretName, Key: tokenKey}
		}
	}
	return config
}
