package tests

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// stateful are the types of resources that no incident may touch, in any stack.
var stateful = []string{"Release", "PersistentVolumeClaim", "Namespace", "RandomPassword"}

// inIncident deploys each stack before and in an incident, as it is and with everything that is optional.
func inIncident(t *testing.T, settings map[string]string, look func(t *testing.T, before, in *stacktest.Run)) {
	t.Helper()
	for _, stack := range stacktest.Stacks() {
		for name, config := range map[string]func() *stacktest.Config{
			stack:                      func() *stacktest.Config { return stacktest.Load(t, stack) },
			stack + " with everything": func() *stacktest.Config { return withEverything(t, stack) },
		} {
			t.Run(name, func(t *testing.T) {
				declared := config()
				for path, value := range settings {
					declared.Set(t, "incident."+path, value)
				}
				before, in := deploy(t, config(), false), deploy(t, declared, false)
				for _, kind := range stateful {
					for _, r := range before.OfKind(kind) {
						other := in.ByURN(r.URN)
						require.NotNil(t, other, "%s %s is gone", r.Type, r.Name)
						assert.True(t, r.Inputs.DeepEquals(other.Inputs), "%s %s has changed", r.Type, r.Name)
					}
				}
				look(t, before, in)
			})
		}
	}
}

// differing are the names of what an incident changes, adds and takes away, but for the alert that it is on.
func differing(t *testing.T, before, in *stacktest.Run) []string {
	t.Helper()
	names := slices.Concat(changed(t, before, in), added(before, in), added(in, before))
	assert.Contains(t, names, "monitoring-rules")
	names = slices.DeleteFunc(names, func(name string) bool { return name == "monitoring-rules" })
	slices.Sort(names)
	return names
}

func TestServiceOutageMovesTheTrafficToTheStandby(t *testing.T) {
	inIncident(t, map[string]string{"mode": "service-outage"}, func(t *testing.T, before, in *stacktest.Run) {
		standby := in.Find(t, "Deployment", "model-serving-backup")
		assert.GreaterOrEqual(t, standby.Get(t, "spec.replicas"), 5.0)
		for _, name := range []string{"model-serving-routes", "model-serving-public-routes"} {
			routes := in.Find(t, "VirtualService", name)
			destinations, _ := routes.Get(t, "spec.http").([]any)
			require.Len(t, destinations, 1, "%s: the canary has no share", name)
			assert.Equal(t, []any{map[string]any{"weight": 100.0, "destination": map[string]any{
				"host": "model-serving-backup.federated-risk.svc.cluster.local", "port": map[string]any{"number": 7003.0},
			}}}, routes.Get(t, "spec.http[0].route"))
			assert.Contains(t, dependencies(in, routes), "model-serving-backup", "a route must find pods")
		}
		// Where the standby is not warm yet, it comes with all that belongs to it.
		want := []string{"model-serving-public-routes", "model-serving-routes"}
		if before.Lookup("Deployment", "model-serving-backup") == nil {
			want = append(want, "monitoring-services-model-serving-backup",
				"monitoring-dashboard-federated-risk-model-serving", "monitoring-dashboard-federated-risk-overview")
		} else if before.Find(t, "Deployment", "model-serving-backup").Get(t, "spec.replicas") != 5.0 {
			want = append(want, "model-serving-backup")
		}
		for _, name := range differing(t, before, in) {
			assert.True(t, slices.Contains(want, name) || strings.HasPrefix(name, "model-serving-backup"), "%s", name)
		}
	})
}

func TestDataBreachIsolates(t *testing.T) {
	inIncident(t, map[string]string{"mode": "data-breach"}, func(t *testing.T, before, in *stacktest.Run) {
		for _, policy := range in.OfKind("NetworkPolicy") {
			assert.Nil(t, policy.Get(t, "spec.ingress"), policy.Name)
			assert.Nil(t, policy.Get(t, "spec.egress"), policy.Name)
			assert.Equal(t, []any{"Ingress", "Egress"}, policy.Get(t, "spec.policyTypes"), policy.Name)
		}
		assert.Equal(t, map[string]any{"action": "DENY", "rules": []any{map[string]any{}}},
			in.Find(t, "AuthorizationPolicy", "policy-isolated").Get(t, "spec"))
		assert.Equal(t, map[string]any{"action": "DENY", "rules": []any{map[string]any{"from": []any{map[string]any{
			"source": map[string]any{"principals": []any{"*"}, "notPrincipals": []any{"*"}},
		}}}}}, before.Find(t, "AuthorizationPolicy", "policy-isolated").Get(t, "spec"),
			"there before, and after: what is deleted goes last, when the pods have long been started in vain")
		for _, name := range differing(t, before, in) {
			assert.True(t, strings.HasPrefix(name, "policy-"), "%s: pods stay as they are, for evidence", name)
		}
	})
}

func TestStopTakesEveryPodOfTheServices(t *testing.T) {
	inIncident(t, map[string]string{"mode": "data-breach", "stage": "stop"}, func(t *testing.T, before, in *stacktest.Run) {
		for _, deployment := range in.OfKind("Deployment") {
			if before.Find(t, "Deployment", deployment.Name).Get(t, "spec.replicas") != nil {
				assert.EqualValues(t, 0, deployment.Get(t, "spec.replicas"), deployment.Name)
				continue
			}
			patch := in.Find(t, "DeploymentPatch", deployment.Name+"-stopped")
			assert.Equal(t, deployment.Get(t, "metadata.name"), patch.Get(t, "metadata.name"))
			assert.EqualValues(t, 0, patch.Get(t, "spec.replicas"))
			assert.Equal(t, map[string]any{"pulumi.com/patchForce": "true", "pulumi.com/patchFieldManager": "federated-risk-stop"},
				patch.Get(t, "metadata.annotations"), "an update that is killed and repeated must not leave two owners of the field")
			assert.Nil(t, deployment.Get(t, "spec.replicas"), "what its autoscaler gets back must not be declared")
		}
		for _, name := range differing(t, before, in) {
			assert.True(t, strings.HasPrefix(name, "policy-") || in.Lookup("Deployment", strings.TrimSuffix(name, "-stopped")) != nil, name)
		}
	})
}

func TestPerformanceScalesCachesAndLimits(t *testing.T) {
	inIncident(t, map[string]string{"mode": "performance"}, func(t *testing.T, before, in *stacktest.Run) {
		want := []string{"app-config"}
		if autoscaler := in.Lookup("HorizontalPodAutoscaler", "model-serving-hpa"); autoscaler != nil {
			assert.EqualValues(t, 10, autoscaler.Get(t, "spec.minReplicas"))
			assert.EqualValues(t, 20, autoscaler.Get(t, "spec.maxReplicas"))
			want = append(want, autoscaler.Name)
		}
		stable := in.Find(t, "Deployment", "model-serving-stable")
		if before.Find(t, "Deployment", "model-serving-stable").Get(t, "spec.replicas") != nil {
			assert.EqualValues(t, 10, stable.Get(t, "spec.replicas"))
			want = append(want, "model-serving-stable")
		} else {
			assert.Nil(t, stable.Get(t, "spec.replicas"), "the autoscaler's alone")
		}
		settings := in.Find(t, "ConfigMap", "app-config").Get(t, "data").(map[string]any)
		assert.Equal(t, "true", settings["CACHE_ENABLED"])
		assert.Equal(t, "3600", settings["CACHE_TTL"])
		for _, service := range services {
			assert.NotNil(t, in.Lookup("EnvoyFilter", service.name+"-rate-limit"), service.name)
			want = append(want, service.name+"-rate-limit")
		}
		assert.Subset(t, want, differing(t, before, in))
	})
}

func TestSecurityIsStrictAndWatches(t *testing.T) {
	inIncident(t, map[string]string{"mode": "security"}, func(t *testing.T, before, in *stacktest.Run) {
		settings := in.Find(t, "ConfigMap", "app-config").Get(t, "data").(map[string]any)
		assert.Equal(t, "strict", settings["SECURITY_MODE"])
		assert.Equal(t, "true", settings["AUTH_REQUIRED"])
		assert.Equal(t, "verbose", settings["AUDIT_LEVEL"])
		for _, monitor := range in.OfKind("ServiceMonitor") {
			assert.Equal(t, "5s", monitor.Get(t, "spec.endpoints[0].interval"), monitor.Name)
		}
		for _, monitor := range in.OfKind("PodMonitor") {
			assert.Equal(t, "5s", monitor.Get(t, "spec.podMetricsEndpoints[0].interval"), monitor.Name)
		}
		for _, group := range ruleGroups(t, in) {
			if group["name"] != "federated-risk.error-budget" {
				assert.Equal(t, "5s", group["interval"], group["name"])
			}
		}
		assert.NotNil(t, in.Lookup("Secret", "secrets-jwt-g2"), "tokens are signed with a key that nobody has had")
		assert.Nil(t, in.Lookup("PrivateKey", "secrets-jwt-g1-key"), "and those of the key before are refused")
		assert.True(t, before.Find(t, "Rotation", "rotation").Inputs.DeepEquals(in.Find(t, "Rotation", "rotation").Inputs),
			"the generations are the config's: the incident must not keep them from going on after it")
	})
}

// TestLeavingAnIncidentRestoresWhatWasBefore: a mode is a pure function of the config, so what is declared without it is
// what was declared before it.
func TestLeavingAnIncidentRestoresWhatWasBefore(t *testing.T) {
	for _, mode := range []string{"service-outage", "data-breach", "performance", "security", "performance,security,service-outage"} {
		for _, stack := range stacktest.Stacks() {
			before := deployFile(t, stack, false)
			deploy(t, stacktest.Load(t, stack).Set(t, "incident.mode", mode), false)
			after := deploy(t, stacktest.Load(t, stack).Set(t, "incident.mode", ""), false)
			assert.Empty(t, changed(t, before, after), "%s: %s", stack, mode)
			assert.Empty(t, added(before, after), "%s: %s", stack, mode)
			assert.Empty(t, added(after, before), "%s: %s", stack, mode)
		}
	}
}

func TestAnIncidentIsAnAlert(t *testing.T) {
	run := deploy(t, stacktest.Load(t, "prod").Set(t, "incident.mode", "security,performance").Set(t, "incident.severity", "warning"), false)
	var modes []string
	for _, group := range ruleGroups(t, run) {
		for _, rule := range group["rules"].([]any) {
			if rule := rule.(map[string]any); rule["alert"] == "IncidentOpen" {
				labels := rule["labels"].(map[string]any)
				assert.Equal(t, "warning", labels["severity"])
				modes = append(modes, labels["mode"].(string))
			}
		}
	}
	assert.Equal(t, []string{"performance", "security"}, modes)
}
