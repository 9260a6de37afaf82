package stacks_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/stacks"
)

func TestDefaultPolicy(t *testing.T) {
	assert.Equal(t, stacks.Policy{
		IstioNamespace: "istio-system", MonitoringNamespace: "federated-risk-monitoring", DNSNamespace: "kube-system",
		DNSCIDRs: []string{"169.254.20.10/32"}, APIServerCIDRs: []string{"0.0.0.0/0"}, BackupCIDRs: []string{}, BackupPort: 443,
		PodSecurity: stacks.PodSecurityRestricted,
		Quota: stacks.Quota{
			Enabled: true, CPU: "16", Memory: "32G", Storage: "500G", Pods: 100, PersistentVolumeClaims: 20,
		},
	}, parse(t, nil).Policy)
	assert.Equal(t, "risk-monitoring", parse(t, tree{"namespace": "risk"}).Policy.MonitoringNamespace)
	for profile, want := range map[string][3]string{"minimum": {"8", "16G", "100G"}, "production": {"32", "64G", "1T"}} {
		got := parse(t, tree{"profile": profile}).Policy.Quota
		assert.Equal(t, want, [3]string{got.CPU, got.Memory, got.Storage}, profile)
	}
}

func TestConfigOverridesLists(t *testing.T) {
	cfg := parse(t, tree{"policy.dnsCIDRs": []any{}, "policy.apiServerCIDRs": []any{"10.0.0.1/32", "fd00::/8"}})
	assert.Empty(t, cfg.Policy.DNSCIDRs)
	assert.Equal(t, []string{"10.0.0.1/32", "fd00::/8"}, cfg.Policy.APIServerCIDRs)
}

func TestValidatePolicy(t *testing.T) {
	const (
		badLabel = `must be 1 to 63 lower-case letters, digits and "-", with a letter or digit at both ends`
		own      = "must differ from federated-risk:namespace, where everything that is not part of the platform is cut off"
		badCIDR  = "must be a range of addresses such as 10.0.0.0/16, or 10.0.0.1/32 for a single one"
	)
	checkRules(t, slices.Concat(
		sameFault("policy.istioNamespace", badLabel, "", "Istio"),
		sameFault("policy.monitoringNamespace", badLabel, "", "a.b"),
		sameFault("policy.dnsNamespace", badLabel, "", "-"),
		sameFault("policy.istioNamespace", own, "federated-risk"),
		sameFault("policy.monitoringNamespace", own, "federated-risk"),
		sameFault("policy.dnsNamespace", own, "federated-risk"),
		sameFault("policy.podSecurity", "", "restricted", "baseline", "privileged"),
		sameFault("policy.podSecurity", "must be one of restricted, baseline, privileged", "", "Restricted"),
		[]rule{{
			"ranges", tree{"policy": tree{
				"apiServerCIDRs": []any{"10.0.0.1", "10.0.0.1/8", "10.0.0.0/8", "10.0.0.0/8", "", "10.0.0.0/33"},
				"dnsCIDRs":       []any{"localhost"}, "backupCIDRs": []any{"fd00::/8", "fd00::/8"},
			}},
			[]string{
				`policy.apiServerCIDRs[0]: "10.0.0.1": ` + badCIDR,
				`policy.apiServerCIDRs[1]: "10.0.0.1/8": must have no bits set beyond its prefix, as 10.0.1.0/16 has`,
				`policy.apiServerCIDRs[3]: "10.0.0.0/8": is federated-risk:policy.apiServerCIDRs[2] again`,
				`policy.apiServerCIDRs[4]: "": ` + badCIDR,
				`policy.apiServerCIDRs[5]: "10.0.0.0/33": ` + badCIDR,
				`policy.backupCIDRs[1]: "fd00::/8": is federated-risk:policy.backupCIDRs[0] again`,
				`policy.dnsCIDRs[0]: "localhost": ` + badCIDR,
			},
		}, {
			"no API server", tree{"policy.apiServerCIDRs": []any{}},
			[]string{"policy.apiServerCIDRs: must not be empty: the database cannot work without the API server"},
		}, {
			"backup port", tree{"policy.backupPort": 0}, []string{"policy.backupPort: 0: must be 1 to 65535"},
		}, {
			"backup port too high", tree{"policy.backupPort": 65536}, []string{"policy.backupPort: 65536: must be 1 to 65535"},
		}},
	))
}

// TestQuotaMustSuffice: at 350m and 640Mi with the sidecar, three services of two replicas and one in excess, and
// model-serving of 20 and four; the re-encryption Job at 250m and 512Mi, Postgres at 500m and 1Gi, and Redis at 250m and
// 512Mi with an exporter at 50m and 64Mi.
func TestQuotaMustSuffice(t *testing.T) {
	const tail = " that the config asks for at most: raise it, or ask for less"
	checkRules(t, []rule{{
		"just enough", tree{"policy.quota": tree{
			"cpu": "12700m", "memory": "23360Mi", "storage": "72Gi", "pods": 38, "persistentVolumeClaims": 3,
		}}, nil,
	}, {
		"too little", tree{"policy.quota": tree{
			"cpu": "12699m", "memory": "23359Mi", "storage": "71Gi", "pods": 37, "persistentVolumeClaims": 2,
		}}, []string{
			`policy.quota.cpu: "12699m": is less than the 12700m` + tail,
			`policy.quota.memory: "23359Mi": is less than the 23360Mi` + tail,
			"policy.quota.persistentVolumeClaims: 2: is less than the 3" + tail,
			"policy.quota.pods: 37: is less than the 38" + tail,
			`policy.quota.storage: "71Gi": is less than the 72Gi` + tail,
		},
	}, {
		"too little, but off", tree{"policy.quota": tree{"enabled": false, "cpu": "1m"}}, nil,
	}, {
		"no quantities", tree{"policy.quota": tree{"cpu": "", "memory": "1GB", "storage": "100", "pods": 0, "persistentVolumeClaims": 1001}},
		[]string{
			`policy.quota.cpu: "": must be a Kubernetes quantity, such as 500m`,
			`policy.quota.memory: "1GB": must be a Kubernetes quantity, such as 500Gi`,
			"policy.quota.persistentVolumeClaims: 1001: must be 1 to 1000",
			"policy.quota.pods: 0: must be 1 to 5000",
			`policy.quota.storage: "100": must be at least 1Mi: a unit such as Gi may be missing`,
		},
	}, {
		"limits above all memory", tree{
			"policy.quota.enabled":             true,
			"postgres.resources.limits.memory": "33G", "services.frontend.resources.limits.memory": "33G",
			"services.psi-service.canary": tree{
				"image": "example.com/psi:2", "resources": tree{"limits": tree{"memory": "34G"}},
			},
		}, []string{
			`postgres.resources.limits.memory: "33G": must not exceed federated-risk:policy.quota.memory`,
			`services.frontend.resources.limits.memory: "33G": must not exceed federated-risk:policy.quota.memory`,
			`services.psi-service.canary.resources.limits.memory: "34G": must not exceed federated-risk:policy.quota.memory`,
		},
	}, {
		"sizes that would take for ever to add up",
		tree{"policy.quota.enabled": true, "postgres.storage.size": "1E999999999", "redis.resources.limits.memory": "1E999999999"},
		[]string{
			`postgres.storage.size: "1E999999999": must be a Kubernetes quantity, such as 500Gi`,
			`redis.resources.limits.memory: "1E999999999": must be a Kubernetes quantity, such as 500Mi`,
		},
	}, {
		"what breaks a quota", tree{"policy.quota.enabled": true, "services.psi-service.replicas": 100},
		[]string{
			`policy.quota.cpu: "16": is less than the 53650m` + tail,
			`policy.quota.memory: "32G": is less than the 98240Mi` + tail,
			"policy.quota.pods: 100: is less than the 155" + tail,
		},
	}})
}
