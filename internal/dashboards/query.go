package dashboards

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/federated-risk/federated-risk/internal/rules"
)

const stable, canary = rules.VersionStable, rules.VersionCanary

// selection selects series of the stack's namespace by further matchers, such as job="psi-service".
func (p Platform) selection(series string, matchers ...string) string {
	return series + "{" + strings.Join(append([]string{equal(rules.NamespaceLabel, p.Namespace)}, matchers...), ",") + "}"
}

func equal(label, value string) string { return label + "=" + strconv.Quote(value) }

func matching(label, expression string) string { return label + "=~" + strconv.Quote(expression) }

func unequal(label, value string) string { return label + "!=" + strconv.Quote(value) }

// window of rates and increases: that of the alerts and of what is recorded.
const window = "[5m]"

func rate(selection string) string { return "rate(" + selection + window + ")" }

func increase(selection, window string) string { return "increase(" + selection + "[" + window + "])" }

// aggregate is an aggregation by labels, or over everything without one.
func aggregate(operator, expr string, by ...string) string {
	if len(by) == 0 {
		return operator + "(" + expr + ")"
	}
	return operator + " by (" + strings.Join(by, ", ") + ") (" + expr + ")"
}

func sum(expr string, by ...string) string     { return aggregate("sum", expr, by...) }
func minimum(expr string, by ...string) string { return aggregate("min", expr, by...) }
func maximum(expr string, by ...string) string { return aggregate("max", expr, by...) }
func average(expr string, by ...string) string { return aggregate("avg", expr, by...) }

// ratio of two expressions, absent where the second is 0.
func ratio(part, whole string) string { return fmt.Sprintf("%s / (%s > 0)", part, whole) }

// meanDuration is how long one took on average, of those that ended within the window.
func (p Platform) meanDuration(measure Measure, matchers []string, by ...string) string {
	return ratio(
		sum(rate(p.selection(string(measure)+"_sum", matchers...)), by...),
		sum(rate(p.selection(string(measure)+"_count", matchers...)), by...),
	)
}

// answering is the share of the pods that answer. Prometheus asks a pod's sidecar, which answers with its own series also
// when the service behind it does not: such a pod is up, and the sidecar counts what failed.
func (p Platform) answering(jobs string, by ...string) string {
	up := p.selection("up", jobs)
	failures := increase(p.selection("istio_agent_scrape_failures_total", jobs, equal("type", "application")), "1m")
	pods := aggregate("count", up, by...)
	return fmt.Sprintf("(%s - (%s or 0 * %s)) / %s", sum(up, by...), aggregate("count", failures+" > 0", by...), pods, pods)
}

// ofLimit is the use of a container's resource as a share of its limit, by the labels: of pods with several values, the
// highest counts.
func (p Platform) ofLimit(use, resource, container string, by ...string) string {
	return maximum(ratio(
		sum(use, rules.PodLabel, "container"),
		sum(p.selection("kube_pod_container_resource_limits", equal("resource", resource), container), rules.PodLabel, "container"),
	), by...)
}

// cpuOfLimit and memoryOfLimit are shares, 0 to 1; container is a matcher.
func (p Platform) cpuOfLimit(container string, by ...string) string {
	return p.ofLimit(rate(p.selection("container_cpu_usage_seconds_total", container)), "cpu", container, by...)
}

func (p Platform) memoryOfLimit(container string, by ...string) string {
	return p.ofLimit(p.selection("container_memory_working_set_bytes", container), "memory", container, by...)
}

// volumeUse is the share of each volume that is used; claim is a regular expression.
func (p Platform) volumeUse(claim string) string {
	matcher := matching("persistentvolumeclaim", claim)
	return maximum(ratio(
		p.selection("kubelet_volume_stats_used_bytes", matcher), p.selection("kubelet_volume_stats_capacity_bytes", matcher),
	), "persistentvolumeclaim")
}
