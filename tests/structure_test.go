package tests

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

func TestEveryResourceBelongsToAComponent(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		for _, r := range run.Resources {
			parent := resource.URN(r.Request.GetParent())
			if r.IsComponent() || r.IsProvider() {
				assert.Equal(t, resource.RootStackType, parent.QualifiedType(), "%s %s: the parent must be the stack", r.Type, r.Name)
				continue
			}
			component := run.ByURN(string(parent))
			if assert.NotNil(t, component, "%s %s has no component for a parent but %s: is pulumi.Parent missing?", r.Type, r.Name, parent) {
				assert.True(t, component.IsComponent(), "%s %s: the parent is a %s, want a component", r.Type, r.Name, component.Type)
			}
		}
	})
}

func TestChildNamesDeriveFromTheComponent(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		for _, r := range run.Resources {
			if component := run.ByURN(r.Request.GetParent()); component != nil {
				assert.True(t, r.Name == component.Name || strings.HasPrefix(r.Name, component.Name+"-"),
					"%s %s: the name must be that of its component, %s, or begin with it and a hyphen", r.Type, r.Name, component.Name)
			}
		}
	})
}

func TestEveryResourceHasTheExplicitProviderOfItsPackage(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		for _, r := range run.Resources {
			if r.IsProvider() || r.IsComponent() {
				assert.Empty(t, r.Request.GetProvider(), "%s %s", r.Type, r.Name)
				continue
			}
			pkg, _, _ := strings.Cut(r.Type, ":")
			provider := run.Find(t, pkg, pkg)
			assert.True(t, strings.HasPrefix(r.Request.GetProvider(), provider.URN+"::"),
				"%s %s: the provider is %q, want the stack's own, %s: without it the resource would go to whatever cluster is current",
				r.Type, r.Name, r.Request.GetProvider(), provider.URN)
		}
	})
}

func TestKubernetesProviderTakesOverAndKeepsToItsCluster(t *testing.T) {
	t.Setenv("KUBECONFIG", "/home/someone/config:/home/someone/other-config")
	everywhere(t, func(t *testing.T, stack string, run *stacktest.Run) {
		provider := run.Find(t, "kubernetes", "kubernetes")
		for _, setting := range []string{
			"enableServerSideApply", "enablePatchForce", "upsertExistingObjects", "enableSecretMutable", "enableConfigMapMutable",
		} {
			assert.Equal(t, true, provider.Get(t, setting), setting)
		}
		context := stacktest.Load(t, stack).Value(t, "cluster.context")
		assert.Equal(t, context, provider.Get(t, "context"))
		assert.Equal(t, context, provider.Get(t, "clusterIdentifier"), "another context must replace the provider")
		assert.Empty(t, provider.Get(t, "kubeconfig"), "the provider finds the user's own; no path may get into the state")
	})
}

func TestKubeconfigReachesTheProvider(t *testing.T) {
	run := deploy(t, stacktest.Load(t, "dev").Set(t, "cluster.kubeconfig", "./kubeconfig"), false)
	assert.Equal(t, "./kubeconfig", run.Find(t, "kubernetes", "kubernetes").Get(t, "kubeconfig"))
}

func TestObjectsAreInTheNamespaceOfTheStack(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			run := deploy(t, stacktest.Load(t, "local").Set(t, "namespace", "elsewhere"), mode.preview)
			assert.Equal(t, "elsewhere", run.Find(t, "v1:Namespace", "namespace").Get(t, "metadata.name"))
			for _, r := range run.Resources {
				switch {
				case !strings.HasPrefix(r.Type, "kubernetes:"), strings.HasSuffix(r.Type, ":Namespace"):
				case r.Name == "secrets-public-tls":
					assert.Equal(t, "istio-ingress", r.Get(t, "metadata.namespace"), "beside the gateway's pods")
				case r.Name == "postgres-operator":
					assert.Equal(t, "elsewhere-postgres-operator", r.Get(t, "namespace"))
				case strings.HasPrefix(r.Name, "monitoring-stack") && strings.HasSuffix(r.Type, ":Release"):
					assert.Equal(t, "elsewhere-monitoring", r.Get(t, "namespace"))
				case r.Name == "monitoring-stack-grafana":
					assert.Equal(t, "elsewhere-monitoring", r.Get(t, "metadata.namespace"))
				case strings.HasSuffix(r.Type, ":Release"):
					assert.Equal(t, "elsewhere", r.Get(t, "namespace"), r.Name)
					assert.Contains(t, dependencies(run, r), "namespace", "%s may come before its namespace", r.Name)
				default:
					assert.Equal(t, "elsewhere", r.Get(t, "metadata.namespace"), "%s %s", r.Type, r.Name)
					assert.Contains(t, dependencies(run, r), "namespace", "%s %s may come before its namespace", r.Type, r.Name)
				}
			}
		})
	}
}

func TestObjectsCarryTheLabelsOfThePlatform(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		for _, r := range run.Resources {
			if !strings.HasPrefix(r.Type, "kubernetes:") || strings.HasSuffix(r.Type, ":Release") {
				continue
			}
			assert.Equal(t, "federated-risk", r.Get(t, `metadata.labels["app.kubernetes.io/part-of"]`), "%s %s", r.Type, r.Name)
			assert.Equal(t, "pulumi", r.Get(t, `metadata.labels["app.kubernetes.io/managed-by"]`), "%s %s", r.Type, r.Name)
			assert.Equal(t, r.Get(t, "metadata.labels.app"), r.Get(t, `metadata.labels["app.kubernetes.io/name"]`), "%s %s", r.Type, r.Name)
		}
	})
}

// TestWaitsForNoMoreThanNeeded compares what each release and Deployment waits for, at any remove.
func TestWaitsForNoMoreThanNeeded(t *testing.T) {
	const operator, cluster, redis = "postgres-operator", "postgres-cluster", "redis"
	releases := map[string][]string{
		operator: nil, cluster: {operator}, redis: nil,
		"monitoring-stack-crds": nil, "monitoring-stack": {"monitoring-stack-crds"},
		"consent-service-stable": {cluster, operator, redis},
		"psi-service-stable":     {redis},
		"model-serving-stable":   {cluster, operator, redis},
		"model-serving-canary":   {cluster, operator, redis},
		"model-serving-backup":   {cluster, operator, redis},
		"frontend-stable":        nil,
	}
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		for _, r := range slices.Concat(run.OfKind("Release"), run.OfKind("Deployment")) {
			assert.Equal(t, releases[r.Name], releasesOf(run, r), "the releases that %s waits for", r.Name)
			for _, other := range run.OfKind("Deployment") {
				assert.NotContains(t, dependencies(run, r), other.Name, "%s must not wait for another service's pods", r.Name)
			}
		}
	})
}

func TestRoutesWaitForTheVersionsAndSubsetsTheyLeadTo(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		for _, routes := range run.OfKind("VirtualService") {
			service := strings.TrimSuffix(strings.TrimSuffix(routes.Name, "-routes"), "-public")
			waits := dependencies(run, routes)
			assert.Contains(t, waits, service+"-destinations", routes.Name)
			for _, deployment := range run.OfKind("Deployment") {
				// The standby is no version: a route must not wait for pods that get no traffic.
				if deployment.Name == service+"-stable" || deployment.Name == service+"-canary" {
					assert.Contains(t, waits, deployment.Name, "%s may send traffic to pods that are not there yet", routes.Name)
				} else {
					assert.NotContains(t, waits, deployment.Name, "%s has nothing to do with %s", routes.Name, deployment.Name)
				}
			}
		}
	})
}

func TestOnlyProductionDataIsProtected(t *testing.T) {
	stateful := map[string][]string{"prod": {"model-serving-feast", "postgres-cluster", "redis"}}
	everywhere(t, func(t *testing.T, stack string, run *stacktest.Run) {
		var protected []string
		for _, r := range run.Resources {
			if r.Request.GetProtect() {
				protected = append(protected, r.Name)
			}
		}
		slices.Sort(protected)
		assert.Equal(t, stateful[stack], protected)
	})
}

// TestNoResourceHasOptionsThatNothingExplains lists every option of the engine that changes how a resource is updated.
func TestNoResourceHasOptionsThatNothingExplains(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		for _, r := range run.Resources {
			request := r.Request
			switch {
			case strings.HasPrefix(r.Name, "consent-service-reencryption-g"):
				assert.Equal(t, []string{"spec"}, request.GetIgnoreChanges(), "%s: it runs once", r.Name)
			case !strings.HasSuffix(r.Type, ":Deployment") || r.Get(t, "spec.replicas") != nil:
				assert.Empty(t, request.GetIgnoreChanges(), "%s %s: ignoreChanges hides what the config says", r.Type, r.Name)
			default:
				assert.Equal(t, []string{"spec.replicas"}, request.GetIgnoreChanges(), "%s %s: its autoscaler's alone", r.Type, r.Name)
			}
			assert.False(t, request.GetDeleteBeforeReplace(), "%s %s: deleteBeforeReplace is an outage", r.Type, r.Name)
			if !strings.HasSuffix(r.Type, ":Namespace") && !strings.HasSuffix(r.Type, ":PersistentVolumeClaim") {
				assert.False(t, request.GetRetainOnDelete(), "%s %s: retainOnDelete leaves it behind", r.Type, r.Name)
			}
			assert.Empty(t, request.GetImportId(), "%s %s: import", r.Type, r.Name)
			assert.Empty(t, request.GetDeletedWith(), "%s %s: deletedWith", r.Type, r.Name)
			assert.Empty(t, request.GetReplaceWith(), "%s %s: replaceWith", r.Type, r.Name)
			timeouts := request.GetCustomTimeouts()
			assert.Empty(t, timeouts.GetCreate()+timeouts.GetUpdate()+timeouts.GetDelete(), "%s %s: customTimeouts", r.Type, r.Name)
		}
		assert.Empty(t, run.Invokes, "the program must not ask the cluster what to declare")
	})
}

// dependencies returns the names of all resources that r waits for, at any remove.
func dependencies(run *stacktest.Run, r *stacktest.Resource) []string {
	seen := map[string]bool{}
	var names []string
	var visit func(r *stacktest.Resource)
	visit = func(r *stacktest.Resource) {
		for _, urn := range r.Request.GetDependencies() {
			if dependency := run.ByURN(urn); dependency != nil && !seen[urn] {
				seen[urn] = true
				names = append(names, dependency.Name)
				visit(dependency)
			}
		}
	}
	visit(r)
	slices.Sort(names)
	return names
}

func releasesOf(run *stacktest.Run, r *stacktest.Resource) []string {
	var names []string
	for _, name := range dependencies(run, r) {
		if run.Lookup("Release", name) != nil {
			names = append(names, name)
		}
	}
	return slices.Compact(names)
}
