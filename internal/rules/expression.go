package rules

import (
	"fmt"
	"strings"
)

// Labels that rules aggregate by.
const (
	byJob     = NamespaceLabel + ", " + JobLabel
	byVersion = byJob + ", " + VersionLabel
	byPod     = NamespaceLabel + ", " + PodLabel
)

// requestWindow of what is recorded about requests (runbook, "告警规则").
const requestWindow = "5m"

// series selects the stack's series of a metric: metric{namespace="…",matchers…}.
func (p Platform) series(metric string, matchers ...string) string {
	return metric + "{" + strings.Join(append([]string{fmt.Sprintf("%s=%q", NamespaceLabel, p.Namespace)}, matchers...), ",") + "}"
}

// served selects a metric that the services serve.
func (p Platform) served(metric string, matchers ...string) string {
	// A job is the name of a Service: it has no character that a regular expression takes for something else.
	return p.series(metric, append([]string{fmt.Sprintf("%s=~%q", JobLabel, strings.Join(p.Jobs, "|"))}, matchers...)...)
}

func sumRate(labels, selector, window string) string {
	return fmt.Sprintf("sum by (%s) (rate(%s[%s]))", labels, selector, window)
}

// ratio divides, and has no result where the divisor is 0.
func ratio(dividend, divisor string) string {
	return fmt.Sprintf("%s\n/\n(%s > 0)", dividend, divisor)
}
