package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/quantities"
)

func TestCheckReportsEveryFaultAtOnce(t *testing.T) {
	require.NoError(t, valid().check())
	require.ErrorContains(t, (*Args)(nil).check(), "args is nil")
	err := (&Args{Backup: Backup{CIDRs: []string{"10.0.0.0/8"}, Port: 65536}, Quota: &Quota{}}).check()
	for _, fault := range []string{
		"args.Namespace and args.NamespaceName", "args.Services is empty", "args.Postgres.PodLabels", "args.Redis.PodLabels",
		"args.Entrance: expected one of", "args.OperatorNamespace", "args.IstioNamespace", "args.MonitoringNamespace", "args.DNSNamespace",
		"args.APIServerCIDRs", "args.Backup.Port is 65536", "args.Quota.CPU", "args.Quota.Memory", "args.Quota.Storage",
		"args.Quota.Pods is 0", "args.Quota.PersistentVolumeClaims is 0", "args.Quota.ContainerRequests.CPU", "args.Quota.ContainerRequests.Memory",
	} {
		require.ErrorContains(t, err, fault)
	}
	args := valid()
	args.Quota = &Quota{
		CPU: "1", Memory: "1Gi", Storage: "1Gi", Pods: 1, PersistentVolumeClaims: 1,
		ContainerRequests: quantities.List{CPU: "1m", Memory: "1Mi"},
	}
	require.NoError(t, args.check())
}

func TestNewRefusesBadArgs(t *testing.T) {
	_, err := New(nil, "policy", nil)
	assert.EqualError(t, err, `policy "policy": args is nil`)
}
