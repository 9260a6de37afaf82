package rules_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/internal/rules"
)

// TestRunbooksAlerts holds the ten against the runbook, "告警规则". Its placeholders are left out: {{ $value }} alone prints
// a share as 0.0734…, where the text says percent.
func TestRunbooksAlerts(t *testing.T) {
	placeholder := regexp.MustCompile(`\{\{ \$value[^}]*\}\}`)
	for _, want := range []struct {
		name, threshold, duration string
		severity                  rules.Severity
		summary, description      string
	}{
		{"ServiceDown", "== 0", "1m", rules.Critical, "服务 {{ $labels.job }} 不可用", "服务 {{ $labels.job }} 已经下线超过1分钟"},
		{"HighErrorRate", "> 0.05", "2m", rules.Warning, "{{ $labels.job }} 错误率过高", "{{ $labels.job }} 5分钟内错误率超过5%: V"},
		{"HighLatency", "> 0.5", "3m", rules.Warning, "{{ $labels.job }} 延迟过高", "{{ $labels.job }} P95延迟超过500ms: Vs"},
		{"HighMemoryUsage", "> 85", "5m", rules.Warning, "内存使用率过高", "节点内存使用率超过85%: V%"},
		{"HighCPUUsage", "> 80", "5m", rules.Warning, "CPU使用率过高", "节点CPU使用率超过80%: V%"},
		{"DiskSpaceLow", "> 85", "5m", rules.Warning, "磁盘空间不足", "磁盘使用率超过85%: V%"},
		{"DatabaseConnectionHigh", "> 80", "2m", rules.Warning, "数据库连接数过高", "PostgreSQL连接数超过80: V"},
		{"PSIPerformanceDegraded", "> 10", "3m", rules.Warning, "PSI性能下降", "PSI平均处理时间超过10秒: Vs"},
		{"ModelInferenceSlowdown", "> 1", "2m", rules.Warning, "模型推理速度下降", "模型推理平均时间超过1秒: Vs"},
		{"PrivacyBudgetLow", "< 0.2", "0s", rules.Critical, "隐私预算不足", "剩余隐私预算低于20%: V"},
	} {
		got := find(t, want.name)
		assert.Contains(t, got.Expr, want.threshold, want.name)
		assert.Equal(t, want.duration, got.For, want.name)
		assert.Equal(t, string(want.severity), got.Labels[rules.SeverityLabel], want.name)
		assert.Equal(t, want.summary, got.Annotations[rules.SummaryAnnotation], want.name)
		assert.Equal(t, want.description, placeholder.ReplaceAllString(got.Annotations[rules.DescriptionAnnotation], "V"), want.name)
	}
}
