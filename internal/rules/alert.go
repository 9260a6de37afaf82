package rules

import "strings"

// Annotations of every alert.
const (
	SummaryAnnotation            = "summary"
	DescriptionAnnotation        = "description"
	EnglishSummaryAnnotation     = "summary_en"
	EnglishDescriptionAnnotation = "description_en"
	RunbookAnnotation            = "runbook_url"
)

// text is what an alert says: in Chinese, the language of the runbook and of those on call, and in English. The texts of
// the runbook's ten alerts are the runbook's own, with placeholders that print what the text says: a percentage, seconds.
type text struct{ summary, description, summaryEN, descriptionEN string }

// alert returns the alert. duration is how long the expression must have had a result.
func (p Platform) alert(name string, severity Severity, duration, expression string, text text) Rule {
	return Rule{
		Alert: name, Expr: expression, For: duration,
		Labels: map[string]string{SeverityLabel: string(severity)},
		Annotations: map[string]string{
			SummaryAnnotation:            text.summary,
			DescriptionAnnotation:        text.description,
			EnglishSummaryAnnotation:     text.summaryEN,
			EnglishDescriptionAnnotation: text.descriptionEN,
			RunbookAnnotation:            p.RunbookURL + "#" + strings.ToLower(name),
		},
	}
}

// ofNamespace gives an alert whose series know nothing of the stack its namespace, by which it is routed.
func (p Platform) ofNamespace(alert Rule) Rule {
	alert.Labels[NamespaceLabel] = p.Namespace
	return alert
}
