package alerting_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/toolchain"
)

// serviceDown and highLatency have the annotations that the program's alerts have. The texts have characters in them that
// mean something to Slack.
func serviceDown() alert {
	a := named("ServiceDown", "critical", "namespace", "federated-risk", "job", "consent-service")
	a.Annotations = map[string]string{
		"summary":        "服务 consent-service 不可用",
		"summary_en":     "consent-service is down",
		"description":    "服务 consent-service 已经下线超过1分钟",
		"description_en": "up < 1 & no answer: <!channel>",
		"runbook_url":    "https://docs.example.com/monitoring#servicedown",
	}
	a.StartsAt = time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)
	return a
}

func highLatency() alert {
	a := named("HighLatency", "warning", "namespace", "federated-risk", "job", "psi-service")
	a.Annotations = map[string]string{"summary": "psi-service 延迟过高"}
	a.StartsAt = time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)
	return a
}

const (
	slackText = "*服务 consent-service 不可用*\nconsent-service is down\n服务 consent-service 已经下线超过1分钟\n" +
		"up &lt; 1 &amp; no answer: &lt;!channel&gt;\n发生时间 / since: 2026-11-02 03:04:05 UTC\n" +
		"处理手册 / runbook: https://docs.example.com/monitoring#servicedown\n\n"
	mailText = "服务 consent-service 不可用\r\nconsent-service is down\r\n服务 consent-service 已经下线超过1分钟\r\n" +
		"up < 1 & no answer: <!channel>\r\n发生时间 / since: 2026-11-02 03:04:05 UTC\r\n" +
		"处理手册 / runbook: https://docs.example.com/monitoring#servicedown\r\n\r\n"
	resolved = "[已恢复 / resolved] "
)

// TestNotificationsArrive is one story: an alert of each severity, and the end of the first.
func TestNotificationsArrive(t *testing.T) {
	p := start(t, tools(t, toolchain.Alertmanager), complete)

	p.post(t, named("Watchdog", "none"))
	p.post(t, serviceDown())
	wait(t, "a critical alert arrives in Slack", func(c *assert.CollectT) {
		requireSlack(c, p, "🚨 应急事件通知", "danger", slackText)
	})
	wait(t, "by mail", func(c *assert.CollectT) {
		requireMail(c, p, "[紧急] ServiceDown consent-service (federated-risk)", mailText)
	})
	wait(t, "and by SMS", func(c *assert.CollectT) { requireSMS(c, p, "firing") })

	p.post(t, highLatency())
	wait(t, "a warning arrives in Slack", func(c *assert.CollectT) {
		messages := p.slack.find(func(m slackMessage) bool { return m.Attachments[0].Color == "warning" })
		require.Len(c, messages, 1)
		assert.Equal(c, "⚠️ 告警通知", messages[0].Attachments[0].Pretext)
		assert.Equal(c, "*psi-service 延迟过高*\n发生时间 / since: 2026-11-02 03:04:05 UTC\n\n", messages[0].Attachments[0].Text,
			"annotations that it does not have leave nothing")
	})
	wait(t, "and by mail", func(c *assert.CollectT) {
		requireMail(c, p, "[警告] HighLatency psi-service (federated-risk)", "psi-service 延迟过高\r\n发生时间 / since: 2026-11-02 03:04:05 UTC\r\n\r\n")
	})

	over := serviceDown()
	over.EndsAt = time.Now()
	p.post(t, over)
	wait(t, "the end of the critical alert arrives in Slack", func(c *assert.CollectT) {
		requireSlack(c, p, "✅ 恢复通知", "good", resolved+slackText)
	})
	wait(t, "by mail", func(c *assert.CollectT) {
		requireMail(c, p, "[恢复] ServiceDown consent-service (federated-risk)", resolved+mailText)
	})
	wait(t, "and by SMS", func(c *assert.CollectT) { requireSMS(c, p, "resolved") })

	assert.Len(t, p.slack.find(func(slackMessage) bool { return true }), 3, "nothing twice, and nothing of the Watchdog")
	assert.Len(t, p.mail.find(func(letter) bool { return true }), 3)
	assert.Len(t, p.sms.find(func(webhookMessage) bool { return true }), 2, "and no warning by SMS")
	wait(t, "the Watchdog is there all the same", func(c *assert.CollectT) {
		var receivers []string
		for _, alert := range p.alerts(c) {
			if alert.Labels["alertname"] == "Watchdog" {
				receivers = append(receivers, alert.Receivers[0].Name)
			}
		}
		assert.Equal(c, []string{"none"}, receivers)
	})
}

func requireSlack(c *assert.CollectT, p *platform, pretext, color, text string) {
	messages := p.slack.find(func(m slackMessage) bool { return m.Attachments[0].Color == color })
	require.Len(c, messages, 1)
	assert.Equal(c, "#risk-alerts", messages[0].Channel)
	attachment := messages[0].Attachments[0]
	assert.Equal(c, pretext, attachment.Pretext)
	assert.Equal(c, "ServiceDown consent-service (federated-risk)", attachment.Title)
	assert.Equal(c, attachment.Title, attachment.Fallback)
	assert.Equal(c, "https://docs.example.com/monitoring#servicedown", attachment.TitleLink)
	assert.Equal(c, text, attachment.Text)
}

func requireMail(c *assert.CollectT, p *platform, subject, text string) {
	letters := p.mail.find(func(l letter) bool { return l.subject == subject })
	require.Len(c, letters, 1)
	assert.Equal(c, "alertmanager@example.com", letters[0].sender)
	assert.Equal(c, []string{"oncall@example.com", "risk@example.com"}, letters[0].recipients)
	assert.Equal(c, "alertmanager@example.com", letters[0].header.Get("From"))
	assert.Equal(c, text, letters[0].text)
}

func requireSMS(c *assert.CollectT, p *platform, status string) {
	messages := p.sms.find(func(m webhookMessage) bool { return m.Status == status })
	require.Len(c, messages, 1)
	assert.Equal(c, gatewayPath, messages[0].path)
	assert.Equal(c, "Bearer "+gatewayToken, messages[0].authorization)
	assert.Equal(c, "4", messages[0].Version)
	assert.Equal(c, "critical", messages[0].Receiver)
	require.Len(c, messages[0].Alerts, 1)
	assert.Equal(c, serviceDown().Labels, messages[0].Alerts[0].Labels)
	assert.Equal(c, serviceDown().Annotations, messages[0].Alerts[0].Annotations)
}

// TestNoCredentialIsShown: the status has the configuration in it, and who may see alerts may see the status. Alertmanager
// shows an inline credential as <secret>, so none of these either.
func TestNoCredentialIsShown(t *testing.T) {
	p := start(t, tools(t, toolchain.Alertmanager), complete)
	content, err := os.ReadFile(p.config)
	require.NoError(t, err)
	var status struct{ Config struct{ Original string } }
	require.NoError(t, json.Unmarshal([]byte(p.get(t, "/api/v2/status")), &status))
	for where, text := range map[string]string{"the configuration": string(content), "the status": status.Config.Original} {
		assert.Contains(t, text, "/alert-slack/url", "%s has the names of the files", where)
		for _, secret := range []string{"slack-secret", "gateway-secret", gatewayToken, mailPassword, "<secret>"} {
			assert.NotContains(t, text, secret, where)
		}
	}
}
