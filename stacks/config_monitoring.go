package stacks

import "github.com/federated-risk/federated-risk/internal/rules"

// Monitoring is what watches the platform and says so when it is unwell. The releases that bring it to a cluster without
// one are releases.prometheusOperatorCRDs and releases.kubePrometheusStack, both in policy.monitoringNamespace.
type Monitoring struct {
	// Enabled declares what Prometheus scrapes and the rules that it evaluates. The cluster must have the Prometheus
	// operator's kinds, or the stack install them, or the update fails.
	Enabled bool `json:"enabled"`
	// Labels of the monitors and rules, where a Prometheus that is in place selects by labels, such as release: prometheus.
	Labels map[string]string `json:"labels,omitempty"`
	// RunbookURL is the page that alerts lead to, for a copy of docs/monitoring.md of your own.
	RunbookURL string `json:"runbookURL"`
	// ObjectivePercent of the requests that each service must not answer with an error over 30 days, such as "99.9": more than
	// 93.1, which is the least whose budget can burn as fast as the alerts about it ask, and less than 100.
	ObjectivePercent string `json:"objectivePercent"`
	// Nodes says whether the alerts about nodes are this stack's: one of those that share a cluster should have them.
	Nodes bool `json:"nodes"`
	// IntervalSeconds between scrapes, and between evaluations of the rules, of what this stack declares, 1 to 300; 0 means
	// 10 for the services, and Prometheus's own for all else.
	IntervalSeconds int `json:"intervalSeconds"`
	// Retention of Prometheus's samples, as a number and h, d, w or y, such as 30d. When they fill 85 % of the volume, the
	// oldest go earlier.
	Retention string            `json:"retention"`
	Storage   MonitoringStorage `json:"storage"`
	Alerting  Alerting          `json:"alerting"`
}

// MonitoringStorage is the volume of Prometheus. It goes with the release.
type MonitoringStorage struct {
	// Size is a Kubernetes quantity, for example 100Gi: at least half a gigabyte for each day of the retention.
	Size string `json:"size"`
	// StorageClass; empty means the cluster's default class.
	StorageClass string `json:"storageClass"`
}

// Alerting says who hears of alerts. Each receiver exists as soon as its Secret is named; without any, alerts are seen in
// Alertmanager and nowhere else. Before the first update make the namespace policy.monitoringNamespace and the Secrets in it:
// the stack takes the namespace over. None of it applies to an Alertmanager that is in place. With a receiver, critical alerts must reach one.
type Alerting struct {
	Slack SlackReceiver `json:"slack"`
	Email EmailReceiver `json:"email"`
	SMS   SMSReceiver   `json:"sms"`
}

// SlackReceiver is a channel of a Slack workspace.
type SlackReceiver struct {
	// SecretName of a Secret whose entry url is an incoming webhook's.
	SecretName string `json:"secretName"`
	// Channel, such as #risk-alerts, for a webhook that may choose; empty for the webhook's own.
	Channel string `json:"channel"`
	// Severities that it hears of: critical, warning or both.
	Severities []rules.Severity `json:"severities"`
}

// EmailReceiver is mail, sent through an SMTP server with TLS.
type EmailReceiver struct {
	// SecretName of a Secret whose entry password is that of Username.
	SecretName string `json:"secretName"`
	// Username at the server.
	Username string `json:"username"`
	// Server is host:port of the SMTP server.
	Server string `json:"server"`
	// From is the address of the sender.
	From string `json:"from"`
	// To has the addresses of the recipients, at least one.
	To []string `json:"to"`
	// Severities that it hears of: critical, warning or both.
	Severities []rules.Severity `json:"severities"`
}

// SMSReceiver is a gateway that takes Alertmanager's webhook and sends text messages.
type SMSReceiver struct {
	// SecretName of a Secret whose entry url is the gateway's address.
	SecretName string `json:"secretName"`
	// Token says that the Secret's entry token is sent along as a bearer token.
	Token bool `json:"token"`
	// Severities that it hears of: critical, warning or both.
	Severities []rules.Severity `json:"severities"`
}
