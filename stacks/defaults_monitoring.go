package stacks

import (
	"github.com/federated-risk/federated-risk/internal/alertmanager"
	"github.com/federated-risk/federated-risk/internal/rules"
)

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
		// Three quarters of an hour of failed requests a month, between the runbook's 5 % and what three services in a row can keep.
		ObjectivePercent: "99.9",
		Nodes:            true,
		Retention:        defaultRetention,
		Storage:          MonitoringStorage{Size: defaultMonitoringStorage},
		Alerting:         defaultAlerting(),
	}
}

// defaultAlerting has text messages for what cannot wait alone (runbook, "send_emergency_notification").
func defaultAlerting() Alerting {
	return Alerting{
		Slack: SlackReceiver{Severities: alertmanager.Severities()},
		Email: EmailReceiver{To: []string{}, Severities: alertmanager.Severities()},
		SMS:   SMSReceiver{Severities: []rules.Severity{rules.Critical}},
	}
}
