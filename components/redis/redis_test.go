package redis

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/login"
	"github.com/federated-risk/federated-risk/internal/quantities"
	"github.com/federated-risk/federated-risk/internal/release"
)

func valid(replicas int) *Args {
	return &Args{
		Namespace: pulumi.String("risk"), Chart: release.Chart{Name: "redis", TimeoutSeconds: 1}, Replicas: replicas,
		SecretName: pulumi.String("redis-auth"), Login: Login{User: "service_a", Attempt: login.Attempt{Generation: 1, Image: "redis:8"}}, MaxmemoryPolicy: "noeviction",
		StorageSize: "1Gi", Resources: quantities.Resources{Limits: quantities.List{Memory: "1Gi"}},
	}
}

func TestCheckReportsEveryFaultAtOnce(t *testing.T) {
	require.NoError(t, valid(1).check())
	require.ErrorContains(t, (*Args)(nil).check(), "args is nil")
	err := (&Args{}).check()
	for _, fault := range []string{
		"args.Chart.Name", "args.Chart.TimeoutSeconds", "args.Namespace", "args.SecretName", "args.Replicas is 0",
		"args.Login.User", "args.Login.Image", "args.Login.Generation is 0", "args.MaxmemoryPolicy", "args.StorageSize", "args.Resources.Limits.Memory is",
	} {
		assert.ErrorContains(t, err, fault)
	}
}

func TestNewRefusesBadArgs(t *testing.T) {
	_, err := New(nil, "redis", nil)
	assert.EqualError(t, err, `redis "redis": args is nil`)
}

func TestMaxmemoryLeavesRoomBelowTheLimit(t *testing.T) {
	for limit, want := range map[string]int64{
		"1Gi": 805306350, "256Mi": 201326550, "1G": 750000000, "1000": 750, "1.5Gi": 1207959525,
	} {
		got, err := maxmemoryBytes(limit)
		require.NoError(t, err, limit)
		assert.Equal(t, want, got, limit)
	}
	for _, limit := range []string{"", "much", "1GB"} {
		_, err := maxmemoryBytes(limit)
		assert.ErrorContains(t, err, "args.Resources.Limits.Memory is", limit)
	}
}

func TestSentinelsCanElect(t *testing.T) {
	for replicas, quorum := range map[int]int{2: 2, 3: 2, 4: 3, 5: 3, 9: 5} {
		values, err := valid(replicas).values()
		require.NoError(t, err)
		assert.Equal(t, pulumi.String("replication"), values["architecture"])
		sentinel, ok := values["sentinel"].(pulumi.Map)
		require.True(t, ok)
		assert.Equal(t, pulumi.Int(quorum), sentinel["quorum"], "a majority of %d", replicas)
		assert.Equal(t, "redis-master", valid(replicas).masterService())
	}
	values, err := valid(1).values()
	require.NoError(t, err)
	assert.NotContains(t, values, "sentinel")
	assert.Equal(t, "redis", valid(1).masterService())
}
