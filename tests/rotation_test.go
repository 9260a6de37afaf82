package tests

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/stacks"
	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// rotations are what a generation changes, by the key of the config: the names of resources that are made, changed and gone.
// Pods roll where a Deployment is changed, or a Secret or ConfigMap without a name of its own; of the releases nothing is.
var rotations = map[string]struct{ made, changed, gone []string }{
	"jwt": {
		made:    []string{"secrets-jwt-g2", "secrets-jwt-g3-key"},
		changed: []string{"consent-service-stable", "secrets-jwt-keys"},
		gone:    []string{"secrets-jwt-g1"},
	},
	"database": {
		made: []string{"postgres-login-g2", "secrets-postgres-federated-risk-b-g2-password"},
		changed: []string{
			"consent-service-env", "model-serving-env", "secrets-postgres-federated-risk-b",
		},
		gone: []string{"postgres-login-g1", "secrets-postgres-federated-risk-b-g0-password"},
	},
	"redis": {
		made:    []string{"redis-login-g2", "secrets-redis-service-b-g2-password"},
		changed: []string{"consent-service-env", "model-serving-env", "psi-service-env", "secrets-redis"},
		gone:    []string{"redis-login-g1", "secrets-redis-service-b-g0-password"},
	},
	"encryption": {
		made:    []string{"consent-service-reencryption-g2", "secrets-encryption-g3-key"},
		changed: []string{"consent-service-env"},
	},
	"tls": {
		made: []string{
			"secrets-ca-g3-certificate", "secrets-ca-g3-key",
			"secrets-tls-g2-certificate", "secrets-tls-g2-key", "secrets-tls-g2-request",
		},
		changed: []string{"secrets-public-tls", "secrets-tls"},
		gone:    []string{"secrets-tls-g1-certificate", "secrets-tls-g1-key", "secrets-tls-g1-request"},
	},
}

func TestARotationChangesWhatItSays(t *testing.T) {
	for key, want := range rotations {
		t.Run(key, func(t *testing.T) {
			before := deployFile(t, "prod", false)
			after := deploy(t, stacktest.Load(t, "prod").Set(t, "rotation."+key, "2"), false)
			assert.ElementsMatch(t, want.made, added(before, after))
			assert.ElementsMatch(t, want.gone, added(after, before))
			assert.ElementsMatch(t, append(slices.Clone(want.changed), "rotation"), changed(t, before, after))
		})
	}
}

// TestLoginsMoveOverOnlyOnceTheyWork: what holds a login's URL waits for the Job that has tried it, and the Job for the
// password.
func TestLoginsMoveOverOnlyOnceTheyWork(t *testing.T) {
	run := deploy(t, stacktest.Load(t, "prod").Set(t, "rotation.database", "2").Set(t, "rotation.redis", "2"), false)
	for service, jobs := range map[string][]string{
		"consent-service": {"postgres-login-g2", "redis-login-g2"}, "model-serving": {"postgres-login-g2", "redis-login-g2"},
		"psi-service": {"redis-login-g2"},
	} {
		assert.Subset(t, dependencies(run, run.Find(t, "Secret", service+"-env")), jobs, service)
	}
	assert.Subset(t, dependencies(run, run.Find(t, "Job", "postgres-login-g2")), []string{"postgres-cluster", "secrets-postgres-federated-risk-b"})
	assert.Subset(t, dependencies(run, run.Find(t, "Job", "redis-login-g2")), []string{"redis", "secrets-redis"})
	environment := environment(t, run.Find(t, "Job", "redis-login-g2"))
	assert.Equal(t, "redis-0.redis-headless.federated-risk.svc.cluster.local redis-1.redis-headless.federated-risk.svc.cluster.local "+
		"redis-2.redis-headless.federated-risk.svc.cluster.local", environment["HOSTS"], "every server")
}

// TestNothingComesBeforeTheRecord: a step back must fail before anything has changed.
func TestNothingComesBeforeTheRecord(t *testing.T) {
	everywhere(t, func(t *testing.T, stack string, complete *stacktest.Run) {
		run := stacktest.Execute(t, stacks.Deploy, stacktest.Options{
			Config: stacktest.Load(t, stack), Preview: complete.Preview,
			Fail: func(r *stacktest.Resource) error {
				if r.Name == "rotation" {
					return errors.New("generations only grow")
				}
				return nil
			},
		})
		require.ErrorContains(t, run.Err, "generations only grow")
		for _, r := range run.Resources {
			assert.True(t, r.IsProvider() || r.Name == "rotation", "%s %s", r.Type, r.Name)
		}
	})
}
