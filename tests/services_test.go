package tests

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// serviceFacts are the runbook's about one service, written down a second time, independent of the catalogue.
type serviceFacts struct {
	name   string
	port   int
	health string
	// env in the clear, in the namespace federated-risk, but for VERSION. <domain> stands for the stack's, <kid> for the ID
	// of the key that signs.
	env map[string]string
	// secretEnv says whether there is a Secret with further variables, and whether the service reads the shared settings:
	// all but the frontend do both.
	secretEnv bool
	// mounts by path, with the name of the volume; read-only ones are in readOnly.
	mounts   map[string]string
	readOnly []string
}

var services = []serviceFacts{
	{
		name: "consent-service", port: 7002, health: "/health", secretEnv: true,
		env: map[string]string{
			"JWT_ALGORITHM":        "RS256",
			"JWT_PRIVATE_KEY_PATH": "/app/keys/jwt/private.pem",
			"JWT_PUBLIC_KEY_PATH":  "/app/keys/jwt/public.pem",
			"JWT_JWKS_PATH":        "/app/keys/jwks/jwks.json",
			"JWT_KEY_ID":           "<kid>",
		},
		mounts: map[string]string{
			"/tmp": "tmp", "/app/logs": "logs", "/app/certs": "certs", "/app/keys/jwt": "jwt", "/app/keys/jwks": "jwks",
		},
		readOnly: []string{"/app/certs", "/app/keys/jwt", "/app/keys/jwks"},
	},
	{
		name: "psi-service", port: 7001, health: "/health", secretEnv: true,
		env: map[string]string{
			"CONSENT_SERVICE_URL": "http://consent-service.federated-risk.svc.cluster.local:7002",
			"JWT_JWKS_PATH":       "/app/keys/jwks/jwks.json",
		},
		mounts:   map[string]string{"/tmp": "tmp", "/app/logs": "logs", "/app/certs": "certs", "/app/keys/jwks": "jwks"},
		readOnly: []string{"/app/certs", "/app/keys/jwks"},
	},
	{
		name: "model-serving", port: 7003, health: "/health", secretEnv: true,
		env: map[string]string{
			"CONSENT_SERVICE_URL": "http://consent-service.federated-risk.svc.cluster.local:7002",
			"FEAST_REGISTRY_PATH": "/app/data/feast/registry.db",
			"JWT_JWKS_PATH":       "/app/keys/jwks/jwks.json",
		},
		mounts: map[string]string{
			"/tmp": "tmp", "/app/logs": "logs", "/app/certs": "certs", "/app/data/feast": "feast", "/app/keys/jwks": "jwks",
		},
		readOnly: []string{"/app/certs", "/app/keys/jwks"},
	},
	{
		name: "frontend", port: 80, health: "/",
		env:    map[string]string{"REACT_APP_API_BASE_URL": "https://api.<domain>"},
		mounts: map[string]string{"/tmp": "tmp"},
	},
}

const container = "spec.template.spec.containers[0]"

// replicasOf are the profiles' (runbook, REPLICAS of the deploy script, for production).
var replicasOf = map[string]int{"local": 1, "dev": 2, "prod": 3}

// everyService looks at the stable Deployment of each service of each stack.
func everyService(t *testing.T, look func(t *testing.T, stack string, run *stacktest.Run, facts serviceFacts, stable *stacktest.Resource)) {
	t.Helper()
	for _, stack := range stacktest.Stacks() {
		for _, mode := range modes {
			run := deployFile(t, stack, mode.preview)
			for _, facts := range services {
				t.Run(stack+"/"+mode.name+"/"+facts.name, func(t *testing.T) {
					look(t, stack, run, facts, run.Find(t, "Deployment", facts.name+"-stable"))
				})
			}
		}
	}
}

func TestDeploymentsFollowTheConfig(t *testing.T) {
	everyService(t, func(t *testing.T, stack string, _ *stacktest.Run, facts serviceFacts, stable *stacktest.Resource) {
		config := stacktest.Load(t, stack)
		assert.Equal(t, facts.name, stable.Get(t, "metadata.name"))
		assert.Equal(t, config.Value(t, "services."+facts.name+".image"), stable.Get(t, container+".image"))
		if facts.name == "model-serving" && stack != "local" {
			assert.Nil(t, stable.Get(t, "spec.replicas"), "an autoscaler counts its pods")
		} else {
			assert.EqualValues(t, replicasOf[stack], stable.Get(t, "spec.replicas"))
		}
		limits := map[string]any{"cpu": "500m", "memory": "1Gi"}
		requests := map[string]any{"cpu": "250m", "memory": "512Mi"}
		if stack == "local" {
			requests = map[string]any{"cpu": "100m", "memory": "256Mi"}
		}
		for _, resource := range []string{"cpu", "memory"} {
			assert.Equal(t, requests[resource], stable.Get(t, container+".resources.requests."+resource))
			assert.Equal(t, limits[resource], stable.Get(t, container+".resources.limits."+resource))
		}
		assert.Len(t, stable.Get(t, "spec.template.spec.containers"), 1)
	})
}

func TestConfigOfOneServiceReachesItAlone(t *testing.T) {
	config := stacktest.Load(t, "dev").
		Set(t, "services.psi-service.replicas", "7").
		Set(t, "services.psi-service.image", "registry.example.com/psi-service:9").
		Set(t, "services.psi-service.env.LOG_LEVEL", "debug").
		Set(t, "services.psi-service.resources.limits.memory", "3Gi")
	before, after := deployFile(t, "dev", false), deploy(t, config, false)
	assert.Equal(t, []string{"psi-service-stable"}, changed(t, before, after))
	stable := after.Find(t, "Deployment", "psi-service-stable")
	assert.EqualValues(t, 7, stable.Get(t, "spec.replicas"))
	assert.Equal(t, "registry.example.com/psi-service:9", stable.Get(t, container+".image"))
	assert.Equal(t, "debug", environment(t, stable)["LOG_LEVEL"])
	assert.Equal(t, "3Gi", stable.Get(t, container+".resources.limits.memory"))
}

func TestProbesAskTheServiceItself(t *testing.T) {
	everyService(t, func(t *testing.T, _ string, _ *stacktest.Run, facts serviceFacts, stable *stacktest.Resource) {
		ports := []any{map[string]any{"name": "http", "containerPort": float64(facts.port)}}
		assert.Equal(t, ports, stable.Get(t, container+".ports"))
		for probe, timing := range map[string]map[string]any{
			"startupProbe":   {"periodSeconds": 5.0, "timeoutSeconds": 3.0, "failureThreshold": 30.0},
			"readinessProbe": {"periodSeconds": 10.0, "timeoutSeconds": 5.0, "failureThreshold": 2.0},
			"livenessProbe":  {"periodSeconds": 30.0, "timeoutSeconds": 10.0, "failureThreshold": 3.0},
		} {
			want := maps.Clone(timing)
			want["httpGet"] = map[string]any{"path": facts.health, "port": "http"}
			assert.Equal(t, want, stable.Get(t, container+"."+probe), probe)
		}
	})
}

func TestEnvironmentIsTheRunbooks(t *testing.T) {
	everyService(t, func(t *testing.T, stack string, run *stacktest.Run, facts serviceFacts, stable *stacktest.Resource) {
		want := map[string]any{"VERSION": "stable"}
		for name, value := range facts.env {
			want[name] = strings.ReplaceAll(value, "<domain>", stacktest.Load(t, stack).Value(t, "domain"))
			if value == "<kid>" {
				want[name] = signingKeyID(t, run)
			}
		}
		assert.Equal(t, want, environment(t, stable))
		if !facts.secretEnv {
			assert.Nil(t, stable.Get(t, container+".envFrom"))
			assert.Nil(t, run.Lookup("Secret", facts.name+"-env"))
			return
		}
		assert.Equal(t, []any{
			map[string]any{"configMapRef": map[string]any{"name": generatedName(t, run, "app-config")}},
			map[string]any{"secretRef": map[string]any{"name": generatedName(t, run, facts.name+"-env")}},
		}, stable.Get(t, container+".envFrom"))
		assert.Subset(t, dependencies(run, stable), []string{"app-config", facts.name + "-env"})
	})
}

// signingKeyID is that of the first of two keys: the second is the next generation's. A preview does not know it.
func signingKeyID(t *testing.T, run *stacktest.Run) string {
	t.Helper()
	if run.Preview {
		return stacktest.Unknown
	}
	var set struct {
		Keys []struct{ Kid string }
	}
	document := run.Find(t, "ConfigMap", "secrets-jwt-keys").Get(t, `data["jwks.json"]`)
	require.NoError(t, json.Unmarshal([]byte(document.(string)), &set))
	require.Len(t, set.Keys, 2)
	return set.Keys[0].Kid
}

func TestVolumesAreMountedWhereTheServiceLooks(t *testing.T) {
	everyService(t, func(t *testing.T, stack string, run *stacktest.Run, facts serviceFacts, stable *stacktest.Resource) {
		mounts, readOnly := map[string]string{}, []string{}
		list, _ := stable.Get(t, container+".volumeMounts").([]any)
		for _, element := range list {
			mount := element.(map[string]any)
			mounts[mount["mountPath"].(string)] = mount["name"].(string)
			if mount["readOnly"] == true {
				readOnly = append(readOnly, mount["mountPath"].(string))
			}
		}
		assert.Equal(t, facts.mounts, mounts)
		assert.ElementsMatch(t, facts.readOnly, readOnly)
		volumes, _ := stable.Get(t, "spec.template.spec.volumes").([]any)
		assert.Len(t, volumes, len(facts.mounts), "a volume that nothing mounts")
		for mountPath, name := range facts.mounts {
			volume := volumeNamed(t, stable, name)
			switch mountPath {
			case "/app/certs":
				assert.Equal(t, generatedName(t, run, "secrets-tls"), volume["secret"].(map[string]any)["secretName"])
			case "/app/keys/jwt":
				assert.Equal(t, generatedName(t, run, "secrets-jwt-g1"), volume["secret"].(map[string]any)["secretName"])
				assert.EqualValues(t, 0o440, volume["secret"].(map[string]any)["defaultMode"], "nobody else reads the key")
			case "/app/keys/jwks":
				assert.Equal(t, map[string]any{"name": generatedName(t, run, "secrets-jwt-keys")}, volume["configMap"])
			case "/app/data/feast":
				assert.Equal(t, map[string]any{"claimName": "model-serving-feast"}, volume["persistentVolumeClaim"])
			default:
				assert.Contains(t, volume, "emptyDir", "%s on %s: the root file system is read-only", mountPath, stack)
			}
		}
	})
}

func TestModelServingKeepsItsRegistryOnAClaim(t *testing.T) {
	sizes := map[string]string{"local": "1Gi", "dev": "2Gi", "prod": "5Gi"}
	everywhere(t, func(t *testing.T, stack string, run *stacktest.Run) {
		require.Len(t, run.OfKind("PersistentVolumeClaim"), 1)
		claim := run.Find(t, "PersistentVolumeClaim", "model-serving-feast")
		assert.Equal(t, "model-serving-feast", claim.Get(t, "metadata.name"))
		assert.Equal(t, []any{"ReadWriteMany"}, claim.Get(t, "spec.accessModes"))
		assert.Equal(t, sizes[stack], claim.Get(t, "spec.resources.requests.storage"))
		assert.Nil(t, claim.Get(t, "spec.storageClassName"), "without one it is the cluster's default class")
	})
	run := deploy(t, stacktest.Load(t, "prod").Set(t, "services.model-serving.volume.storageClass", "nfs"), false)
	assert.Equal(t, "nfs", run.Find(t, "PersistentVolumeClaim", "model-serving-feast").Get(t, "spec.storageClassName"))
}

func TestPodsHaveNoMoreRightsThanTheyNeed(t *testing.T) {
	everyService(t, func(t *testing.T, _ string, run *stacktest.Run, facts serviceFacts, stable *stacktest.Resource) {
		assert.Equal(t, facts.name, run.Find(t, "ServiceAccount", facts.name).Get(t, "metadata.name"))
		assert.Equal(t, facts.name, stable.Get(t, "spec.template.spec.serviceAccountName"))
		assert.Equal(t, false, stable.Get(t, "spec.template.spec.automountServiceAccountToken"))
		assert.Equal(t, true, stable.Get(t, "spec.template.spec.securityContext.runAsNonRoot"))
		assert.Equal(t, "RuntimeDefault", stable.Get(t, "spec.template.spec.securityContext.seccompProfile.type"))
		assert.Equal(t, map[string]any{
			"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": map[string]any{"drop": []any{"ALL"}},
		}, stable.Get(t, container+".securityContext"))
		sysctls := stable.Get(t, "spec.template.spec.securityContext.sysctls")
		if facts.port < 1024 {
			assert.Equal(t, []any{map[string]any{"name": "net.ipv4.ip_unprivileged_port_start", "value": "80"}}, sysctls,
				"port %d needs it without capabilities", facts.port)
		} else {
			assert.Nil(t, sysctls)
		}
	})
}

func TestServicesSelectEveryVersion(t *testing.T) {
	everyService(t, func(t *testing.T, _ string, run *stacktest.Run, facts serviceFacts, stable *stacktest.Resource) {
		object := run.Find(t, "v1:Service", facts.name)
		assert.Equal(t, facts.name, object.Get(t, "metadata.name"))
		assert.Equal(t, map[string]any{"app": facts.name}, object.Get(t, "spec.selector"), "the mesh decides between versions, not the Service")
		assert.Equal(t, []any{map[string]any{
			"name": "http", "port": float64(facts.port), "targetPort": "http", "appProtocol": "http",
		}}, object.Get(t, "spec.ports"))
		assert.Subset(t, stable.Get(t, "spec.template.metadata.labels"), object.Get(t, "spec.selector"))
	})
}

// TestSelectorsNeverChange fixes what the API server refuses to change in a stack that lives.
func TestSelectorsNeverChange(t *testing.T) {
	with := deploy(t, withCanary(t, "dev", "0"), false)
	without := deployFile(t, "dev", false)
	for _, facts := range services {
		want := map[string]any{"matchLabels": map[string]any{"app": facts.name, "version": "stable"}}
		for _, run := range []*stacktest.Run{with, without} {
			stable := run.Find(t, "Deployment", facts.name+"-stable")
			assert.Equal(t, want, stable.Get(t, "spec.selector"), facts.name)
			assert.Subset(t, stable.Get(t, "spec.template.metadata.labels"), want["matchLabels"])
		}
	}
	canary := with.Find(t, "Deployment", "model-serving-canary")
	selector := map[string]any{"app": "model-serving", "version": "canary"}
	assert.Equal(t, map[string]any{"matchLabels": selector}, canary.Get(t, "spec.selector"))
	assert.Subset(t, canary.Get(t, "spec.template.metadata.labels"), selector)
}

// environment returns the variables of the first container that stand in the clear.
func environment(t testing.TB, deployment *stacktest.Resource) map[string]any {
	t.Helper()
	variables := map[string]any{}
	list, _ := deployment.Get(t, container+".env").([]any)
	for _, element := range list {
		variable := element.(map[string]any)
		name := variable["name"].(string)
		require.NotContains(t, variables, name, "%s sets it twice", deployment.Name)
		variables[name] = variable["value"]
	}
	return variables
}

// generatedName is the name that the provider gives an object without one; a preview does not know it.
func generatedName(t testing.TB, run *stacktest.Run, name string) string {
	t.Helper()
	if run.Preview {
		return stacktest.Unknown
	}
	object := run.Lookup("Secret", name)
	if object == nil {
		object = run.Find(t, "ConfigMap", name)
	}
	return stacktest.GeneratedName(object)
}
