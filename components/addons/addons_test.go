package addons

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/release"
)

func TestCheckReportsEveryFaultAtOnce(t *testing.T) {
	valid := Args{Chart: release.Chart{Name: "chart", TimeoutSeconds: 1}, Namespace: "risk-vpa"}
	require.NoError(t, valid.check())
	require.NoError(t, (&PrometheusAdapterArgs{
		Args: valid, PrometheusURL: "http://prometheus", PrometheusPort: 9090, Rules: pulumi.Map{},
	}).check())
	err := (&PrometheusAdapterArgs{}).check()
	for _, fault := range []string{"args.Chart.Name", "args.Namespace", "args.PrometheusURL", "args.PrometheusPort is 0", "args.Rules is nil"} {
		assert.ErrorContains(t, err, fault)
	}
}

func TestNewRefusesBadArgs(t *testing.T) {
	_, err := NewVPA(nil, "vpa", nil)
	require.EqualError(t, err, `vpa "vpa": args is nil`)
	_, err = NewVPA(nil, "vpa", &VPAArgs{})
	require.ErrorContains(t, err, "args.Chart.Name")
	_, err = NewPrometheusAdapter(nil, "adapter", nil)
	assert.EqualError(t, err, `prometheus-adapter "adapter": args is nil`)
}
