// Package rules has the platform's recording rules and alerts, in Prometheus's language. It knows nothing of who loads
// them: components/monitoring declares them, the canary analysis asks for what they record.
package rules

// Rule is a recording rule or an alert, in the form of Prometheus's rule files.
type Rule struct {
	// Record is the name of the series that Expr makes; Alert that of the alert which fires while Expr has a result.
	Record string `json:"record,omitempty"`
	Alert  string `json:"alert,omitempty"`
	Expr   string `json:"expr"`
	// For is how long Expr must have had a result before the alert fires, such as 2m.
	For         string            `json:"for,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Group of rules that are evaluated together, in their order.
type Group struct {
	Name string `json:"name"`
	// Interval between evaluations, such as 1m; empty means Prometheus's own.
	Interval string `json:"interval,omitempty"`
	Rules    []Rule `json:"rules"`
}

// Severity of an alert: which receivers it reaches, and how soon somebody must look.
type Severity string

// Severities, the runbook's two and one that wakes nobody.
const (
	Critical Severity = "critical"
	Warning  Severity = "warning"
	// None is for what must always fire (Watchdog).
	None Severity = "none"
)

// SeverityLabel of every alert holds its Severity.
const SeverityLabel = "severity"

// Platform is what the rules are about.
type Platform struct {
	// Namespace of the stack: rules are about its series alone, but for those of nodes.
	Namespace string
	// RunbookURL is the page that explains the alerts; an alert's name in lower case is an anchor on it.
	RunbookURL string
	// Jobs are the values of JobLabel that must be there: the services that serve metrics, and their standbys. None: no
	// rules about services.
	Jobs []string
	// ObjectivePercent is the share of requests that a service must not answer with an error, over 30 days, in percent:
	// more than 0 and less than 100, such as 99.9. 0: no alerts about the error budget. Under 93.1 the fastest of them cannot
	// fire, since the budget cannot burn that fast.
	ObjectivePercent float64
	// Nodes says whether node-exporter's series are there. Nodes belong to every stack on them: one that watches is enough.
	Nodes bool
	// Incidents are the modes that the stack is in.
	Incidents []Incident
	// ManagedCertificates are those that cert-manager renews.
	ManagedCertificates []ManagedCertificate
}

// Groups returns the recording rules and the alerts, by concern. A group records what its alerts ask for before they do; the
// error budget also asks for what the services' has recorded.
func (p Platform) Groups() []Group {
	var groups []Group
	for _, group := range []Group{
		{Name: "federated-risk.services", Rules: p.services()},
		{Name: "federated-risk.error-budget", Interval: budgetInterval, Rules: p.errorBudget()},
		{Name: "federated-risk.canary", Rules: p.canary()},
		{Name: "federated-risk.privacy", Rules: p.privacy()},
		{Name: "federated-risk.postgres", Rules: p.postgres()},
		{Name: "federated-risk.redis", Rules: p.redis()},
		{Name: "federated-risk.volumes", Rules: p.volumes()},
		{Name: "federated-risk.autoscaling", Rules: p.autoscaling()},
		{Name: "federated-risk.certificates", Rules: p.certificates()},
		{Name: "federated-risk.nodes", Rules: p.nodes()},
		{Name: "federated-risk.monitoring", Rules: append(p.watchdog(), p.incidents()...)},
	} {
		if len(group.Rules) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}
