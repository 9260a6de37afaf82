package dashboards_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/rules"
)

func TestPanelsFitAndDoNotOverlap(t *testing.T) {
	for _, d := range full().All() {
		type cell struct{ x, y int }
		taken := map[cell]string{}
		ids := map[int]bool{}
		bottom := 0
		for _, panel := range parse(t, d).Panels {
			at := panel.GridPos
			assert.False(t, ids[panel.ID], "%s: two panels have the number %d", d.Name, panel.ID)
			ids[panel.ID] = true
			assert.Positive(t, at.W, panel.Title)
			assert.Positive(t, at.H, panel.Title)
			assert.GreaterOrEqual(t, at.X, 0, panel.Title)
			assert.LessOrEqual(t, at.X+at.W, 24, "%s: %s is outside Grafana's 24 columns", d.Name, panel.Title)
			assert.LessOrEqual(t, at.Y, bottom, "%s: a gap above %s, which Grafana would close", d.Name, panel.Title)
			bottom = max(bottom, at.Y+at.H)
			for x := at.X; x < at.X+at.W; x++ {
				for y := at.Y; y < at.Y+at.H; y++ {
					assert.Empty(t, taken[cell{x, y}], "%s: %s overlaps at %d,%d", d.Name, panel.Title, x, y)
					taken[cell{x, y}] = panel.Title
				}
			}
		}
	}
}

// TestStableIsBesideCanary has the two on one line, in the same unit and with the same limit.
func TestStableIsBesideCanary(t *testing.T) {
	for _, d := range full().All() {
		byTitle := map[string]panel{}
		for _, panel := range parse(t, d).panels() {
			byTitle[panel.Title] = panel
		}
		compared := 0
		for title, left := range byTitle {
			what, isStable := strings.CutSuffix(title, ", stable")
			if !isStable {
				continue
			}
			compared++
			right, found := byTitle[what+", canary"]
			require.True(t, found, "%s: no canary beside %s", d.Name, title)
			assert.Equal(t, left.GridPos.Y, right.GridPos.Y, title)
			assert.Equal(t, left.GridPos.X+left.GridPos.W, right.GridPos.X, title)
			assert.Equal(t, left.FieldConfig, right.FieldConfig, title)
			for i := range left.Targets {
				assert.Equal(t, strings.ReplaceAll(left.Targets[i].Expr, `version="stable"`, `version="canary"`), right.Targets[i].Expr)
				assert.Contains(t, right.Targets[i].Expr, `version="canary"`)
			}
		}
		want := map[string]int{"federated-risk-consent-service": 3, "federated-risk-psi-service": 4, "federated-risk-model-serving": 4}
		assert.Equal(t, want[d.Name], compared, "%s: what is compared", d.Name)
	}
}

// TestEveryPanelSaysWhatItShows has a title, a description, thresholds, queries, and the namespace in all of their selectors.
func TestEveryPanelSaysWhatItShows(t *testing.T) {
	selector := regexp.MustCompile(`\{[^}]*\}`)
	for _, d := range full().All() {
		for _, panel := range parse(t, d).panels() {
			name := d.Name + ": " + panel.Title
			assert.NotEmpty(t, panel.Title, name)
			assert.True(t, strings.HasSuffix(panel.Description, "."), "%s: a description is sentences: %q", name, panel.Description)
			assert.Contains(t, []string{"timeseries", "stat"}, panel.Type, name)
			require.NotEmpty(t, panel.Targets, name)
			require.NotEmpty(t, panel.FieldConfig.Defaults.Thresholds.Steps, name)
			assert.Equal(t, "absolute", panel.FieldConfig.Defaults.Thresholds.Mode, name)
			assert.Nil(t, panel.FieldConfig.Defaults.Thresholds.Steps[0].Value, "%s: the first step begins below every value", name)
			references := map[string]bool{}
			for _, target := range panel.Targets {
				assert.False(t, references[target.RefID], "%s: two queries are called %s", name, target.RefID)
				references[target.RefID] = true
				selectors := selector.FindAllString(target.Expr, -1)
				assert.NotEmpty(t, selectors, "%s: %s", name, target.Expr)
				for _, labels := range selectors {
					assert.Contains(t, labels, `namespace="federated-risk"`, "%s: %s", name, target.Expr)
				}
			}
		}
	}
}

// series says what is in a series: its unit where it is shown as it is or summed, and the alert on it.
type series struct {
	name, unit string
	// rated is the unit of its rate a second; empty if that is not shown.
	rated string
	limit float64
	alert string
}

// known has the runbook's limits (sections "监控告警" and "缓存优化配置"), by series.
var known = []series{
	{name: rules.RequestRate, unit: "reqps"}, {name: rules.JobRequestRate, unit: "reqps"},
	{name: "http_requests_total", rated: "reqps"},
	{name: rules.ErrorRatio, unit: "percentunit", limit: 0.05, alert: "HighErrorRate"},
	{name: rules.JobErrorRatio, unit: "percentunit", limit: 0.05, alert: "HighErrorRate"},
	{name: rules.LatencyP50, unit: "s"}, {name: rules.LatencyP99, unit: "s"},
	{name: rules.LatencyP95, unit: "s", limit: 0.5, alert: "HighLatency"},
	{name: rules.JobLatencyP95, unit: "s", limit: 0.5, alert: "HighLatency"},
	{name: "psi_intersection_duration_seconds_sum", rated: "s", limit: 10, alert: "PSIPerformanceDegraded"},
	{name: "psi_intersection_duration_seconds_count", rated: "s"},
	{name: "model_inference_duration_seconds_sum", rated: "s", limit: 1, alert: "ModelInferenceSlowdown"},
	{name: "model_inference_duration_seconds_count", rated: "s"},
	{name: "request_queue_length", unit: "short"},
	{name: "privacy_budget_remaining", unit: "percentunit", limit: 0.2, alert: "PrivacyBudgetLow"},
	{name: "up", unit: "percentunit", limit: 1, alert: "ServiceDown"},
	{name: "istio_agent_scrape_failures_total", unit: "percentunit"},
	{name: "ALERTS", unit: "short", limit: 1},
	{name: "container_cpu_usage_seconds_total", rated: "short"}, {name: "container_memory_working_set_bytes", unit: "bytes"},
	{name: "kube_pod_container_resource_limits", unit: "short"},
	{name: "container_cpu_cfs_throttled_periods_total", rated: "short"}, {name: "container_cpu_cfs_periods_total", rated: "short"},
	{name: "kube_pod_container_status_restarts_total", unit: "short", limit: 1},
	{name: "kube_deployment_status_replicas_ready", unit: "short"}, {name: "kube_deployment_spec_replicas", unit: "short"},
	{name: "kube_horizontalpodautoscaler_status_current_replicas", unit: "short"},
	{name: "kube_horizontalpodautoscaler_status_desired_replicas", unit: "short"},
	{name: "kube_horizontalpodautoscaler_spec_min_replicas", unit: "short"},
	{name: "kube_horizontalpodautoscaler_spec_max_replicas", unit: "short"},
	{name: "kubelet_volume_stats_used_bytes", unit: "bytes"}, {name: "kubelet_volume_stats_capacity_bytes", unit: "bytes"},
	{name: "cnpg_collector_up", unit: "percentunit", limit: 1, alert: "PostgresDown"},
	{name: "cnpg_backends_total", unit: "short", limit: 80, alert: "DatabaseConnectionHigh"},
	{name: "cnpg_pg_settings_setting", unit: "short"},
	{name: "cnpg_pg_replication_lag", unit: "s", limit: 300, alert: "PostgresReplicationLag"},
	{name: "cnpg_pg_replication_streaming_replicas", unit: "short"}, {name: "cnpg_pg_postmaster_start_time", unit: "s"},
	{name: "cnpg_collector_last_available_backup_timestamp", unit: "s"},
	{name: "cnpg_pg_stat_database_xact_commit", rated: "ops"}, {name: "cnpg_pg_stat_database_xact_rollback", rated: "ops"},
	{name: "cnpg_pg_stat_database_blks_hit", rated: "short"}, {name: "cnpg_pg_stat_database_blks_read", rated: "short"},
	{name: "cnpg_backends_max_tx_duration_seconds", unit: "s"}, {name: "cnpg_backends_waiting_total", unit: "short", limit: 1},
	{name: "cnpg_pg_stat_database_deadlocks", unit: "short"},
	{name: "cnpg_pg_stat_replication_replay_diff_bytes", unit: "bytes"}, {name: "cnpg_collector_pg_wal", unit: "bytes"},
	{name: "cnpg_collector_pg_wal_archive_status", unit: "short"}, {name: "cnpg_pg_stat_archiver_failed_count", unit: "short"},
	{name: "cnpg_pg_database_size_bytes", unit: "bytes"},
	{name: "redis_up", unit: "percentunit", limit: 1, alert: "RedisDown"},
	{name: "redis_memory_used_bytes", unit: "bytes", limit: 0.9, alert: "RedisMemoryHigh"},
	{name: "redis_memory_max_bytes", unit: "bytes"},
	{name: "redis_keyspace_hits_total", rated: "short", limit: 0.8, alert: "CacheHitRateLow"},
	{name: "redis_keyspace_misses_total", rated: "short"},
	{name: "redis_connected_clients", unit: "short"}, {name: "redis_blocked_clients", unit: "short"},
	{name: "redis_commands_processed_total", rated: "ops"}, {name: "redis_connected_slaves", unit: "short"},
	{name: "redis_db_keys", unit: "short"},
	{name: "redis_expired_keys_total", rated: "ops"}, {name: "redis_evicted_keys_total", rated: "ops"},
	{name: "redis_commands_total", rated: "ops"}, {name: "redis_commands_duration_seconds_total", rated: "s"},
	{name: "redis_rejected_connections_total", unit: "short"},
	{name: "redis_master_link_up", unit: "short", limit: 1, alert: "RedisReplicaLinkDown"},
	{name: "redis_connected_slave_lag_seconds", unit: "s"}, {name: "redis_rdb_last_save_timestamp_seconds", unit: "s"},
	{name: "redis_mem_fragmentation_ratio", unit: "short"},
}

// TestUnitsAndLimits derives from each query what its panel must show.
func TestUnitsAndLimits(t *testing.T) {
	selected := regexp.MustCompile(`([a-zA-Z_:][\w:]*)\{`)
	shown := map[string]bool{}
	for _, d := range full().All() {
		for _, panel := range parse(t, d).panels() {
			name := d.Name + ": " + panel.Title
			for _, target := range panel.Targets {
				for _, match := range selected.FindAllStringSubmatch(target.Expr, -1) {
					at := slices.IndexFunc(known, func(s series) bool { return s.name == match[1] })
					require.GreaterOrEqual(t, at, 0, "%s: the test has no unit for %s", name, match[1])
					s := known[at]
					shown[s.name] = true
					assert.Equal(t, s.shownIn(target.Expr), panel.FieldConfig.Defaults.Unit, "%s: %s", name, target.Expr)
					// An alert is about the level, not about its change, and about all connections of an instance.
					if s.limit != 0 && !strings.Contains(target.Expr, "delta(") && !strings.Contains(target.Expr, "usename") {
						assertLimit(t, name, panel, s)
					}
				}
			}
		}
	}
	for _, s := range known {
		assert.True(t, shown[s.name], "no panel shows %s", s.name)
	}
}

// shownIn is the unit of a query that has the series in it.
func (s series) shownIn(expr string) string {
	switch {
	case strings.Contains(expr, "_duration_seconds_sum{"), strings.Contains(expr, "_duration_seconds_total{"):
		// By a number of them: their mean.
		return "s"
	case strings.Contains(expr, " / "):
		return "percentunit"
	case strings.Contains(expr, "rate("+s.name+"{"):
		return s.rated
	default:
		return s.unit
	}
}

func assertLimit(t *testing.T, name string, panel panel, s series) {
	t.Helper()
	steps := panel.FieldConfig.Defaults.Thresholds.Steps
	require.Len(t, steps, 2, "%s has no limit, an alert on %s has", name, s.name)
	require.NotNil(t, steps[1].Value, name)
	assert.InDelta(t, s.limit, *steps[1].Value, 0, name)
	below := slices.Contains([]string{
		"privacy_budget_remaining", "up", "cnpg_collector_up", "redis_up", "redis_keyspace_hits_total", "redis_master_link_up",
	}, s.name)
	assert.Equal(t, below, steps[0].Color == "red", "%s: red below the limit", name)
	assert.Equal(t, below, steps[1].Color == "green", "%s: green above the limit", name)
	if panel.Type == "timeseries" {
		assert.Equal(t, "dashed", panel.FieldConfig.Defaults.Custom.ThresholdsStyle.Mode, "%s: the limit is drawn", name)
	}
	if s.alert != "" {
		require.Len(t, panel.Links, 1, name)
		assert.Equal(t, s.alert, panel.Links[0].Title, name)
		assert.Equal(t, "https://docs.example.com/monitoring#"+strings.ToLower(s.alert), panel.Links[0].URL, name)
	}
}
