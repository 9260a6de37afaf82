package alerting_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/toolchain"
)

const (
	ours, others = "federated-risk", "elsewhere"
	suppressed   = "alertmanager_notifications_suppressed_total{"
)

// silences are alerts that explain others, with some that they do not explain although these look like it.
var silences = map[string]struct {
	source           alert
	silenced, spoken []alert
}{
	"a service that is down": {
		named("ServiceDown", "critical", "namespace", ours, "job", "psi-service", "version", "stable", "pod", "psi-service-0"),
		[]alert{
			named("HighLatency", "warning", "namespace", ours, "job", "psi-service"),
			named("HighErrorRate", "warning", "namespace", ours, "job", "psi-service"),
			named("PSIPerformanceDegraded", "warning", "namespace", ours, "job", "psi-service"),
			named("ModelInferenceSlowdown", "warning", "namespace", ours, "job", "psi-service"),
			named("ErrorBudgetBurnFast", "critical", "namespace", ours, "job", "psi-service"),
			named("TargetDown", "warning", "namespace", ours, "job", "psi-service", "service", "psi-service"),
		},
		[]alert{
			named("HighLatency", "warning", "namespace", ours, "job", "consent-service"),
			named("HighLatency", "warning", "namespace", others, "job", "psi-service"),
			named("ServiceDown", "critical", "namespace", ours, "job", "model-serving"),
			named("PrivacyBudgetLow", "critical", "namespace", ours, "job", "psi-service"),
			named("CanaryLatencyHigh", "warning", "namespace", ours, "job", "psi-service", "version", "canary"),
		},
	},
	"a service that is gone": {
		named("ServiceAbsent", "critical", "namespace", ours, "job", "psi-service"),
		[]alert{named("ErrorBudgetBurnSlow", "warning", "namespace", ours, "job", "psi-service")},
		[]alert{
			named("ErrorBudgetBurnSlow", "warning", "namespace", ours, "job", "consent-service"),
			named("ServiceDown", "critical", "namespace", ours, "job", "model-serving"),
		},
	},
	"a canary that is down": {
		named("ServiceDown", "critical", "namespace", ours, "job", "psi-service", "version", "canary", "pod", "psi-service-canary-0"),
		[]alert{named("CanaryErrorRateHigh", "warning", "namespace", ours, "job", "psi-service", "version", "canary")},
		[]alert{
			named("CanaryErrorRateHigh", "warning", "namespace", ours, "job", "model-serving", "version", "canary"),
			named("CanaryErrorRateHigh", "warning", "namespace", others, "job", "psi-service", "version", "canary"),
		},
	},
	"a database that is down": {
		named("PostgresDown", "critical", "namespace", ours, "job", ours+"/postgres"),
		[]alert{
			named("PostgresReplicationLag", "warning", "namespace", ours, "job", ours+"/postgres", "pod", "postgres-2"),
			named("DatabaseConnectionHigh", "warning", "namespace", ours),
		},
		[]alert{
			named("DatabaseConnectionHigh", "warning", "namespace", others),
			named("ServiceDown", "critical", "namespace", ours, "job", "consent-service"),
			named("RedisDown", "critical", "namespace", ours),
		},
	},
	"a cache that is down": {
		named("RedisDown", "critical", "namespace", ours),
		[]alert{
			named("RedisMemoryHigh", "warning", "namespace", ours, "job", "redis", "pod", "redis-0"),
			named("CacheHitRateLow", "warning", "namespace", ours),
		},
		[]alert{
			named("CacheHitRateLow", "warning", "namespace", others),
			named("DatabaseConnectionHigh", "warning", "namespace", ours),
		},
	},
	"the same at a higher threshold": {
		named("DiskSpaceLow", "critical", "namespace", ours, "instance", "node-1", "mountpoint", "/"),
		[]alert{named("DiskSpaceLow", "warning", "namespace", ours, "instance", "node-1", "mountpoint", "/")},
		[]alert{
			named("DiskSpaceLow", "warning", "namespace", ours, "instance", "node-1", "mountpoint", "/var"),
			named("DiskSpaceLow", "warning", "namespace", ours, "instance", "node-2", "mountpoint", "/"),
			named("DiskSpaceLow", "warning", "namespace", others, "instance", "node-1", "mountpoint", "/"),
			named("HighCPUUsage", "warning", "namespace", ours, "instance", "node-1"),
		},
	},
	"a volume that is all but full": {
		named("VolumeSpaceExhausted", "critical", "namespace", ours, "persistentvolumeclaim", "postgres-1"),
		[]alert{named("VolumeSpaceLow", "warning", "namespace", ours, "persistentvolumeclaim", "postgres-1")},
		[]alert{
			named("VolumeSpaceLow", "warning", "namespace", ours, "persistentvolumeclaim", "postgres-2"),
			named("VolumeSpaceLow", "warning", "namespace", others, "persistentvolumeclaim", "postgres-1"),
			named("DiskSpaceLow", "warning", "namespace", ours, "instance", "node-1", "mountpoint", "/"),
		},
	},
	"a certificate with days left": {
		named("CertificateExpiryImminent", "critical", "namespace", ours, "certificate", "server", "source", "program"),
		[]alert{named("CertificateExpiringSoon", "warning", "namespace", ours, "certificate", "server", "source", "program")},
		[]alert{
			named("CertificateExpiringSoon", "warning", "namespace", ours, "certificate", "gateway", "source", "program"),
			named("CertificateExpiringSoon", "warning", "namespace", ours, "certificate", "server", "source", "cert-manager"),
		},
	},
	"an error budget that burns fast": {
		named("ErrorBudgetBurnFast", "critical", "namespace", ours, "job", "psi-service"),
		[]alert{named("ErrorBudgetBurnMedium", "critical", "namespace", ours, "job", "psi-service")},
		[]alert{
			named("ErrorBudgetBurnFast", "critical", "namespace", ours, "job", "consent-service"),
			named("ErrorBudgetBurnMedium", "critical", "namespace", ours, "job", "model-serving"),
			named("HighErrorRate", "warning", "namespace", ours, "job", "psi-service"),
		},
	},
	"an error budget that burns fast, of late": {
		named("ErrorBudgetBurnFast", "critical", "namespace", ours, "job", "psi-service"),
		[]alert{named("ErrorBudgetBurnSlow", "warning", "namespace", ours, "job", "psi-service")},
		[]alert{named("ErrorBudgetBurnSlow", "warning", "namespace", ours, "job", "consent-service")},
	},
	"an error budget that burns steadily": {
		named("ErrorBudgetBurnMedium", "critical", "namespace", ours, "job", "psi-service"),
		[]alert{named("ErrorBudgetBurnSlow", "warning", "namespace", ours, "job", "psi-service")},
		[]alert{named("ErrorBudgetBurnSlow", "warning", "namespace", ours, "job", "consent-service")},
	},
}

// TestInhibition posts an alert together with what it explains. What is kept back must come once the explanation is gone:
// else it could have been lost for another reason.
func TestInhibition(t *testing.T) {
	w := tools(t, toolchain.Alertmanager)
	for name, c := range silences {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, w, "slack")
			p.post(t, c.source)
			// The rules learn of a source after it was taken, and must know it before the others are told of.
			wait(t, "the source is told of", func(collect *assert.CollectT) { assert.Equal(collect, 1, p.told(c.source)) })

			p.post(t, append(append([]alert{}, c.silenced...), c.spoken...)...)
			wait(t, "the others are told of, and each of the silenced was kept back", func(collect *assert.CollectT) {
				for _, spoken := range c.spoken {
					assert.Positive(collect, p.told(spoken), label(spoken))
					assert.Equal(collect, "active", p.state(collect, spoken), label(spoken))
				}
				for _, silenced := range c.silenced {
					assert.Equal(collect, "suppressed", p.state(collect, silenced), label(silenced))
				}
				assert.GreaterOrEqual(collect, p.keptBack(collect), len(c.silenced))
			})
			for _, silenced := range c.silenced {
				assert.Zero(t, p.told(silenced), label(silenced))
			}

			over := c.source
			over.StartsAt, over.EndsAt = time.Now().Add(-time.Minute), time.Now()
			p.post(t, over)
			wait(t, "once it is over, the silenced are told of", func(collect *assert.CollectT) {
				for _, silenced := range c.silenced {
					assert.Positive(collect, p.told(silenced), label(silenced))
				}
			})
		})
	}
}

// label has all labels of the alert in it, in their order.
func label(a alert) string { return fmt.Sprint(a.Labels) }

// told is how many messages there are of the alert while it goes on.
func (p *platform) told(a alert) int {
	return len(p.slack.find(func(m slackMessage) bool {
		return strings.Contains(m.Attachments[0].Text, label(a)) && m.Attachments[0].Color != "good"
	}))
}

// state is that of the alert in Alertmanager: active or suppressed.
func (p *platform) state(c *assert.CollectT, a alert) string {
	for _, known := range p.alerts(c) {
		if fmt.Sprint(known.Labels) == label(a) {
			return known.Status.State
		}
	}
	return ""
}

// keptBack is how many alerts were left out of a message because of another alert.
func (p *platform) keptBack(c *assert.CollectT) int {
	for line := range strings.Lines(p.get(c, "/metrics")) {
		if strings.HasPrefix(line, suppressed) && strings.Contains(line, `reason="inhibition"`) {
			var count float64
			_, err := fmt.Sscan(line[strings.LastIndexByte(line, ' ')+1:], &count)
			require.NoError(c, err)
			return int(count)
		}
	}
	return 0
}
