package alertmanager

import (
	"strings"

	"github.com/federated-risk/federated-risk/internal/rules"
)

const alertName = "alertname"

// targetDown is an alert of kube-prometheus-stack: a tenth of the pods of a job have not answered for ten minutes.
const targetDown = "TargetDown"

// Inhibition silences alerts while another one fires that explains them.
type Inhibition struct {
	// Sources are the names of the alerts that explain.
	Sources []string
	// Targets are the names of those explained, or regular expressions for the whole of a name: a family of alerts is named
	// by its beginning, so that one more needs no change here. A source is never a target of its own.
	Targets []string
	// Equal are the labels whose values a source and a target must share; one that neither has counts as shared.
	Equal []string
}

// Inhibitions returns what explains what, by the names of the program's alerts (internal/rules).
func Inhibitions() []Inhibition {
	ofService := []string{rules.NamespaceLabel, rules.JobLabel}
	return []Inhibition{
		// A service that is down has no latency to speak of, and its rates and budgets are still about its fall.
		{
			Sources: []string{"ServiceDown", "ServiceAbsent"},
			Targets: []string{
				"HighLatency", "HighErrorRate", "PSIPerformanceDegraded", "ModelInferenceSlowdown", "ErrorBudgetBurn.*", targetDown,
			},
			Equal: ofService,
		},
		// What is said of a canary is explained by its own pods alone.
		{Sources: []string{"ServiceDown"}, Targets: []string{"Canary.*"}, Equal: append(ofService, rules.VersionLabel)},
		// A store and what is asked of it. Its alerts have the job of an exporter, or none: a namespace has one store of a kind.
		{Sources: []string{"PostgresDown"}, Targets: []string{"Postgres.+", "Database.+"}, Equal: []string{rules.NamespaceLabel}},
		{Sources: []string{"RedisDown"}, Targets: []string{"Redis.+", "Cache.+"}, Equal: []string{rules.NamespaceLabel}},
		// The same at a higher threshold, under another name.
		{
			Sources: []string{"ErrorBudgetBurnFast"}, Targets: []string{"ErrorBudgetBurnMedium", "ErrorBudgetBurnSlow"}, Equal: ofService,
		},
		{Sources: []string{"ErrorBudgetBurnMedium"}, Targets: []string{"ErrorBudgetBurnSlow"}, Equal: ofService},
		{
			Sources: []string{"VolumeSpaceExhausted"}, Targets: []string{"VolumeSpaceLow"},
			Equal: []string{rules.NamespaceLabel, rules.VolumeLabel},
		},
		{
			Sources: []string{"CertificateExpiryImminent"}, Targets: []string{"CertificateExpiringSoon"},
			Equal: []string{rules.NamespaceLabel, rules.CertificateLabel, rules.SourceLabel},
		},
	}
}

// identity are the labels that tell alerts of one name apart: two certificates, two nodes, two file systems.
var identity = []string{
	alertName, rules.NamespaceLabel, rules.JobLabel, rules.VersionLabel, rules.PodLabel, "instance", "device", "mountpoint",
	rules.CertificateLabel, rules.SourceLabel, rules.VolumeLabel, "horizontalpodautoscaler",
}

func inhibitRules() []any {
	inhibited := []any{map[string]any{
		// The same at a higher threshold, under the same name: who is called for it needs no message of the lower one.
		"source_matchers": []any{equals(rules.SeverityLabel, string(rules.Critical))},
		"target_matchers": []any{equals(rules.SeverityLabel, string(rules.Warning))},
		"equal":           list(identity),
	}}
	for _, inhibition := range Inhibitions() {
		targets := []any{matches(alertName, inhibition.Targets...)}
		for _, source := range inhibition.Sources {
			targets = append(targets, alertName+`!="`+source+`"`)
		}
		inhibited = append(inhibited, map[string]any{
			"source_matchers": []any{matches(alertName, inhibition.Sources...)},
			"target_matchers": targets,
			"equal":           list(inhibition.Equal),
		})
	}
	return inhibited
}

func list(names []string) []any {
	values := make([]any, len(names))
	for i, name := range names {
		values[i] = name
	}
	return values
}

// equals is a matcher for the label's value.
func equals(label, value string) string { return label + `="` + value + `"` }

// matches is a matcher for any of the expressions, each for the whole of the label's value.
func matches(label string, expressions ...string) string {
	return label + `=~"` + strings.Join(expressions, "|") + `"`
}
