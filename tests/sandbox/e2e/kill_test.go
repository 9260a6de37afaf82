package e2e

import (
	"context"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/federated-risk/federated-risk/tests/sandbox/e2e/platformtest"
)

// engineKilled: an engine that dies leaves nothing that the next command cannot deal with.
func (s *suite) engineKilled(t *testing.T) {
	t.Run("up", s.killedDuringUp)
	t.Run("destroy", s.killedDuringDestroy)
}

// killedDuringUp: whenever the engine dies, what `make up` does next ends in a clean deployment. The moments come one
// after the other in one deployment, each in an update that has just recovered from the one before.
func (s *suite) killedDuringUp(t *testing.T) {
	for _, kill := range []struct {
		name   string
		moment platformtest.Moment
	}{
		{"while it makes keys", started("create tls:index/privateKey:PrivateKey secrets-jwt-g1-key")},
		{"while Helm installs a release", s.releaseIsInstalling("redis")},
		{"after some of the Deployments", ended("kubernetes:apps/v1:Deployment", 2)},
	} {
		s.kill(t, "up", kill.moment, kill.name)
	}
	s.up(t)
	s.requireDeploymentsAvailable(t)
	s.requireReleases(t)
	s.requireConverged(t)
	s.removeOrphans(t)
	s.requireSameAsClean(t)
}

// killedDuringDestroy: a second destroy finishes what the first one began.
func (s *suite) killedDuringDestroy(t *testing.T) {
	s.kill(t, "destroy", started("delete "+redisRelease), "while it uninstalls a release")
	s.requireDestroyed(t)
}

// kill kills the engine in the middle of a command, as when says in words, and clears away what hinders the next one.
func (s *suite) kill(t *testing.T, command string, moment platformtest.Moment, when string) {
	t.Helper()
	_, err := s.KillDuring(t.Context(), command, moment)
	require.NoError(t, err, when)
	require.NoError(t, s.CLI.ClearInterrupted(t.Context()), "recovery from an engine killed %s", when)
}

// started is the moment at which the engine has begun a step.
func started(want string) platformtest.Moment {
	return func(_ context.Context, events []apitype.EngineEvent) (bool, error) {
		for _, step := range platformtest.Started(events) {
			if step.String() == want {
				return true, nil
			}
		}
		return false, nil
	}
}

// ended is the moment at which so many resources of a type have been created.
func ended(resourceType string, count int) platformtest.Moment {
	return func(_ context.Context, events []apitype.EngineEvent) (bool, error) {
		created := 0
		for _, step := range (platformtest.Result{Events: events}).Changes() {
			if step.Op == apitype.OpCreate && step.Type == resourceType {
				created++
			}
		}
		return created >= count, nil
	}
}

// releaseIsInstalling is the moment at which Helm has recorded that it is about to install. Records that an earlier engine
// left do not count.
func (s *suite) releaseIsInstalling(release string) platformtest.Moment {
	var stale map[types.UID]bool
	return func(ctx context.Context, _ []apitype.EngineEvent) (bool, error) {
		list, err := s.kube.CoreV1().Secrets(namespace).List(ctx, metav1.ListOptions{
			LabelSelector: "owner=helm,status=pending-install,name=" + release,
		})
		if err != nil {
			return false, err
		}
		// The first look comes before the engine has done anything.
		first := stale == nil
		if first {
			stale = map[types.UID]bool{}
		}
		installing := false
		for _, record := range list.Items {
			if first {
				stale[record.UID] = true
			}
			installing = installing || !stale[record.UID]
		}
		return installing, nil
	}
}
