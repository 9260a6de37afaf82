package rules_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEveryAlertIsExplained: docs/monitoring.md is what runbook_url leads to.
func TestEveryAlertIsExplained(t *testing.T) {
	content, err := os.ReadFile("../../docs/monitoring.md")
	require.NoError(t, err)
	_, page, found := strings.Cut(string(content), "\n## The alerts\n")
	require.True(t, found)
	page, _, _ = strings.Cut(page, "\n## ")
	var headings []string
	for _, heading := range regexp.MustCompile(`(?m)^### (.+)$`).FindAllStringSubmatch(page, -1) {
		headings = append(headings, heading[1])
	}
	var names []string
	for _, rule := range all(platform()) {
		if rule.Alert != "" {
			names = append(names, rule.Alert)
		}
	}
	assert.ElementsMatch(t, names, headings, "the headings of \"The alerts\" are the alerts")
	for _, section := range strings.Split(page, "\n### ")[1:] {
		name, text, _ := strings.Cut(section, "\n")
		_, block, found := strings.Cut(text, "```console\n")
		assert.True(t, found, "%s: which command?", name)
		block, _, _ = strings.Cut(block, "```")
		for command := range strings.Lines(block) {
			assert.Regexp(t, `^(kubectl|pulumi (up|preview|config set)) `, command, name)
		}
	}
}
