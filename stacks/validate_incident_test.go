package stacks_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/stacks"
)

func TestValidateIncident(t *testing.T) {
	const unknown = "is no mode: use service-outage, data-breach, performance or security, several with commas between"
	checkRules(t, []rule{
		{"none", tree{"incident": tree{}}, nil},
		{"one", tree{"incident": tree{"mode": "security", "severity": "warning"}}, nil},
		{"several", tree{"incident": tree{"mode": "performance, service-outage,security"}}, nil},
		{"a breach", tree{"incident": tree{"mode": "data-breach", "stage": "stop"}}, nil},
		{"unknown", tree{"incident": tree{"mode": "outage,performance", "severity": "high", "stage": "halt"}}, []string{
			`incident.mode: "outage": ` + unknown,
			`incident.severity: "high": must be one of critical, warning`,
			`incident.stage: "halt": must be one of isolate, stop`,
		}},
		{"nothing between commas", tree{"incident": tree{"mode": "security,"}}, []string{`incident.mode: "": ` + unknown}},
		{"twice", tree{"incident": tree{"mode": "security,security"}}, []string{`incident.mode: "security,security": has security twice`}},
		{"a breach and more", tree{"incident": tree{"mode": "data-breach,security"}}, []string{
			`incident.mode: "data-breach,security": must have data-breach alone: the other modes roll pods, which are evidence now, ` +
				"and which could not start with every connection cut",
		}},
		{"a stage of nothing", tree{"incident": tree{"mode": "performance", "stage": "stop"}}, []string{
			`incident.stage: "stop": is for the mode data-breach alone`,
		}},
		{"a service without a standby", tree{"incident": tree{"mode": "service-outage", "service": "frontend"}}, []string{
			`incident.service: "frontend": must be a service that can have a standby`,
		}},
		{"more pods than there is room for", tree{
			"incident": tree{"mode": "performance"}, "policy.quota": tree{"enabled": true, "pods": 20},
			"services.model-serving.autoscaling.horizontal.enabled": false,
		}, []string{
			`incident.mode: "performance": leads to a config that is refused: federated-risk:policy.quota.pods: 20: is less than the 26 that the config asks for at most: raise it, or ask for less`,
		}},
	})
}

func TestModesAreInOneOrder(t *testing.T) {
	assert.Empty(t, stacks.Incident{}.Modes())
	want := []stacks.IncidentMode{stacks.Performance, stacks.Security, stacks.ServiceOutage}
	for _, text := range []string{"performance,security,service-outage", " service-outage , security,performance"} {
		assert.Equal(t, want, stacks.Incident{Mode: text}.Modes())
	}
	config, err := stacks.Parse(leastSource(t, tree{"incident": tree{"mode": "security"}}))
	require.NoError(t, err)
	assert.Equal(t, 1, config.Rotation.JWT, "what is loaded is the config, and not what the incident makes of it")
}
