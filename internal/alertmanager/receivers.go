package alertmanager

import (
	"slices"
	"strings"

	"github.com/federated-risk/federated-risk/internal/rules"
)

// A receiver is named after the severity it is for, and has the integrations that are configured. That of severity none
// has no integration and is always there.

func (c Config) receivers() []any {
	receivers := []any{map[string]any{"name": string(rules.None)}}
	for _, severity := range Severities() {
		if integrations := c.integrations(severity); len(integrations) > 0 {
			integrations["name"] = string(severity)
			receivers = append(receivers, integrations)
		}
	}
	return receivers
}

// receiverOf is the name of the severity's receiver, or of the one without integrations.
func (c Config) receiverOf(severity rules.Severity) string {
	if len(c.integrations(severity)) == 0 {
		return string(rules.None)
	}
	return string(severity)
}

func (c Config) integrations(severity rules.Severity) map[string]any {
	integrations := map[string]any{}
	if c.Slack != nil && slices.Contains(c.Slack.Severities, severity) {
		integrations["slack_configs"] = []any{c.Slack.integration()}
	}
	if c.Email != nil && slices.Contains(c.Email.Severities, severity) {
		integrations["email_configs"] = []any{c.Email.integration()}
	}
	if c.SMS != nil && slices.Contains(c.SMS.Severities, severity) {
		integrations["webhook_configs"] = []any{c.SMS.integration()}
	}
	return integrations
}

// Each integration tells of recoveries too, as the runbook does. Alertmanager's own default is no for Slack and e-mail.

func (slack *Slack) integration() map[string]any {
	values := map[string]any{
		"send_resolved": true,
		"api_url_file":  slack.URL.file(),
		"color":         slackColor,
		"pretext":       slackPretext,
		"title":         subject,
		// The default leads to the pod's own address.
		"title_link": "{{ .CommonAnnotations.runbook_url }}",
		"fallback":   subject,
		"text":       slackText,
	}
	if slack.Channel != "" {
		values["channel"] = slack.Channel
	}
	return values
}

func (email *Email) integration() map[string]any {
	values := map[string]any{
		"send_resolved": true,
		"to":            strings.Join(email.To, ", "),
		"from":          email.From,
		"smarthost":     email.Server,
		"require_tls":   true,
		"headers":       map[string]any{"Subject": mailSubject},
		"text":          mailText,
		// Text alone: Alertmanager's HTML leads to the pod's own address.
		"html": "",
	}
	if email.Username != "" {
		values["auth_username"] = email.Username
		values["auth_password_file"] = email.Password.file()
	}
	return values
}

func (sms *SMS) integration() map[string]any {
	values := map[string]any{"send_resolved": true, "url_file": sms.URL.file()}
	if sms.Token.Secret != "" {
		values["http_config"] = map[string]any{
			"authorization": map[string]any{"type": "Bearer", "credentials_file": sms.Token.file()},
		}
	}
	return values
}
