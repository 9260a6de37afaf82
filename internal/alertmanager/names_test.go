package alertmanager_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/internal/alertmanager"
	"github.com/federated-risk/federated-risk/internal/rules"
)

// TestInhibitionsNameAlerts: a name that no alert has silences nothing, without a word.
func TestInhibitionsNameAlerts(t *testing.T) {
	platform := rules.Platform{
		Namespace: "federated-risk", RunbookURL: "https://docs.example.com/monitoring", Jobs: []string{"consent-service"},
		ObjectivePercent: 99.9, Nodes: true,
	}
	var alerts []string
	for _, group := range platform.Groups() {
		for _, rule := range group.Rules {
			if rule.Alert != "" {
				alerts = append(alerts, rule.Alert)
			}
		}
	}
	// The one of kube-prometheus-stack's own that comes beside one of ours.
	alerts = append(alerts, "TargetDown")
	for _, inhibition := range alertmanager.Inhibitions() {
		for _, source := range inhibition.Sources {
			assert.Contains(t, alerts, source)
		}
		for _, target := range inhibition.Targets {
			whole := regexp.MustCompile("^(?:" + target + ")$")
			assert.True(t, slices.ContainsFunc(alerts, whole.MatchString), "no alert is named %s", target)
		}
	}
}
