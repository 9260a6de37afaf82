package tests

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// strangers are pods of other namespaces, and addresses.
var strangers = []endpoint{
	{name: "gateway", namespace: "istio-ingress", labels: map[string]string{"istio": "ingress"}},
	{name: "other pod beside the gateway", namespace: "istio-ingress"},
	{name: "istiod", namespace: "istio-system", labels: map[string]string{"app": "istiod"}},
	{name: "dns", namespace: "kube-system", labels: map[string]string{"k8s-app": "kube-dns"}},
	{name: "prometheus", namespace: "federated-risk-monitoring", labels: map[string]string{"app.kubernetes.io/name": "prometheus"}},
	{name: "grafana", namespace: "federated-risk-monitoring", labels: map[string]string{"app.kubernetes.io/name": "grafana"}},
	{name: "prometheus of others", namespace: "tenant", labels: map[string]string{"app.kubernetes.io/name": "prometheus"}},
	{name: "operator", namespace: "federated-risk-postgres-operator", labels: map[string]string{"app.kubernetes.io/name": "cloudnative-pg"}},
	{name: "tenant", namespace: "tenant", labels: map[string]string{"app": "consent-service"}},
	{name: "node-local dns", address: "169.254.20.10"},
	{name: "internet", address: "203.0.113.7"},
}

// chartPods are the pods that charts and operators make in the stack's namespace, and one that nobody knows.
func chartPods(replicated bool) []endpoint {
	pods := []endpoint{
		{name: "postgres", labels: map[string]string{"cnpg.io/cluster": "postgres", "cnpg.io/podRole": "instance"}},
		{name: "postgres-join", labels: map[string]string{"cnpg.io/cluster": "postgres", "cnpg.io/jobRole": "join"}},
		{name: "redis", labels: map[string]string{"app.kubernetes.io/name": "redis", "app.kubernetes.io/instance": "redis"}},
		{name: "consent-service-reencryption", labels: map[string]string{"app": "consent-service-reencryption"}},
		{name: "model-serving-backup", labels: map[string]string{"app": "model-serving-backup", "version": "stable"}},
		{name: "intruder", labels: map[string]string{"run": "sh"}},
	}
	if replicated {
		pods = append(pods, endpoint{name: "discovery", labels: map[string]string{
			"app.kubernetes.io/name": "redis", "app.kubernetes.io/instance": "redis", "app.kubernetes.io/component": "master-discovery",
		}})
	}
	for i := range pods {
		pods[i].namespace = "federated-risk"
	}
	return pods
}

// probedPorts are all that anything here listens on, and two that nothing should reach.
var probedPorts = []int{22, 53, 80, 443, 5432, 6379, 6443, 7001, 7002, 7003, 8000, 8080, 9121, 9187, 15012, 15020, 26379}

// wanted are the connections that must pass, written down from the runbook and the documentation of Istio, CloudNativePG
// and the Redis chart: caller, callee, ports.
func wanted(pods []endpoint, replicated bool) map[string]bool {
	want := map[string]bool{}
	add := func(from, to string, ports ...int) {
		for _, port := range ports {
			want[fmt.Sprintf("%s > %s TCP %d", from, to, port)] = true
		}
	}
	for _, pod := range pods {
		app := pod.labels["app"]
		if pod.name == "intruder" {
			continue
		}
		for _, resolver := range []string{"dns", "node-local dns"} {
			add(pod.name, resolver, 53)
			want[fmt.Sprintf("%s > %s UDP 53", pod.name, resolver)] = true
		}
		switch app {
		case "consent-service":
			add("gateway", pod.name, 7002)
			add(pod.name, "postgres", 5432)
			add(pod.name, "postgres-join", 5432)
			for _, caller := range pods {
				if slices.Contains([]string{"psi-service", "model-serving", "model-serving-backup"}, caller.labels["app"]) {
					add(caller.name, pod.name, 7002)
				}
			}
		case "psi-service":
			add("gateway", pod.name, 7001)
		case "model-serving", "model-serving-backup":
			add("gateway", pod.name, 7003)
			add(pod.name, "postgres", 5432)
			add(pod.name, "postgres-join", 5432)
		case "frontend":
			add("gateway", pod.name, 80)
		case "consent-service-reencryption":
			add(pod.name, "postgres", 5432)
			add(pod.name, "postgres-join", 5432)
			continue
		}
		if app == "" {
			continue
		}
		add(pod.name, "istiod", 15012)
		add("prometheus", pod.name, 15020)
		if app != "frontend" {
			add(pod.name, "redis", 6379)
			if replicated {
				add(pod.name, "discovery", 6379)
			}
		}
	}
	for _, instance := range []string{"postgres", "postgres-join"} {
		add("prometheus", instance, 9187)
		add("operator", instance, 5432, 8000)
		add(instance, "internet", 443, 6443)
		add(instance, "node-local dns", 443, 6443)
		add("postgres", instance, 5432, 8000)
		add("postgres-join", instance, 5432, 8000)
	}
	add("prometheus", "redis", 9121)
	if replicated {
		add("prometheus", "discovery", 9121)
		add("discovery", "internet", 443, 6443)
		add("discovery", "node-local dns", 443, 6443)
		// The discovery's pod has the labels of a Redis pod.
		for _, from := range []string{"redis", "discovery"} {
			add(from, "redis", 6379, 26379)
			add(from, "discovery", 6379, 26379)
		}
	}
	return want
}

// servicePods are the pods of the run's Deployments, with the labels that they really get.
func servicePods(t testing.TB, run *stacktest.Run) []endpoint {
	t.Helper()
	var pods []endpoint
	for _, deployment := range run.OfKind("Deployment") {
		pod := endpoint{name: deployment.Name, namespace: "federated-risk", labels: map[string]string{}}
		for key, value := range deployment.Get(t, "spec.template.metadata.labels").(map[string]any) {
			pod.labels[key] = value.(string)
		}
		pods = append(pods, pod)
	}
	return pods
}

// TestEveryConnectionIsWantedOrDenied looks at every pair of pods and addresses on every port.
func TestEveryConnectionIsWantedOrDenied(t *testing.T) {
	everywhere(t, func(t *testing.T, stack string, run *stacktest.Run) {
		replicated := stack == "prod"
		pods := slices.Concat(servicePods(t, run), chartPods(replicated))
		passed, want := connections(t, run, pods), wanted(pods, replicated)
		assert.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(passed)))
	})
}

// connections are those that pass and have at least one end in the namespace.
func connections(t testing.TB, run *stacktest.Run, pods []endpoint) map[string]bool {
	t.Helper()
	judge := networkOf(t, run)
	passed := map[string]bool{}
	ends := slices.Concat(pods, strangers)
	for _, from := range ends {
		for _, to := range ends {
			if from.namespace != "federated-risk" && to.namespace != "federated-risk" {
				continue
			}
			for _, port := range probedPorts {
				for _, protocol := range []string{"TCP", "UDP"} {
					if judge.passes(from, to, protocol, port) {
						passed[fmt.Sprintf("%s > %s %s %d", from.name, to.name, protocol, port)] = true
					}
				}
			}
		}
	}
	return passed
}

func TestDefaultDenySelectsEveryPodInBothDirections(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		deny := run.Find(t, "NetworkPolicy", "policy-network-default-deny")
		assert.Equal(t, "default-deny", deny.Get(t, "metadata.name"), "the runbook's name")
		assert.Equal(t, map[string]any{"podSelector": map[string]any{}, "policyTypes": []any{"Ingress", "Egress"}}, deny.Get(t, "spec"))
	})
}

func TestIsolationLeavesNoConnection(t *testing.T) {
	config := stacktest.Load(t, "prod")
	open := deploy(t, config, false)
	run := deploy(t, config.Set(t, "policy.isolated", "true"), false)
	assert.Empty(t, connections(t, run, slices.Concat(servicePods(t, run), chartPods(true))))
	assert.Equal(t, names(open.OfKind("NetworkPolicy")), names(run.OfKind("NetworkPolicy")),
		"none is deleted, which would happen at the end of the update")
	assert.Len(t, run.OfKind("Deployment"), 5, "the pods stay: they are evidence")
}

func TestConfigSaysWhereTheOthersAre(t *testing.T) {
	config := stacktest.Load(t, "dev")
	for path, value := range map[string]string{
		"policy.istioNamespace": "mesh", "policy.monitoringNamespace": "watch", "policy.dnsNamespace": "names",
		"policy.dnsCIDRs[0]": "192.0.2.53/32", "policy.apiServerCIDRs[0]": "192.0.2.1/32",
		"policy.backupCIDRs[0]": "192.0.2.128/25", "policy.backupPort": "9000",
		"ingress.istio.namespace": "door",
	} {
		config.Set(t, path, value)
	}
	run := deploy(t, config, false)
	judge := networkOf(t, run)
	consent := endpoint{namespace: "federated-risk", labels: map[string]string{"app": "consent-service"}}
	database := endpoint{namespace: "federated-risk", labels: map[string]string{"cnpg.io/cluster": "postgres"}}
	pod := func(namespace, key, value string) endpoint {
		return endpoint{namespace: namespace, labels: map[string]string{key: value}}
	}
	address := func(text string) endpoint { return endpoint{address: text} }
	for name, check := range map[string]struct {
		from, to endpoint
		protocol string
		port     int
		want     bool
	}{
		"istiod":           {consent, pod("mesh", "app", "istiod"), "TCP", 15012, true},
		"istiod before":    {consent, pod("istio-system", "app", "istiod"), "TCP", 15012, false},
		"DNS":              {consent, pod("names", "k8s-app", "kube-dns"), "UDP", 53, true},
		"DNS before":       {consent, pod("kube-system", "k8s-app", "kube-dns"), "UDP", 53, false},
		"node's DNS":       {consent, address("192.0.2.53"), "UDP", 53, true},
		"Prometheus":       {pod("watch", "app.kubernetes.io/name", "prometheus"), consent, "TCP", 15020, true},
		"gateway":          {pod("door", "istio", "ingress"), consent, "TCP", 7002, true},
		"gateway before":   {pod("istio-ingress", "istio", "ingress"), consent, "TCP", 7002, false},
		"API server":       {database, address("192.0.2.1"), "TCP", 6443, true},
		"not API server":   {database, address("192.0.2.2"), "TCP", 6443, false},
		"object store":     {database, address("192.0.2.200"), "TCP", 9000, true},
		"not for services": {consent, address("192.0.2.200"), "TCP", 9000, false},
	} {
		assert.Equal(t, check.want, judge.passes(check.from, check.to, check.protocol, check.port), name)
	}
}

// TestCallersHaveTheIdentityThatIsAdmitted joins both sides of a call: the ServiceAccount that the caller's pods run as,
// and the principals that the callee's sidecar lets in.
func TestCallersHaveTheIdentityThatIsAdmitted(t *testing.T) {
	admitted := map[string][]string{
		"consent-service": {"istio-ingress/istio-ingress", "federated-risk/psi-service", "federated-risk/model-serving"},
		"psi-service":     {"istio-ingress/istio-ingress"}, "model-serving": {"istio-ingress/istio-ingress"},
		"model-serving-backup": {"istio-ingress/istio-ingress"}, "frontend": {"istio-ingress/istio-ingress"},
	}
	ports := map[string]string{
		"consent-service": "7002", "psi-service": "7001", "model-serving": "7003", "model-serving-backup": "7003", "frontend": "80",
	}
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		found := map[string]bool{}
		for _, r := range run.OfKind("AuthorizationPolicy") {
			app, _ := r.Get(t, "spec.selector.matchLabels.app").(string)
			if r.Get(t, "spec.action") == "DENY" {
				assert.Equal(t, "policy-isolated", r.Name)
				continue
			}
			if app == "" {
				assert.Empty(t, r.Get(t, "spec"), "%s: without a selector it must allow nothing", r.Name)
				found["nothing"] = true
				continue
			}
			found[app] = true
			assert.Equal(t, "ALLOW", r.Get(t, "spec.action"))
			assert.Nil(t, r.Get(t, "spec.rules[1]"), r.Name)
			var names []string
			for _, principal := range r.Get(t, "spec.rules[0].from[0].source.principals").([]any) {
				name, ok := strings.CutPrefix(principal.(string), "cluster.local/ns/")
				assert.True(t, ok, principal)
				names = append(names, strings.Replace(name, "/sa/", "/", 1))
			}
			assert.ElementsMatch(t, admitted[app], names, app)
			assert.Equal(t, []any{ports[app]}, r.Get(t, "spec.rules[0].to[0].operation.ports"))
		}
		assert.Len(t, found, len(admitted)+1)
		for _, deployment := range run.OfKind("Deployment") {
			app := deployment.Get(t, "spec.template.metadata.labels.app").(string)
			account := strings.TrimSuffix(app, "-backup")
			// In an update the name is known; a preview knows it as well, since it is explicit.
			assert.Equal(t, account, deployment.Get(t, "spec.template.spec.serviceAccountName"), "%s: its callees admit %s", deployment.Name, account)
		}
		mtls := run.OfKind("PeerAuthentication")
		require.Len(t, mtls, 1)
		assert.Equal(t, map[string]any{"mtls": map[string]any{"mode": "STRICT"}}, mtls[0].Get(t, "spec"))
	})
}

func TestControllerOutsideTheMesh(t *testing.T) {
	config := stacktest.Load(t, "dev").Set(t, "ingress.mode", "ingress").
		Set(t, "ingress.controller.class", "public").Set(t, "ingress.controller.namespace", "edge").Set(t, "ingress.controller.inMesh", "false")
	run := deploy(t, config, false)
	judge := networkOf(t, run)
	controller := endpoint{namespace: "edge"}
	for app, port := range map[string]int{"consent-service": 7002, "psi-service": 7001, "model-serving": 7003, "model-serving-backup": 7003, "frontend": 80} {
		pod := endpoint{namespace: "federated-risk", labels: map[string]string{"app": app}}
		assert.True(t, judge.passes(controller, pod, "TCP", port), app)
		assert.False(t, judge.passes(endpoint{namespace: "istio-ingress", labels: map[string]string{"istio": "ingress"}}, pod, "TCP", port), app)
		mtls := run.Find(t, "PeerAuthentication", "policy-mtls-"+app)
		assert.Equal(t, map[string]any{
			"selector": map[string]any{"matchLabels": map[string]any{"app": app}}, "mtls": map[string]any{"mode": "STRICT"},
			"portLevelMtls": map[string]any{fmt.Sprint(port): map[string]any{"mode": "PERMISSIVE"}},
		}, mtls.Get(t, "spec"))
	}
	assert.Equal(t, []any{"*"}, run.Find(t, "AuthorizationPolicy", "policy-callers-frontend").Get(t, "spec.rules[0].from[0].source.notPrincipals"))

	inside := deploy(t, config.Set(t, "ingress.controller.inMesh", "true").Set(t, "ingress.controller.serviceAccount", "edge"), false)
	assert.Len(t, inside.OfKind("PeerAuthentication"), 1)
	assert.Equal(t, []any{"cluster.local/ns/edge/sa/edge"},
		inside.Find(t, "AuthorizationPolicy", "policy-callers-frontend").Get(t, "spec.rules[0].from[0].source.principals"))
}

func TestControllerOutsideTheCluster(t *testing.T) {
	run := deploy(t, stacktest.Load(t, "dev").Set(t, "ingress.mode", "ingress").
		Set(t, "ingress.controller.class", "alb").Set(t, "ingress.controller.cidrs[0]", "192.0.2.0/25"), false)
	judge := networkOf(t, run)
	frontend := endpoint{namespace: "federated-risk", labels: map[string]string{"app": "frontend"}}
	assert.True(t, judge.passes(endpoint{address: "192.0.2.1"}, frontend, "TCP", 80))
	assert.False(t, judge.passes(endpoint{address: "192.0.2.1"}, frontend, "TCP", 15020))
	assert.False(t, judge.passes(endpoint{address: "192.0.2.129"}, frontend, "TCP", 80))
	assert.Equal(t, []any{"*"}, run.Find(t, "AuthorizationPolicy", "policy-callers-frontend").Get(t, "spec.rules[0].from[0].source.notPrincipals"))
}

func TestNamespaceEnforcesPodSecurity(t *testing.T) {
	const prefix = "pod-security.kubernetes.io/"
	label := func(run *stacktest.Run, name string) any {
		return run.Find(t, "v1:Namespace", "namespace").Get(t, `metadata.labels["`+prefix+name+`"]`)
	}
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		for name, want := range map[string]string{
			"enforce": "restricted", "enforce-version": "v1.28", "audit": "restricted", "audit-version": "latest",
			"warn": "restricted", "warn-version": "latest",
		} {
			assert.Equal(t, want, label(run, name), name)
		}
	})
	run := deploy(t, stacktest.Load(t, "dev").Set(t, "policy.podSecurity", "privileged"), false)
	assert.Equal(t, "privileged", label(run, "enforce"))
	assert.Equal(t, "restricted", label(run, "warn"))
}

func TestNamespaceHasAQuota(t *testing.T) {
	rows := map[string]map[string]any{
		"local": {"requests.cpu": "8", "requests.memory": "16G", "requests.storage": "100G", "pods": "50", "persistentvolumeclaims": "10"},
		"dev":   {"requests.cpu": "16", "requests.memory": "32G", "requests.storage": "500G", "pods": "100", "persistentvolumeclaims": "20"},
		"prod":  {"requests.cpu": "32", "requests.memory": "64G", "requests.storage": "1T", "pods": "200", "persistentvolumeclaims": "40"},
	}
	everywhere(t, func(t *testing.T, stack string, run *stacktest.Run) {
		quota, containers := run.Find(t, "ResourceQuota", "policy-quota"), run.Find(t, "LimitRange", "policy-containers")
		assert.Equal(t, rows[stack], quota.Get(t, "spec.hard"))
		assert.Contains(t, dependencies(run, quota), "policy-containers", "without it the quota refuses containers that have no requests")
		memory := map[string]any{"memory": rows[stack]["requests.memory"]}
		assert.Equal(t, []any{map[string]any{
			"type": "Container", "defaultRequest": map[string]any{"cpu": "50m", "memory": "64Mi"}, "default": memory, "max": memory,
		}}, containers.Get(t, "spec.limits"))
	})
	run := deploy(t, stacktest.Load(t, "dev").Set(t, "policy.quota.enabled", "false"), false)
	assert.Empty(t, append(run.OfKind("ResourceQuota"), run.OfKind("LimitRange")...))
}

// TestNobodyMayUseTheAPI: the program grants nothing, and its pods have no token to use a grant with.
func TestNobodyMayUseTheAPI(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		for _, r := range run.Resources {
			assert.NotContains(t, r.Type, "rbac.authorization.k8s.io", r.Name)
		}
		for _, deployment := range run.OfKind("Deployment") {
			assert.Equal(t, false, deployment.Get(t, "spec.template.spec.automountServiceAccountToken"), deployment.Name)
		}
		for _, account := range run.OfKind("ServiceAccount") {
			assert.Equal(t, false, account.Get(t, "automountServiceAccountToken"), account.Name)
		}
	})
}
