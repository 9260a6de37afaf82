package stacks

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDemandCountsWhatTheAPIServerCounts(t *testing.T) {
	cfg := &Config{
		Services: map[string]Service{
			"a": {
				Replicas: 2, Volume: &Volume{Storage: Storage{Size: "1Gi"}},
				Resources: Resources{Requests: ResourceList{CPU: "100m"}, Limits: ResourceList{CPU: "1", Memory: "1Gi"}},
				Canary:    Canary{Image: "x", Replicas: 1, Resources: Resources{Requests: ResourceList{CPU: "200m", Memory: "2Gi"}}},
			},
			"b": {Replicas: 1, Resources: Resources{Requests: ResourceList{CPU: "much"}}, Canary: Canary{Replicas: 9}},
		},
		Postgres: Postgres{Instances: 3, Storage: Storage{Size: "10Gi"}, Resources: dataResources("1", "2Gi")},
		Redis: Redis{
			Architecture: RedisReplication, Replicas: 3, Storage: Storage{Size: "5Gi"}, Resources: dataResources("500m", "1Gi"),
		},
	}
	got := demandOf(cfg)
	// a: 3 pods of 200m, its canary: 2 of 300m, b: 2 of 100m beside the unreadable request; 3 of 1 core; 3 of 600m; 2 of 50m;
	// the two Jobs that try the logins, 50m each.
	assert.Equal(t, int64(600+600+200+3000+1800+100+100), got.cpu.MilliValue())
	// Without a request the limit counts, and without either the LimitRange's default.
	const mi = 1 << 20
	assert.Equal(t, int64(3*(1024+128)+2*(2048+128)+2*(64+128)+3*2048+3*(1024+64+64)+2*64+2*64), got.memory.Value()/mi)
	assert.Equal(t, int64(1+30+15), got.storage.Value()>>30)
	assert.Equal(t, 3+2+2+3+3+2+2, got.pods)
	assert.Equal(t, 1+3+3, got.claims)
}

// TestQuotasHaveRoomForIncidents adds to each profile with a canary what the runbook scales to at most: model-serving to
// the 20 pods of its autoscaler where the profile has one, and its standby to the 5 of an outage.
func TestQuotasHaveRoomForIncidents(t *testing.T) {
	for _, profile := range profiles {
		cfg := defaults(Config{Profile: profile})
		model := cfg.Services["model-serving"]
		model.Canary.Image = "x"
		if profile != ProfileMinimum {
			model.Replicas = 20
		}
		cfg.Services["model-serving"] = model
		inheritCanaryResources(&cfg)
		asked := demandOf(&cfg)
		asked.addPods(inRollout(5), requested(model.Resources), sidecarRequests)
		// The Job that encrypts anew.
		asked.addPods(1, requested(model.Resources))
		faults := &faultList{}
		v, quota := validator{faults}, cfg.Policy.Quota
		for key, sum := range map[string]struct {
			quota string
			asked int64
		}{
			"cpu": {quota.CPU, asked.cpu.MilliValue()}, "memory": {quota.Memory, asked.memory.MilliValue()},
			"storage": {quota.Storage, asked.storage.MilliValue()},
		} {
			bound, ok := v.quantity(keyPath{key}, sum.quota, leastCPU, "m")
			assert.True(t, ok)
			assert.LessOrEqual(t, sum.asked, bound.MilliValue(), "%s: %s", profile, key)
		}
		assert.LessOrEqual(t, asked.pods, quota.Pods)
		assert.LessOrEqual(t, asked.claims, quota.PersistentVolumeClaims)
	}
}
