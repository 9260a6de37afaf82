package stacks_test

import (
	"slices"
	"testing"
)

func TestValidateMonitoring(t *testing.T) {
	const (
		badRetention = "must be a number and h, d, w or y, such as 30d for thirty days"
		badPage      = "must be the https:// or http:// address of a page"
	)
	disk := func(retention, size string) tree {
		return tree{"monitoring.retention": retention, "monitoring.storage": tree{"size": size}}
	}
	tooLong := func(retention, size string) []string {
		return []string{`monitoring.retention: "` + retention + `": is longer than federated-risk:monitoring.storage.size holds, ` + size +
			": expect at least 256Mi a day, of which it uses 85 %"}
	}
	checkRules(t, slices.Concat(
		sameFault("monitoring.retention", "", "24h", "30d", "4w"),
		sameFault("monitoring.retention", badRetention, "", "30", "0d", "30D", "1.5d", "-1d", "30d12h", "100000d", "30 d"),
		sameFault("monitoring.runbookURL", "", "https://example.com/a/monitoring.md", "http://wiki/alerts?x=1"),
		sameFault("monitoring.runbookURL", badPage, "", "monitoring.md", "ftp://example.com/", "https://"),
		sameFault("monitoring.runbookURL", "must have no fragment: each alert adds its own", "https://example.com/a#b", "https://example.com/a#"),
		sameFault("monitoring.objectivePercent", "", "99.9", "95", "99.999"),
		sameFault("monitoring.objectivePercent", "must be a number of more than 93.1 and less than 100", "", "93.1", "100", "NaN", "99,9", "Inf", "1e9"),
		sameFault("monitoring.storage.size", "must be a Kubernetes quantity, such as 500Gi", "", "100 Gi", "1e3Gi"),
		[]rule{
			{"a password in the page's address", tree{"monitoring.runbookURL": "https://a:secret@example.com/"}, []string{
				"monitoring.runbookURL: must not contain a user or password: it is part of every alert",
			}},
			{"as long as the disk", disk("30d", "10Gi"), nil},
			{"longer than its disk", disk("30d", "8Gi"), tooLong("30d", "8Gi")},
			{"years", disk("2y", "100Gi"), tooLong("2y", "100Gi")},
			{"a Prometheus in place", tree{"monitoring.labels": tree{"release": "prometheus"}}, nil},
			{"bad label", tree{"monitoring.labels": tree{"a b": "c", "d": "e f"}}, []string{
				`monitoring.labels.d: "e f": must be the value of a label: at most 63 letters, digits, "-", "_" and "."`,
				`monitoring.labels["a b"]: is no key for a label: use letters, digits, "-", "_" and ".", at most 63, ` +
					"after a DNS name and a slash if it has a prefix",
			}},
			{"elsewhere", tree{"policy.monitoringNamespace": "watch"}, nil},
			{"not where the policies let Prometheus in", tree{"releases.kubePrometheusStack.namespace": "watch"}, []string{
				`releases.kubePrometheusStack.namespace: "watch": must equal federated-risk:policy.monitoringNamespace, ` +
					"which the policies let through to the metrics",
			}},
			{"in place", tree{
				"releases.kubePrometheusStack":    tree{"install": false, "namespace": "x"},
				"releases.prometheusOperatorCRDs": tree{"install": false},
			}, nil},
		},
	))
}

func TestValidateAlerting(t *testing.T) {
	const (
		unset       = "is not set: name the Secret with the receiver's credentials, or remove federated-risk:monitoring.alerting."
		badSeverity = "must be one of critical, warning"
	)
	receiver := func(name string, settings tree) tree { return tree{"monitoring.alerting": tree{name: settings}} }
	mail := func(key string, value any) tree {
		settings := tree{
			"secretName": "mail", "username": "risk", "server": "smtp.example.com:587", "from": "risk@example.com",
			"to": []any{"oncall@example.com", "On call <b@example.com>"},
		}
		settings[key] = value
		return receiver("email", settings)
	}
	const at = "monitoring.alerting.email."
	checkRules(t, []rule{
		{"Slack", receiver("slack", tree{"secretName": "slack", "channel": "#risk"}), nil},
		{"Slack without a Secret", receiver("slack", tree{"channel": "#risk"}), []string{"monitoring.alerting.slack.secretName: " + unset + "slack"}},
		{"bad channel", receiver("slack", tree{"secretName": "slack", "channel": "risk desk"}), []string{
			`monitoring.alerting.slack.channel: "risk desk": must be a #channel, an @user or an ID`,
		}},
		{"bad Secret", receiver("slack", tree{"secretName": "Slack"}), []string{
			`monitoring.alerting.slack.secretName: "Slack": must be the name of a Secret: lower-case letters, digits, "-" and "."`,
		}},
		{"Slack for critical alerts alone", receiver("slack", tree{"secretName": "slack", "severities": []any{"critical"}}), nil},
		{"unknown severities", receiver("slack", tree{"secretName": "slack", "severities": []any{"critical", "urgent", "none"}}), []string{
			`monitoring.alerting.slack.severities[1]: "urgent": ` + badSeverity,
			`monitoring.alerting.slack.severities[2]: "none": ` + badSeverity,
		}},
		{"no severity", receiver("sms", tree{"secretName": "sms", "severities": []any{}}), []string{
			"monitoring.alerting.sms.severities: must have at least one severity: to notify nobody, remove the receiver's secretName",
		}},
		{"severities without a Secret", receiver("sms", tree{"severities": []any{"warning"}}), []string{
			"monitoring.alerting.sms.secretName: " + unset + "sms",
		}},
		{"critical alerts for nobody", tree{
			"monitoring.alerting.slack": tree{"secretName": "slack", "severities": []any{"warning"}},
			"monitoring.alerting.sms":   tree{"secretName": "sms", "severities": []any{"warning"}},
		}, []string{
			`monitoring.alerting: lets nobody hear of critical alerts: add "critical" to the severities of a receiver`,
		}},
		{"critical alerts for one", tree{
			"monitoring.alerting.slack": tree{"secretName": "slack", "severities": []any{"warning"}},
			"monitoring.alerting.sms":   tree{"secretName": "sms"},
		}, nil},
		{"SMS", receiver("sms", tree{"secretName": "sms", "token": true}), nil},
		{"SMS without a Secret", receiver("sms", tree{"token": true}), []string{"monitoring.alerting.sms.secretName: " + unset + "sms"}},
		{"e-mail", mail("username", "risk"), nil},
		{"e-mail without a Secret", receiver("email", tree{"to": []any{"a@example.com"}}), []string{at + "secretName: " + unset + "email"}},
		{"no user", mail("username", ""), []string{at + `username: "": must be the user whose password the Secret holds`}},
		{"no port", mail("server", "smtp.example.com"), []string{
			at + `server: "smtp.example.com": must be host:port of an SMTP server, such as smtp.example.com:587`,
		}},
		{"bad port", mail("server", "smtp.example.com:70000"), []string{
			at + `server: "smtp.example.com:70000": must be host:port of an SMTP server, such as smtp.example.com:587`,
		}},
		{"bad sender", mail("from", "risk"), []string{at + `from: "risk": must be an e-mail address, such as oncall@example.com`}},
		{"no recipient", mail("to", []any{}), []string{at + "to: must have at least one address"}},
		{"a template", mail("to", []any{"a@example.com", `"{{ .Status }}"@example.com`}), []string{
			at + `to[1]: "\"{{ .Status }}\"@example.com": must be an e-mail address, such as oncall@example.com`,
		}},
	})
}
