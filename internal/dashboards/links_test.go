package dashboards_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/internal/rules"
)

// TestLinksLeadToAlerts: a panel with a limit is named after the alert that fires there.
func TestLinksLeadToAlerts(t *testing.T) {
	alerts := map[string]bool{}
	platform := rules.Platform{Namespace: "federated-risk", RunbookURL: "https://docs.example.com/monitoring", Jobs: []string{"consent-service"}}
	for _, group := range platform.Groups() {
		for _, rule := range group.Rules {
			alerts[rule.Alert] = true
		}
	}
	linked := 0
	for _, d := range full().All() {
		for _, panel := range parse(t, d).panels() {
			for _, link := range panel.Links {
				assert.True(t, alerts[link.Title], "%s: %s leads to %s, which is no alert", d.Name, panel.Title, link.Title)
				linked++
			}
		}
	}
	assert.Positive(t, linked)
}
