package stacks

const (
	// Retention and disk are the runbook's.
	defaultRetention         = "30d"
	defaultMonitoringStorage = "100Gi"
	defaultRunbookURL        = "https://github.com/federated-risk/federated-risk/blob/main/docs/monitoring.md"
)

func defaultMonitoring() Monitoring {
	return Monitoring{
		Enabled:    true,
		RunbookURL: defaultRunbookURL,
		Retention:  defaultRetention,
		Storage:    MonitoringStorage{Size: defaultMonitoringStorage},
		Alerting:   Alerting{Email: EmailReceiver{To: []string{}}},
	}
}
