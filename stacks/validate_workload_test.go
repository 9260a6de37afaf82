package stacks_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/stacks"
)

func TestValidateImagePullSecrets(t *testing.T) {
	const badName = `must be the name of a Secret: lower-case letters, digits, "-" and "."`
	checkRules(t, []rule{
		{"none", tree{"images.pullSecrets": []any{}}, nil},
		{"two", tree{"images.pullSecrets": []any{"registry", "mirror.login"}}, nil},
		{"a bad name", tree{"images.pullSecrets": []any{"registry", "Mirror"}}, []string{
			`images.pullSecrets[1]: "Mirror": ` + badName,
		}},
		{"an empty name", tree{"images.pullSecrets": []any{""}}, []string{`images.pullSecrets[0]: "": ` + badName}},
		{"twice", tree{"images.pullSecrets": []any{"a", "b", "a"}}, []string{
			`images.pullSecrets[2]: "a": must not be there twice`,
		}},
		{"no list", tree{"images": tree{"pullSecrets": "registry"}}, []string{
			`images.pullSecrets: "registry": must be a list`,
		}},
	})
}

func TestValidateStandby(t *testing.T) {
	const model = "services.model-serving.standby"
	none := func(service string) []string {
		return []string{"services." + service + ".standby: must not be set: " + service + " has no standby"}
	}
	checkRules(t, []rule{
		{"fewest", tree{model: tree{"enabled": true, "replicas": 1}}, nil},
		{"most", tree{model: tree{"enabled": true, "replicas": 100}}, nil},
		{"none", tree{model + ".replicas": 0}, []string{model + ".replicas: 0: must be 1 to 100"}},
		{"too many", tree{model + ".replicas": 101}, []string{model + ".replicas: 101: must be 1 to 100"}},
		{"on consent-service", tree{"services.consent-service.standby.enabled": true}, none("consent-service")},
		{"on psi-service", tree{"services.psi-service.standby.replicas": 2}, none("psi-service")},
		{"on frontend", tree{"services.frontend.standby.image": "x"}, none("frontend")},
		{"not on frontend", tree{"services.frontend.standby.enabled": false}, nil},
	})
}

func TestValidateReencryption(t *testing.T) {
	const timeout = "services.consent-service.reencryption.timeoutSeconds"
	none := func(service string) []string {
		return []string{"services." + service + ".reencryption: must not be set: " + service + " does not encrypt what it stores"}
	}
	checkRules(t, []rule{
		{"shortest", tree{timeout: 60}, nil},
		{"longest", tree{timeout: 604800}, nil},
		{"too short", tree{timeout: 59}, []string{timeout + ": 59: must be 60 to 604800"}},
		{"too long", tree{timeout: 604801}, []string{timeout + ": 604801: must be 60 to 604800"}},
		{"on psi-service", tree{"services.psi-service.reencryption.timeoutSeconds": 60}, none("psi-service")},
		{"on model-serving", tree{"services.model-serving.reencryption.image": "example.com/m:1"}, none("model-serving")},
	})
}

func TestValidateScratch(t *testing.T) {
	const (
		psi     = "services.psi-service.scratch"
		invalid = "must be a Kubernetes quantity, such as 500Mi"
	)
	checkRules(t, []rule{
		{"sizes", tree{psi: tree{"tmp": "1Gi", "logs": "1Mi"}}, nil},
		{"no size", tree{psi: tree{"tmp": "", "logs": ""}}, []string{
			psi + `.logs: "": ` + invalid, psi + `.tmp: "": ` + invalid,
		}},
		{"no unit", tree{psi: tree{"tmp": "256", "logs": "512"}}, []string{
			psi + `.logs: "512": must be at least 1Mi: a unit such as Mi may be missing`,
			psi + `.tmp: "256": must be at least 1Mi: a unit such as Mi may be missing`,
		}},
		{"logs of a service without", tree{"services.frontend.scratch.logs": "1Gi"}, []string{
			`services.frontend.scratch.logs: "1Gi": must not be set: frontend writes no log files`,
		}},
	})
}

func TestDefaultsAroundTheVersions(t *testing.T) {
	for profile, standby := range map[string]bool{"minimum": false, "recommended": false, "production": true} {
		cfg := parse(t, tree{"profile": profile})
		assert.Empty(t, cfg.Images.PullSecrets)
		for name, service := range cfg.Services {
			wantStandby, wantReencryption := stacks.Standby{}, stacks.Reencryption{}
			wantScratch := stacks.Scratch{Tmp: "256Mi", Logs: "512Mi"}
			switch name {
			case "model-serving":
				wantStandby = stacks.Standby{Enabled: standby, Replicas: 1}
			case "consent-service":
				wantReencryption.TimeoutSeconds = 21600
			case "frontend":
				wantScratch.Logs = ""
			}
			assert.Equal(t, wantStandby, service.Standby, "%s in %s", name, profile)
			assert.Equal(t, wantReencryption, service.Reencryption, "%s in %s", name, profile)
			assert.Equal(t, wantScratch, service.Scratch, "%s in %s", name, profile)
		}
	}
	cfg := parse(t, tree{"profile": "production", "services.model-serving.standby.enabled": false})
	assert.Equal(t, stacks.Standby{Replicas: 1}, cfg.Services["model-serving"].Standby)
}
