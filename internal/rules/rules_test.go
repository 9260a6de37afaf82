package rules_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/rules"
)

func platform() rules.Platform {
	return rules.Platform{
		Namespace: "risk", RunbookURL: "https://docs.example/monitoring",
		Jobs:             []string{"consent-service", "model-serving"},
		ObjectivePercent: 99.9, Nodes: true,
		Incidents:           []rules.Incident{{Mode: "performance", Severity: rules.Warning}},
		ManagedCertificates: []rules.ManagedCertificate{{Namespace: "gateway", Name: "risk-tls"}},
	}
}

func all(p rules.Platform) []rules.Rule {
	var found []rules.Rule
	for _, group := range p.Groups() {
		found = append(found, group.Rules...)
	}
	return found
}

func find(t *testing.T, name string) rules.Rule {
	t.Helper()
	for _, rule := range all(platform()) {
		if rule.Alert == name || rule.Record == name {
			return rule
		}
	}
	require.Fail(t, "no rule is called "+name)
	return rules.Rule{}
}

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, group := range platform().Groups() {
		assert.False(t, seen[group.Name], group.Name)
		seen[group.Name] = true
		for _, rule := range group.Rules {
			name := rule.Alert + rule.Record
			assert.False(t, seen[name], name)
			seen[name] = true
			assert.NotEqual(t, rule.Alert == "", rule.Record == "", "%q is either an alert or a record", name)
		}
	}
}

func TestAlertsSayWhatTheyAre(t *testing.T) {
	severities := []string{string(rules.Critical), string(rules.Warning), string(rules.None)}
	han := regexp.MustCompile(`\p{Han}`)
	for _, rule := range all(platform()) {
		if rule.Alert == "" {
			assert.Empty(t, rule.Annotations, rule.Record)
			continue
		}
		assert.Regexp(t, `^[A-Z][A-Za-z]+$`, rule.Alert)
		assert.Contains(t, severities, rule.Labels[rules.SeverityLabel], rule.Alert)
		assert.Equal(t, "https://docs.example/monitoring#"+strings.ToLower(rule.Alert), rule.Annotations[rules.RunbookAnnotation])
		for _, chinese := range []string{rules.SummaryAnnotation, rules.DescriptionAnnotation} {
			assert.Regexp(t, han, rule.Annotations[chinese], rule.Alert)
		}
		for _, english := range []string{rules.EnglishSummaryAnnotation, rules.EnglishDescriptionAnnotation} {
			assert.NotEmpty(t, rule.Annotations[english], rule.Alert)
			assert.NotRegexp(t, han, rule.Annotations[english], rule.Alert)
		}
		assert.Len(t, rule.Annotations, 5, rule.Alert)
		if rule.For != "" {
			_, err := time.ParseDuration(rule.For)
			require.NoError(t, err, rule.Alert)
		}
	}
}

// TestEverySeriesIsTheStacks looks at each selector of each rule.
func TestEverySeriesIsTheStacks(t *testing.T) {
	selector := regexp.MustCompile(`([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^}]*)\}`)
	bare := regexp.MustCompile(`\b(up|http_\w+|psi_\w+|model_\w+|privacy_\w+|cnpg_\w+|redis_\w+|kube_\w+|istio_\w+|certmanager_\w+|namespace\w*:[\w:]+)($|[^\w{:])`)
	for _, rule := range all(platform()) {
		assert.NotRegexp(t, bare, rule.Expr, "%s%s: a metric without matchers", rule.Alert, rule.Record)
		for _, found := range selector.FindAllStringSubmatch(rule.Expr, -1) {
			metric, matchers := found[1], found[2]
			switch {
			case strings.HasPrefix(metric, "node_"):
			case strings.HasPrefix(metric, "certmanager_"):
				assert.Regexp(t, `(^|exported_)namespace="gateway",.*name="risk-tls"$`, matchers, rule.Record)
			default:
				assert.True(t, strings.HasPrefix(matchers, `namespace="risk"`), "%s%s: %s", rule.Alert, rule.Record, found[0])
			}
		}
	}
}

// TestAlertsHaveTheStacksNamespace is what routing needs: the label comes from the series or is set.
func TestAlertsHaveTheStacksNamespace(t *testing.T) {
	for _, rule := range all(platform()) {
		if rule.Alert != "" && !strings.Contains(rule.Expr, `namespace="risk"`) {
			assert.Equal(t, "risk", rule.Labels[rules.NamespaceLabel], rule.Alert)
		}
	}
}

func TestWhatIsNotThereHasNoRules(t *testing.T) {
	for name, without := range map[string]func(*rules.Platform){
		"HighMemoryUsage":         func(p *rules.Platform) { p.Nodes = false },
		"ErrorBudgetBurnFast":     func(p *rules.Platform) { p.ObjectivePercent = 0 },
		"ServiceDown":             func(p *rules.Platform) { p.Jobs = nil },
		"CanaryErrorRateHigh":     func(p *rules.Platform) { p.Jobs = nil },
		rules.CertificateNotAfter: func(p *rules.Platform) { p.ManagedCertificates = nil },
	} {
		find(t, name)
		p := platform()
		without(&p)
		for _, group := range p.Groups() {
			assert.NotEmpty(t, group.Rules, group.Name)
			for _, rule := range group.Rules {
				assert.NotEqual(t, name, rule.Alert+rule.Record)
			}
		}
	}
}

func TestRecordsExist(t *testing.T) {
	for _, name := range []string{
		rules.RequestRate, rules.ErrorRatio, rules.LatencyP50, rules.LatencyP95, rules.LatencyP99,
		rules.JobRequestRate, rules.JobErrorRatio, rules.JobLatencyP95,
		rules.JobErrorRatio30m, rules.JobErrorRatio1h, rules.JobErrorRatio6h, rules.JobErrorRatio3d,
		rules.CacheLookupRate, rules.CacheHitRatio, rules.CertificateNotAfter,
	} {
		assert.Equal(t, name, find(t, name).Record)
	}
}

func TestEachModeOfAnIncidentIsAnAlert(t *testing.T) {
	p := platform()
	p.Incidents = []rules.Incident{{Mode: "data-breach", Severity: rules.Critical}, {Mode: "security", Severity: rules.Critical}}
	var modes []string
	for _, rule := range all(p) {
		if rule.Alert == "IncidentOpen" {
			modes = append(modes, rule.Labels["mode"])
			assert.Equal(t, "critical", rule.Labels[rules.SeverityLabel])
			assert.Equal(t, "risk", rule.Labels[rules.NamespaceLabel])
			assert.Equal(t, "vector(1)", rule.Expr)
		}
	}
	assert.Equal(t, []string{"data-breach", "security"}, modes)
}

func TestCertificateGroup(t *testing.T) {
	end := time.Date(2027, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	group := rules.CertificateGroup("risk", []rules.Certificate{{Name: "server", NotAfter: end}, {Name: "ca", NotAfter: end.AddDate(9, 0, 0)}})
	require.Len(t, group.Rules, 2)
	assert.Equal(t, rules.Rule{
		Record: rules.CertificateNotAfter, Expr: "vector(1798855445)",
		Labels: map[string]string{"namespace": "risk", "certificate": "server", "source": "program"},
	}, group.Rules[0])
	assert.Equal(t, "ca", group.Rules[1].Labels[rules.CertificateLabel])
}
