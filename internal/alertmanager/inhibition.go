package alertmanager

import (
	"strings"

	"github.com/federated-risk/federated-risk/internal/rules"
)

const alertName = "alertname"

// Inhibition silences alerts while another one fires that explains them.
type Inhibition struct {
	// Source is the name of the alert that explains.
	Source string
	// Targets are the names of those explained, or regular expressions for the whole of a name: a family of alerts is named
	// by its beginning, so that one more needs no change here.
	Targets []string
	// Equal are the labels whose values Source and target must share.
	Equal []string
}

// Inhibitions returns what explains what. A service that is down has no latency to speak of, and the last five minutes
// of its rates are about the time before and during its fall; the same goes for a store and what is asked of it.
func Inhibitions() []Inhibition {
	return []Inhibition{
		{
			Source: "ServiceDown",
			Targets: []string{
				"HighLatency", "HighErrorRate", "PSIPerformanceDegraded", "ModelInferenceSlowdown", "ErrorBudgetBurn.*", "Canary.*",
			},
			Equal: []string{rules.NamespaceLabel, rules.JobLabel},
		},
		// The stores' alerts have the job of their exporter, or none: a namespace has one store of a kind.
		{Source: "PostgresDown", Targets: []string{"Postgres.+", "Database.+"}, Equal: []string{rules.NamespaceLabel}},
		{Source: "RedisDown", Targets: []string{"Redis.+", "Cache.+"}, Equal: []string{rules.NamespaceLabel}},
	}
}

// identity are the labels that tell alerts of one name apart: two certificates, two nodes, two file systems. A label that
// neither alert has counts as equal.
var identity = []any{
	alertName, rules.NamespaceLabel, rules.JobLabel, rules.VersionLabel, rules.PodLabel, "instance", "name",
	"device", "mountpoint", "horizontalpodautoscaler",
}

func inhibitRules() []any {
	inhibited := []any{map[string]any{
		// The same thing at two thresholds: who is called for the higher one needs no message of the lower one.
		"source_matchers": []any{equals(rules.SeverityLabel, string(rules.Critical))},
		"target_matchers": []any{equals(rules.SeverityLabel, string(rules.Warning))},
		"equal":           identity,
	}}
	for _, inhibition := range Inhibitions() {
		equal := make([]any, len(inhibition.Equal))
		for i, label := range inhibition.Equal {
			equal[i] = label
		}
		inhibited = append(inhibited, map[string]any{
			"source_matchers": []any{equals(alertName, inhibition.Source)},
			"target_matchers": []any{
				matches(alertName, inhibition.Targets...),
				alertName + `!="` + inhibition.Source + `"`,
			},
			"equal": equal,
		})
	}
	return inhibited
}

// equals is a matcher for the label's value.
func equals(label, value string) string { return label + `="` + value + `"` }

// matches is a matcher for any of the expressions, each for the whole of the label's value.
func matches(label string, expressions ...string) string {
	return label + `=~"` + strings.Join(expressions, "|") + `"`
}
