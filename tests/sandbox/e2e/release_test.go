package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	redisRelease = "kubernetes:helm.sh/v3:Release redis"
	// releaseTimeout is enough for a healthy release.
	releaseTimeout = "10"
	timeoutPath    = "federated-risk:releases.redis.timeoutSeconds"
	// unschedulable is an object that no node can ever run.
	unschedulable = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: never-ready
  namespace: {{ .Release.Namespace }}
spec:
  selector: {matchLabels: {app: never-ready}}
  template:
    metadata: {labels: {app: never-ready}}
    spec:
      nodeSelector: {no-such: node}
      containers: [{name: main, image: registry.local/never:1.0.0}]
`
)

// failedUpgrade: a release that cannot become ready says so and names what is in the way; the next update converges.
func (s *suite) failedUpgrade(t *testing.T) {
	s.set(t, timeoutPath, releaseTimeout)
	s.set(t, "federated-risk:redis.maxmemoryPolicy", "volatile-lru")
	s.breakRelease(t)
	s.requireReleaseFailure(t)

	s.mendRelease(t)
	require.NoError(t, s.resetConfig())
	s.up(t)
	requireChanges(t, s.Refresh(t.Context()))
	s.requireReleases(t)
	s.requireSameAsClean(t)
}

// failedInstall is the same where the release was never there.
func (s *suite) failedInstall(t *testing.T) {
	s.breakRelease(t)
	s.set(t, timeoutPath, releaseTimeout)
	s.requireReleaseFailure(t)

	s.mendRelease(t)
	require.NoError(t, s.resetConfig())
	s.up(t)
	requireChanges(t, s.Refresh(t.Context()))
	s.requireReleases(t)
	s.requireSameAsClean(t)
	s.requireDestroyed(t)
}

func (s *suite) requireReleaseFailure(t *testing.T) {
	t.Helper()
	result := s.Up(t.Context())
	require.Error(t, result.Err, "a release that cannot become ready was accepted: %s", result.Describe())
	require.True(t, result.Finished(), result.Describe())
	assert.Contains(t, result.Output, "redis", result.Describe())
	assert.Contains(t, result.Output, "never-ready", "the error does not name the object that is not ready: %s", result.Describe())
}

func (s *suite) brokenTemplate() string {
	return filepath.Join(s.CLI.Program, "tests", "sandbox", "charts", "redis", "templates", "never-ready.yaml")
}

func (s *suite) breakRelease(t *testing.T) {
	t.Helper()
	require.NoError(t, os.WriteFile(s.brokenTemplate(), []byte(unschedulable), 0o600))
	t.Cleanup(func() { _ = os.Remove(s.brokenTemplate()) })
}

func (s *suite) mendRelease(t *testing.T) {
	t.Helper()
	require.NoError(t, os.Remove(s.brokenTemplate()))
}
