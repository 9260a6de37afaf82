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
	Name  string `json:"name"`
	Rules []Rule `json:"rules"`
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
}
