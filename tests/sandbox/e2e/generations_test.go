package e2e

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/e2e/platformtest"
)

const (
	rotationPath = "federated-risk:rotation."
	rotationStep = "update federated-risk:rotation:Rotation rotation"

	secretType     = "kubernetes:core/v1:Secret "
	deploymentType = "kubernetes:apps/v1:Deployment "
	jobType        = "kubernetes:batch/v1:Job "
	passwordType   = "random:index/randomPassword:RandomPassword "
	keyType        = "tls:index/privateKey:PrivateKey "
)

// rotations are the secrets that rotate, by their key in the config. Changes are the steps of the engine that make generation
// n, 2 or more, out of the one before; half is the one of them at whose start the engine is killed.
var rotations = []struct {
	key     string
	changes func(n int) []string
	half    string
}{
	{"jwt", jwtChanges, "update " + deploymentType + "consent-service-stable"},
	{"database", databaseChanges, "create " + jobType + "postgres-login-g2"},
	{"redis", redisChanges, "update " + deploymentType + "psi-service-stable"},
	{"encryption", encryptionChanges, "update " + deploymentType + "consent-service-stable"},
	{"tls", tlsChanges, "create tls:index/locallySignedCert:LocallySignedCert secrets-tls-g2-certificate"},
}

func jwtChanges(n int) []string {
	changes := slices.Concat(
		[]string{
			fmt.Sprintf("create %ssecrets-jwt-g%d-key", keyType, n+1),
			fmt.Sprintf("create %ssecrets-jwt-g%d", secretType, n),
			fmt.Sprintf("delete %ssecrets-jwt-g%d", secretType, n-1),
		},
		replaced("kubernetes:core/v1:ConfigMap secrets-jwt-keys"),
		updated("consent-service-stable", "psi-service-stable", "model-serving-stable", "model-serving-canary"),
	)
	if n > 2 {
		changes = append(changes, fmt.Sprintf("delete %ssecrets-jwt-g%d-key", keyType, n-2))
	}
	return changes
}

// databaseRoles and redisUsers take turns: index n-1 modulo 2 is the login of generation n.
var (
	databaseRoles = []string{"secrets-postgres-federated-risk-a", "secrets-postgres-federated-risk-b"}
	redisUsers    = []string{"secrets-redis-service-a", "secrets-redis-service-b"}
)

func databaseChanges(n int) []string {
	role := databaseRoles[(n-1)%2]
	return slices.Concat(
		loginChanges("postgres-login", role, n), []string{"update " + secretType + role},
		replaced(secretType+"consent-service-env"), replaced(secretType+"model-serving-env"),
		updated("consent-service-stable", "model-serving-stable", "model-serving-canary"),
	)
}

func redisChanges(n int) []string {
	return slices.Concat(
		loginChanges("redis-login", redisUsers[(n-1)%2], n), []string{"update " + secretType + "secrets-redis"},
		replaced(secretType+"consent-service-env"), replaced(secretType+"model-serving-env"), replaced(secretType+"psi-service-env"),
		updated("consent-service-stable", "psi-service-stable", "model-serving-stable", "model-serving-canary"),
	)
}

// loginChanges: the login whose turn it is gets a new password, and a Job tries it.
func loginChanges(job, login string, n int) []string {
	return []string{
		fmt.Sprintf("create %s%s-g%d-password", passwordType, login, n), fmt.Sprintf("delete %s%s-g%d-password", passwordType, login, n-2),
		fmt.Sprintf("create %s%s-g%d", jobType, job, n), fmt.Sprintf("delete %s%s-g%d", jobType, job, n-1),
	}
}

func encryptionChanges(n int) []string {
	const job = jobType + "consent-service-reencryption-g"
	changes := slices.Concat(
		[]string{fmt.Sprintf("create %ssecrets-encryption-g%d-key", passwordType, n+1), fmt.Sprintf("create %s%d", job, n)},
		replaced(secretType+"consent-service-env"), updated("consent-service-stable"),
	)
	if n > 2 {
		changes = append(changes, fmt.Sprintf("delete %s%d", job, n-1))
	}
	return changes
}

func tlsChanges(n int) []string {
	authority := []string{keyType + "secrets-ca-g%d-key", "tls:index/selfSignedCert:SelfSignedCert secrets-ca-g%d-certificate"}
	server := []string{
		keyType + "secrets-tls-g%d-key", "tls:index/certRequest:CertRequest secrets-tls-g%d-request",
		"tls:index/locallySignedCert:LocallySignedCert secrets-tls-g%d-certificate",
	}
	changes := slices.Concat(replaced(secretType+"secrets-tls"),
		[]string{
			"update " + secretType + "secrets-public-tls",
			"update kubernetes:monitoring.coreos.com/v1:PrometheusRule monitoring-certificate-rules",
		},
		updated("consent-service-stable", "psi-service-stable", "model-serving-stable", "model-serving-canary"))
	for _, resource := range server {
		changes = append(changes, fmt.Sprintf("create "+resource, n), fmt.Sprintf("delete "+resource, n-1))
	}
	for _, resource := range authority {
		changes = append(changes, fmt.Sprintf("create "+resource, n+1))
		if n > 2 {
			changes = append(changes, fmt.Sprintf("delete "+resource, n-2))
		}
	}
	return changes
}

// replaced are the steps for an object whose name changes with its content.
func replaced(resource string) []string {
	return []string{"create-replacement " + resource, "replace " + resource, "delete-replaced " + resource}
}

// updated are the steps for Deployments.
func updated(names ...string) []string {
	var steps []string
	for _, name := range names {
		steps = append(steps, "update "+deploymentType+name)
	}
	return steps
}

// generations takes every secret through three generations: to the second one secret by secret, each by an update that is
// killed half-way, to the third all at once in the middle of an incident. There is no way back: it begins with nothing, and is
// the last thing to be done with the platform.
func (s *suite) generations(t *testing.T) {
	s.up(t)
	search := s.secretValues(t)
	for _, rotation := range rotations {
		t.Run(rotation.key, func(t *testing.T) {
			s.set(t, rotationPath+rotation.key, "2")
			requireSteps(t, s.Preview(t.Context()), append(rotation.changes(2), rotationStep))
			s.kill(t, "up", started(rotation.half), "half-way")
			s.up(t)
			s.requireConverged(t)
			s.requireDeploymentsAvailable(t)
		})
	}
	search.add(s.secretValues(t))
	t.Run("refused", s.generationsRefused)
	t.Run("in an incident", s.generationsInAnIncident)
	t.Run("retired", s.generationRetired)
	search.add(s.secretValues(t))
	s.noneShows(t, search)
}

// generationsRefused: neither a step back nor a skipped generation changes anything, and a stack that is isolated rotates nothing.
func (s *suite) generationsRefused(t *testing.T) {
	config, err := os.ReadFile(s.StackFile())
	require.NoError(t, err)
	before, state := s.settled(t), s.stateResources(t)
	s.set(t, rotationPath+"jwt", "1")
	s.set(t, rotationPath+"database", "4")
	for _, result := range []platformtest.Result{s.Preview(t.Context()), s.Up(t.Context())} {
		require.Error(t, result.Err, result.Describe())
		assert.Contains(t, result.Output, "federated-risk:rotation.jwt: 1: must not be less than 2", result.Command)
		assert.Contains(t, result.Output, "federated-risk:rotation.database: 4: must be 3 at most", result.Command)
	}
	require.NoError(t, os.WriteFile(s.StackFile(), config, 0o600))
	s.set(t, incidentPath+"mode", "data-breach")
	s.set(t, rotationPath+"tls", "3")
	isolated := s.Preview(t.Context())
	require.Error(t, isolated.Err, isolated.Describe())
	assert.Contains(t, isolated.Output, "federated-risk:rotation.tls: 3: must stay 2: the stack is isolated")

	assert.Empty(t, before.Changes(s.settled(t)), "what was refused changed the cluster")
	assert.JSONEq(t, state, s.stateResources(t), "what was refused changed the state")
	require.NoError(t, os.WriteFile(s.StackFile(), config, 0o600))
}

// generationsInAnIncident: an incident does not keep a rotation from its end, nor a rotation the incident from its.
func (s *suite) generationsInAnIncident(t *testing.T) {
	s.set(t, incidentPath+"mode", "service-outage")
	s.up(t)
	var want []string
	for _, rotation := range rotations {
		s.set(t, rotationPath+rotation.key, "3")
		want = append(want, rotation.changes(3)...)
	}
	// The standby has the certificate, the keys and the logins of the service that it stands in for.
	want = append(want, rotationStep, "update "+deploymentType+"model-serving-backup")
	result := s.up(t)
	requireSteps(t, result, want)
	for _, deployment := range []string{"consent-service-stable", "model-serving-stable", "model-serving-backup"} {
		requireOrder(t, result, "create "+jobType+"postgres-login-g3", "update "+deploymentType+deployment, "delete "+jobType+"postgres-login-g2")
		requireOrder(t, result, "create "+jobType+"redis-login-g3", "update "+deploymentType+deployment, "delete-replaced "+secretType+"secrets-tls")
	}
	requireOrder(t, result, "create "+secretType+"secrets-jwt-g3", "update "+deploymentType+"consent-service-stable", "delete "+secretType+"secrets-jwt-g2")
	requireChanges(t, s.Preview(t.Context()))
	assert.Len(t, s.keySet(t), 3, "the generation before, the one that signs, the next one")

	require.NoError(t, s.RemoveConfig(t.Context(), incidentPath+"mode"))
	left := s.up(t)
	for _, change := range left.ChangeLines() {
		assert.NotContains(t, change, "-g3", "the end of an incident leaves the generations alone")
	}
	s.requireConverged(t)
	s.requireDeploymentsAvailable(t)
}

// generationRetired: once the Job has encrypted everything anew, the oldest key may go, and goes.
func (s *suite) generationRetired(t *testing.T) {
	s.set(t, rotationPath+"encryptionRetired[0]", "1")
	requireSteps(t, s.up(t), slices.Concat(
		[]string{rotationStep, "delete " + passwordType + "secrets-encryption-g1-key"},
		replaced(secretType+"consent-service-env"), updated("consent-service-stable"),
	))
	s.requireConverged(t)
}

// requireSteps requires that the engine did, or in a preview would do, exactly these steps, in any order. Steps that several
// rotations have in common count once, as does a component, which the engine reports a second time with its outputs.
func requireSteps(t *testing.T, result platformtest.Result, want []string) {
	t.Helper()
	requireSuccess(t, result)
	slices.Sort(want)
	require.Equal(t, strings.Join(slices.Compact(want), "\n"), strings.Join(slices.Compact(result.ChangeLines()), "\n"), result.Describe())
}
