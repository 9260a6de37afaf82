// Package e2e deploys the program with the real engine into a control plane of its own, and checks what a person on
// call relies on: what an update changes and what not, that it converges after every accident, that no secret shows.
package e2e

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"

	"github.com/federated-risk/federated-risk/tests/sandbox/e2e/platformtest"
)

const (
	// namespace is where the local stack deploys to.
	namespace = "federated-risk"
	// monitoringNamespace is where what watches it is.
	monitoringNamespace = namespace + "-monitoring"
	// canaryPath is the stack config of the canary that the local stack comes with.
	canaryPath = "federated-risk:services.model-serving.canary"
	// canaryRoute is the resource that splits the traffic to it in the mesh, publicRoute the one for the gateway.
	canaryRoute = "kubernetes:networking.istio.io/v1:VirtualService model-serving-routes"
	publicRoute = "kubernetes:networking.istio.io/v1:VirtualService model-serving-public-routes"
)

var virtualServices = schema.GroupVersionResource{Group: "networking.istio.io", Version: "v1", Resource: "virtualservices"}

// suite is one deployed platform that the steps of TestPlatform share.
type suite struct {
	*platformtest.Platform
	kube    *kubernetes.Clientset
	dynamic *dynamic.DynamicClient
	// empty is the cluster before the first deployment, clean the one after it.
	empty, clean platformtest.Inventory
	// stackFile is the stack's config as the program comes with it.
	stackFile []byte
}

// TestPlatform goes through the life of one deployment. Each step leaves the platform as it found it.
func TestPlatform(t *testing.T) {
	s := newSuite(t)
	t.Run("not yet deployed", func(t *testing.T) {
		runSteps(t, s.restoreNothing, step{"previews of the other stacks", s.previews})
	})
	t.Run("deployed", func(t *testing.T) {
		runSteps(t, s.restoreDeployed,
			step{"up from nothing", s.upFromNothing},
			step{"nothing to do", s.onDeployed(s.nothingToDo)},
			step{"canary weight beside a second stack", s.onDeployed(s.secondStack)},
			step{"manual edits", s.onDeployed(s.manualEdits)},
			step{"bad config", s.onDeployed(s.badConfig)},
			step{"new certificate", s.onDeployed(s.newCertificate)},
			step{"canary removed and added", s.onDeployed(s.canaryRemovedAndAdded)},
			step{"release that fails to upgrade", s.onDeployed(s.failedUpgrade)},
			step{"incident modes", s.onDeployed(s.incidentModes)},
			step{"no secret shows", s.onDeployed(s.noSecretShows)},
		)
	})
	t.Run("from nothing", func(t *testing.T) {
		runSteps(t, s.restoreNothing,
			step{"data outlives a destroy", s.onDeployed(s.dataOutlivesADestroy)},
			step{"destroy", s.onDeployed(s.destroy)},
			step{"release that fails to install", s.onNothing(s.failedInstall)},
			step{"engine killed during up and destroy", s.onNothing(s.engineKilled)},
			step{"every secret through three generations", s.onNothing(s.generations)},
			step{"no secret was shown", s.noSecretInTranscript},
			step{"home directory", s.homeUntouched},
		)
	})
}

type step struct {
	name string
	run  func(t *testing.T)
}

// runSteps runs the steps in order. One that fails is followed by an attempt to restore the platform for the others.
func runSteps(t *testing.T, restore func(t *testing.T), steps ...step) {
	t.Helper()
	for _, step := range steps {
		started := time.Now()
		platformtest.Progress("e2e: " + step.name)
		passed := t.Run(step.name, step.run)
		platformtest.Progress(fmt.Sprintf("e2e: %s: %s in %s", step.name, verdict(passed), time.Since(started).Round(100*time.Millisecond)))
		if !passed {
			restore(t)
		}
	}
}

func verdict(passed bool) string {
	if passed {
		return "ok"
	}
	return "FAILED"
}

func newSuite(t *testing.T) *suite {
	s := &suite{Platform: platformtest.New(t)}
	ctx := t.Context()
	started := time.Now()
	require.NoError(t, s.Cluster.Ensure(ctx))
	platformtest.Progress(fmt.Sprintf("cluster ready in %s", time.Since(started).Round(100*time.Millisecond)))
	config, err := s.Cluster.RESTConfig()
	require.NoError(t, err)
	s.kube, err = kubernetes.NewForConfig(config)
	require.NoError(t, err)
	s.dynamic, err = dynamic.NewForConfig(config)
	require.NoError(t, err)
	s.stackFile, err = os.ReadFile(s.StackFile())
	require.NoError(t, err)
	s.empty = s.settled(t)
	return s
}

// onDeployed deploys the platform before the step unless it is deployed, so that any step can be run alone.
func (s *suite) onDeployed(run func(t *testing.T)) func(t *testing.T) {
	return func(t *testing.T) {
		s.requireDeployed(t)
		run(t)
	}
}

// onNothing destroys the platform before the step if it is deployed.
func (s *suite) onNothing(run func(t *testing.T)) func(t *testing.T) {
	return func(t *testing.T) {
		if s.clean == nil {
			s.requireDeployed(t)
		}
		checkpoint, err := s.Workspace.Checkpoint()
		require.NoError(t, err)
		if checkpoint.Resources > 0 {
			s.requireDestroyed(t)
		}
		run(t)
	}
}

func (s *suite) requireDeployed(t *testing.T) {
	t.Helper()
	if s.clean == nil {
		s.up(t)
		s.clean = s.settled(t)
	}
}

// restoreDeployed brings the platform back to what the next step expects.
func (s *suite) restoreDeployed(t *testing.T) {
	t.Helper()
	require.NoError(t, s.resetConfig())
	require.NoError(t, s.CLI.ClearInterrupted(t.Context()))
	result := s.Up(t.Context(), optup.Refresh())
	require.NoError(t, result.Err, "the steps that follow cannot go on: %s", result.Describe())
}

func (s *suite) restoreNothing(t *testing.T) {
	t.Helper()
	require.NoError(t, s.resetConfig())
	require.NoError(t, s.CLI.ClearInterrupted(t.Context()))
	result := s.Destroy(t.Context())
	require.NoError(t, result.Err, "the steps that follow cannot go on: %s", result.Describe())
}

func (s *suite) resetConfig() error { return os.WriteFile(s.StackFile(), s.stackFile, 0o600) }

func (s *suite) settled(t *testing.T) platformtest.Inventory {
	t.Helper()
	inventory, err := s.Settled(t.Context())
	require.NoError(t, err)
	return inventory
}

// up updates the platform and requires success.
func (s *suite) up(t *testing.T, options ...optup.Option) platformtest.Result {
	t.Helper()
	result := s.Up(t.Context(), options...)
	requireSuccess(t, result)
	return result
}

// set changes the stack's config.
func (s *suite) set(t *testing.T, path, value string) {
	t.Helper()
	require.NoError(t, s.SetConfig(t.Context(), path, value))
}

func requireSuccess(t *testing.T, result platformtest.Result) {
	t.Helper()
	require.NoError(t, result.Err, result.Describe())
	require.True(t, result.Finished(), "the engine's events stop before its summary: %s", result.Describe())
}

// requireChanges requires that the engine did exactly these steps, each "<op> <type> <name>", in any order.
func requireChanges(t *testing.T, result platformtest.Result, want ...string) {
	t.Helper()
	requireSuccess(t, result)
	require.ElementsMatch(t, want, result.ChangeLines(), result.Describe())
}

// requireOrder requires that the steps were among those the engine ended, in this order.
func requireOrder(t *testing.T, result platformtest.Result, want ...string) {
	t.Helper()
	next := 0
	for _, change := range result.Changes() {
		if next < len(want) && change.String() == want[next] {
			next++
		}
	}
	require.Equal(t, len(want), next, "missing, or too early: %s\n%s", strings.Join(want[next:], ", "), result.Describe())
}

// requireConverged requires that the state and the cluster are what the program declares.
func (s *suite) requireConverged(t *testing.T) {
	t.Helper()
	requireChanges(t, s.Refresh(t.Context()))
	requireChanges(t, s.Preview(t.Context()))
}

// requireSameObjects requires that two inventories hold the same objects, whatever is in them.
func requireSameObjects(t *testing.T, want, got platformtest.Inventory, message string) {
	t.Helper()
	missing, extra := want.Unowned(), []string{}
	for _, key := range got.Unowned() {
		if index := slices.Index(missing, key); index >= 0 {
			missing = slices.Delete(missing, index, index+1)
		} else {
			extra = append(extra, key)
		}
	}
	require.Empty(t, missing, "%s: missing", message)
	require.Empty(t, extra, "%s: left over", message)
}
