// Package alertmanager has Alertmanager's configuration: who hears of an alert, when, and what is not said because
// another alert says it. It knows nothing of who loads it: components/monitoring gives it to the chart.
package alertmanager

import (
	"slices"

	"github.com/federated-risk/federated-risk/internal/rules"
)

// secretsDir is where the Prometheus operator mounts the Secrets of alertmanagerSpec.secrets, each in a folder of its name.
const secretsDir = "/etc/alertmanager/secrets"

// Config says where alerts go. What is nil is not notified; where all are, alerts are seen in Alertmanager and nowhere else.
type Config struct {
	Slack *Slack
	Email *Email
	SMS   *SMS
}

// Severities are those that somebody can hear of, the gravest first.
func Severities() []rules.Severity { return []rules.Severity{rules.Critical, rules.Warning} }

// Credential is an entry of a Secret in Alertmanager's namespace. Alertmanager reads it from a file each time it needs it,
// so that it is neither in the state nor in the chart's values, and a change of it needs no restart.
type Credential struct {
	// Secret is the name of the Secret, which is made by hand.
	Secret string
	// Key of the entry in the Secret's data; white space around its value is ignored.
	Key string
}

// Slack is a channel of a Slack workspace.
type Slack struct {
	// URL of an incoming webhook. Who knows it can post.
	URL Credential
	// Channel is a #channel, an @user or an ID, for a webhook that may choose; empty for the webhook's own.
	Channel string
	// Severities that it hears of, at least one of Severities().
	Severities []rules.Severity
}

// Email is sent through an SMTP server, over TLS only: from the start on port 465, by STARTTLS on any other.
type Email struct {
	// To has the addresses of the recipients, at least one: oncall@example.com, or On call <oncall@example.com>.
	To []string
	// From is the address of the sender.
	From string
	// Server is host:port of the SMTP server. Its certificate must be for the host, from an authority that Alertmanager's
	// image knows.
	Server string
	// Username at the server; empty for a server that asks for none, which then must have no Password.
	Username string
	// Password of Username.
	Password Credential
	// Severities that it hears of, at least one of Severities().
	Severities []rules.Severity
}

// SMS is a gateway that takes Alertmanager's webhook (JSON, version 4) by POST and sends text messages.
type SMS struct {
	// URL of the gateway; recipients that it takes as parameters are part of it.
	URL Credential
	// Token is sent as a bearer token. Without a Secret none is sent, for a gateway whose URL is secret enough.
	Token Credential
	// Severities that it hears of, at least one of Severities().
	Severities []rules.Severity
}

// SecretNames returns the Secrets that the configuration reads files of, sorted, for alertmanagerSpec.secrets.
func (c Config) SecretNames() []string {
	var names []string
	for _, credential := range c.credentials() {
		if credential.Secret != "" {
			names = append(names, credential.Secret)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (c Config) credentials() []Credential {
	var all []Credential
	if c.Slack != nil {
		all = append(all, c.Slack.URL)
	}
	if c.Email != nil {
		all = append(all, c.Email.Password)
	}
	if c.SMS != nil {
		all = append(all, c.SMS.URL, c.SMS.Token)
	}
	return all
}

func (c Credential) file() string { return secretsDir + "/" + c.Secret + "/" + c.Key }

// Values returns Alertmanager's configuration as Helm values (maps, lists, strings, bools), without any secret in it. Call
// Check before. Helm merges maps with the chart's own and replaces lists: what the chart sets, this sets too, so that no
// route of the chart's is left.
func (c Config) Values() map[string]any {
	return map[string]any{
		"global":        map[string]any{"resolve_timeout": "5m"},
		"route":         c.route(),
		"receivers":     c.receivers(),
		"inhibit_rules": inhibitRules(),
		"templates":     []any{},
	}
}

// route sends an alert to the receiver of its severity. Alerts without a severity that is known, by mistake or from
// somebody else's rules, are warnings: a slip must not silence an alert. Two kinds wake nobody: severity none, which
// always fires, and info, which the rules of kube-prometheus-stack use for what is of interest beside another alert.
func (c Config) route() map[string]any {
	root := pace{wait: "30s", interval: "5m", repeat: "4h"}.values()
	root["receiver"] = c.receiverOf(rules.Warning)
	root["group_by"] = list([]string{rules.NamespaceLabel, alertName, rules.JobLabel})
	critical := pace{wait: "10s", interval: "1m", repeat: "30m"}.values()
	critical["receiver"] = c.receiverOf(rules.Critical)
	critical["matchers"] = []any{equals(rules.SeverityLabel, string(rules.Critical))}
	silent := map[string]any{
		"receiver": string(rules.None),
		"matchers": []any{matches(rules.SeverityLabel, string(rules.None), "info")},
	}
	root["routes"] = []any{critical, silent}
	return root
}

// pace says how soon, and how often, a group of alerts is told of.
//
// A warning waits for two evaluations of 15 s, so that pods which fail together make one message; what joins the group
// later waits 5 minutes, and a warning that stays is repeated twice in a working day. A critical alert waits just long
// enough for what fires in the same evaluation, is told of anew within a minute when it grows or ends, and is repeated
// every half hour: by then the runbook gives up waiting for a recovery.
type pace struct {
	// wait before a new group's first message; interval before the next one when the group has changed; repeat while it
	// has not.
	wait, interval, repeat string
}

func (p pace) values() map[string]any {
	return map[string]any{"group_wait": p.wait, "group_interval": p.interval, "repeat_interval": p.repeat}
}
