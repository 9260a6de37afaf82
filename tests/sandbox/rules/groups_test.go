// Package rules_test has Prometheus's own tools judge the rules that the program declares.
package rules_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/rendertest"
)

// group and rule are those of Prometheus's rule files and of a PrometheusRule.
type group struct {
	Name     string `json:"name"`
	Interval string `json:"interval,omitempty"`
	Rules    []rule `json:"rules"`
}

type rule struct {
	Record      string            `json:"record,omitempty"`
	Alert       string            `json:"alert,omitempty"`
	Expr        string            `json:"expr"`
	For         string            `json:"for,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// ruleGroups returns the groups of every PrometheusRule of a stack whose public certificate cert-manager renews.
func ruleGroups(t *testing.T) []group {
	t.Helper()
	var groups []group
	for _, object := range rendertest.Objects(t, "prod", "tls.mode=certManager", "tls.issuer.name=public") {
		if object.GetKind() != "PrometheusRule" {
			continue
		}
		content, err := object.MarshalJSON()
		require.NoError(t, err)
		var declared struct {
			Spec struct {
				Groups []group `json:"groups"`
			} `json:"spec"`
		}
		require.NoError(t, json.Unmarshal(content, &declared))
		groups = append(groups, declared.Spec.Groups...)
	}
	require.NotEmpty(t, groups, "no PrometheusRule is rendered")
	return groups
}

// alerts and records are the rules of either kind, in order.
func alerts(groups []group) []rule {
	return pick(groups, func(r rule) bool { return r.Alert != "" })
}

func records(groups []group) []rule {
	return pick(groups, func(r rule) bool { return r.Record != "" })
}

func pick(groups []group, match func(rule) bool) []rule {
	var picked []rule
	for _, group := range groups {
		for _, rule := range group.Rules {
			if match(rule) {
				picked = append(picked, rule)
			}
		}
	}
	return picked
}

// identity is what a stack chooses and the test files cannot know: the Watchdog has both.
type identity struct{ namespace, runbook string }

func identify(t *testing.T, groups []group) identity {
	t.Helper()
	for _, alert := range alerts(groups) {
		if alert.Alert == watchdog {
			runbook, _, found := strings.Cut(alert.Annotations["runbook_url"], "#")
			require.True(t, found, "no anchor in %q", alert.Annotations["runbook_url"])
			require.NotEmpty(t, alert.Labels["namespace"])
			return identity{alert.Labels["namespace"], runbook}
		}
	}
	require.Fail(t, "there is no "+watchdog)
	return identity{}
}
