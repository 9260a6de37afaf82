package tests

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/stacks"
	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// TestFailureOfAnyResourceEndsTheProgram lets each resource of a stack fail in turn, and so every type.
func TestFailureOfAnyResourceEndsTheProgram(t *testing.T) {
	for _, mode := range modes {
		// This stack has a canary and a standby, and so every resource that any stack has.
		config := withEverything(t, "local")
		complete := deploy(t, config, mode.preview)
		waits := map[string]map[string]bool{}
		for _, r := range complete.Resources {
			waits[r.URN] = needs(complete, r)
		}
		for _, victim := range complete.Resources {
			run := stacktest.Execute(t, stacks.Deploy, stacktest.Options{
				Config: config, Preview: mode.preview,
				Fail: func(r *stacktest.Resource) error {
					if r.URN != victim.URN {
						return nil
					}
					return fmt.Errorf("%s %s: the API server says no", r.Type, r.Name)
				},
			})
			require.Error(t, run.Err, "%s %s failed, and the program did not notice", victim.Type, victim.Name)
			require.ErrorContains(t, run.Err, victim.Type+" "+victim.Name+": the API server says no")
			for _, r := range run.Resources {
				assert.False(t, waits[r.URN][victim.URN], "%s %s was declared although it depends on %s %s, which failed",
					r.Type, r.Name, victim.Type, victim.Name)
			}
			assert.Empty(t, run.Leaks(), "after the failure of %s %s", victim.Type, victim.Name)
		}
	}
}

// TestFailureOfEveryResourceOfATypeEndsTheProgram covers what only goes wrong together.
func TestFailureOfEveryResourceOfATypeEndsTheProgram(t *testing.T) {
	everywhere(t, func(t *testing.T, stack string, complete *stacktest.Run) {
		types := map[string]bool{}
		for _, r := range complete.Resources {
			types[r.Type] = true
		}
		require.Greater(t, len(types), 20)
		config := stacktest.Load(t, stack)
		for failing := range types {
			run := stacktest.Execute(t, stacks.Deploy, stacktest.Options{
				Config: config, Preview: complete.Preview,
				Fail: func(r *stacktest.Resource) error {
					if r.Type != failing {
						return nil
					}
					return errors.New(r.Type + ": out of order")
				},
			})
			require.ErrorContains(t, run.Err, failing+": out of order")
		}
	})
}

// TestBadConfigRegistersNothing expects every fault at once, by exact path, before the engine hears of a resource.
func TestBadConfigRegistersNothing(t *testing.T) {
	for _, stack := range stacktest.Stacks() {
		for _, mode := range modes {
			t.Run(stack+"/"+mode.name, func(t *testing.T) {
				config := withCanary(t, stack, "101").
					Set(t, "namespace", "Not_A_Name").
					Set(t, "services.model-serving.canary.wieght", "10").
					Set(t, "services.psi-service.replicas", "0").
					Set(t, "services.billing.image", "registry.example.com/billing:1").
					Set(t, "redis.storage.size", "lots").
					Remove(t, "releases.postgres.chart")
				run := execute(t, config, mode.preview)
				require.Error(t, run.Err)
				for _, fault := range []string{
					"Pulumi." + stack + ".yaml",
					"federated-risk:namespace",
					"federated-risk:services.model-serving.canary.weight",
					"federated-risk:services.model-serving.canary.wieght", `"weight"`,
					"federated-risk:services.psi-service.replicas",
					"federated-risk:services.billing",
					"federated-risk:redis.storage.size",
					"federated-risk:releases.postgres.chart",
				} {
					assert.Contains(t, run.Err.Error(), fault)
				}
				assert.Empty(t, run.Resources, "a resource was registered before the config was found faulty")
			})
		}
	}
}

func TestEachFaultAloneRegistersNothing(t *testing.T) {
	for path, value := range map[string]string{
		"services.model-serving.canary.weight": "-1",
		"services.frontend.image":              "latest image",
		"postgres.instances":                   "0",
		"tls.mode":                             "none",
		"ingress.mode":                         "nginx",
		"domain":                               "local",
		"profile":                              "huge",
		"cluster.contxt":                       "kind",
		"app.cache.ttls.psiResults":            "0",
		"services.model-serving.standby.image": "latest image",
	} {
		t.Run(path, func(t *testing.T) {
			run := execute(t, stacktest.Load(t, "local").Set(t, path, value), false)
			require.ErrorContains(t, run.Err, "federated-risk:"+path)
			assert.Empty(t, run.Resources)
		})
	}
}

func TestEncryptedConfigIsRefusedUnseen(t *testing.T) {
	const secret = "correct-horse-battery-staple"
	run := execute(t, stacktest.Load(t, "local").SetSecret(t, "services.frontend.env.API_TOKEN", secret), false)
	require.ErrorContains(t, run.Err, "federated-risk:services")
	assert.NotContains(t, run.Err.Error()+strings.Join(run.Logs, "\n"), secret)
	assert.Empty(t, run.Resources)
}

// TestTwoRunsAskForTheSame finds what a map's own order, the time or chance decides: it would be a change at every update.
func TestTwoRunsAskForTheSame(t *testing.T) {
	for _, stack := range stacktest.Stacks() {
		for _, mode := range modes {
			t.Run(stack+"/"+mode.name, func(t *testing.T) {
				config := withCanary(t, stack, "10").
					Set(t, "services.model-serving.env.ALPHA", "first").Set(t, "services.model-serving.env.BETA", "second").
					Set(t, "services.model-serving.env.GAMMA", "third").Set(t, "services.model-serving.env.DELTA", "fourth")
				first := deploy(t, config, mode.preview)
				for range 5 {
					again := deploy(t, config, mode.preview)
					assert.Empty(t, changed(t, first, again))
					assert.Equal(t, inventory(t, first), inventory(t, again))
				}
			})
		}
	}
}

// needs returns the URNs of all that must exist before r: its parent, its provider, and its dependencies at any remove.
func needs(run *stacktest.Run, r *stacktest.Resource) map[string]bool {
	found := map[string]bool{}
	var visit func(r *stacktest.Resource)
	visit = func(r *stacktest.Resource) {
		// A reference to a provider is its URN, two colons and its ID.
		provider := r.Request.GetProvider()
		provider = provider[:max(strings.LastIndex(provider, "::"), 0)]
		for _, urn := range append([]string{r.Request.GetParent(), provider}, r.Request.GetDependencies()...) {
			if other := run.ByURN(urn); other != nil && !found[urn] {
				found[urn] = true
				visit(other)
			}
		}
	}
	visit(r)
	return found
}
