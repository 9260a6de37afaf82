package autoscaling

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func valid() *Args {
	speed := Speed{Percent: 50, PeriodSeconds: 60}
	return &Args{
		Namespace: pulumi.String("risk"), ServiceName: "scoring", DeploymentName: pulumi.String("scoring"),
		Horizontal: &Horizontal{MinReplicas: 1, MaxReplicas: 1, QueueLength: "10", ScaleUp: speed, ScaleDown: speed},
		Vertical:   &Vertical{Mode: "Off", Memory: true},
	}
}

func TestCheckReportsEveryFaultAtOnce(t *testing.T) {
	require.NoError(t, valid().check())
	require.ErrorContains(t, (*Args)(nil).check(), "args is nil")
	for name, check := range map[string]struct {
		damage func(*Args)
		faults []string
	}{
		"empty": {func(args *Args) { *args = Args{} }, []string{
			"args.Namespace", "args.ServiceName", "args.DeploymentName", "args.Horizontal or args.Vertical",
		}},
		"empty autoscalers": {func(args *Args) { args.Horizontal, args.Vertical = &Horizontal{}, &Vertical{} }, []string{
			"args.Horizontal.MinReplicas is 0", "args.Horizontal has no metric", "args.Horizontal.ScaleUp.Percent is 0",
			"args.Horizontal.ScaleUp.PeriodSeconds is 0", "args.Horizontal.ScaleDown.Percent is 0",
			"args.Vertical.Mode is empty", "args.Vertical controls neither",
		}},
		"bounds crossed": {func(args *Args) { args.Horizontal.MinReplicas = 2 }, []string{"args.Horizontal.MaxReplicas is 1: expected 2"}},
		"below zero": {func(args *Args) {
			args.Horizontal.CPUUtilization, args.Horizontal.MemoryUtilization = -1, -1
			args.Horizontal.ScaleDown = Speed{StabilizationSeconds: -1, Percent: 1, Pods: -1, PeriodSeconds: 1}
		}, []string{
			"args.Horizontal.CPUUtilization is -1", "args.Horizontal.MemoryUtilization is -1",
			"args.Horizontal.ScaleDown.StabilizationSeconds is -1", "args.Horizontal.ScaleDown.Percent is 1 and Pods -1",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			args := valid()
			check.damage(args)
			err := args.check()
			for _, fault := range check.faults {
				assert.ErrorContains(t, err, fault)
			}
		})
	}
	for _, drop := range []func(*Args){
		func(args *Args) { args.Horizontal = nil }, func(args *Args) { args.Vertical = nil },
	} {
		args := valid()
		drop(args)
		assert.NoError(t, args.check(), "one of the two is enough")
	}
}

func TestNewRefusesBadArgs(t *testing.T) {
	_, err := New(nil, "scoring", nil)
	assert.EqualError(t, err, `autoscaling "scoring": args is nil`)
}

// TestAdapterRules writes the rules down a second time; that the adapter makes of them what the autoscaler asks for, the
// sandbox shows with the real one.
func TestAdapterRules(t *testing.T) {
	assert.Equal(t, []any{
		map[string]any{
			"seriesQuery": `request_queue_length{namespace=~"risk|risk-b",pod!=""}`,
			"resources": map[string]any{"overrides": map[string]any{
				"namespace": map[string]any{"resource": "namespace"}, "pod": map[string]any{"resource": "pod"},
			}},
			"name":         map[string]any{"matches": "^request_queue_length$", "as": "request_queue_length"},
			"metricsQuery": `sum by (<<.GroupBy>>) (<<.Series>>{<<.LabelMatchers>>,namespace=~"risk|risk-b"})`,
		},
		map[string]any{
			"seriesQuery": `http_request_duration_seconds_bucket{namespace=~"risk|risk-b",service!=""}`,
			"resources": map[string]any{"overrides": map[string]any{
				"namespace": map[string]any{"resource": "namespace"}, "service": map[string]any{"resource": "service"},
			}},
			"name": map[string]any{"matches": "^http_request_duration_seconds_bucket$", "as": "http_request_duration_p95"},
			"metricsQuery": `histogram_quantile(0.95, sum by (namespace, le, <<.GroupBy>>) ` +
				`(rate(<<.Series>>{<<.LabelMatchers>>,namespace=~"risk|risk-b"}[2m])))`,
		},
	}, AdapterRules("risk", "risk-b"))
}
