package istio

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/release"
)

func valid() *Args {
	in := func(namespace string) *Release {
		return &Release{Chart: release.Chart{Name: "chart", TimeoutSeconds: 1}, Namespace: namespace}
	}
	return &Args{
		Stack: "risk", Base: in("istio-system"), Istiod: in("istio-system"),
		Gateway: &Gateway{Release: *in("istio-ingress"), Name: "istio-ingress", Selector: map[string]string{"istio": "ingress"}},
	}
}

func TestCheckReportsEveryFaultAtOnce(t *testing.T) {
	require.NoError(t, valid().check())
	require.NoError(t, (&Args{Stack: "risk"}).check(), "all of it may be there already")
	require.ErrorContains(t, (*Args)(nil).check(), "args is nil")
	err := (&Args{Base: &Release{}, Istiod: &Release{Namespace: "elsewhere"}, Gateway: &Gateway{}}).check()
	for _, fault := range []string{
		"args.Stack", "args.Base.Chart.Name", "args.Base.Namespace is empty", "args.Istiod.Chart.Name", "args.Gateway.Chart.Name",
		"args.Gateway.Namespace is empty", "args.Gateway.Name is empty", "args.Gateway.Selector",
		"args.Istiod.Namespace differs from args.Base.Namespace",
	} {
		assert.ErrorContains(t, err, fault)
	}
}

func TestLongestReleaseSuffixIsTheLongest(t *testing.T) {
	for _, part := range valid().parts() {
		assert.LessOrEqual(t, len(part.releaseName), len("risk")+len(LongestReleaseSuffix), part.releaseName)
	}
}

func TestNewRefusesBadArgs(t *testing.T) {
	_, err := New(nil, "istio", nil)
	assert.EqualError(t, err, `istio "istio": args is nil`)
}
