package rules

import "fmt"

// MinPrivacyBudget is the share that remains, 0 to 1 (runbook, "告警规则").
const MinPrivacyBudget = 0.2

func (p Platform) privacy() []Rule {
	if len(p.Jobs) == 0 {
		return nil
	}
	// Pods that count for themselves are each right about what they have let out: the lowest counts.
	expression := fmt.Sprintf("min by (%s) (%s) < %v", byJob, p.served(PrivacyBudget), MinPrivacyBudget)
	return []Rule{p.alert("PrivacyBudgetLow", Critical, "0s", expression, text{
		summary:       "隐私预算不足",
		description:   "剩余隐私预算低于20%: {{ $value | humanizePercentage }}",
		summaryEN:     "The privacy budget is low",
		descriptionEN: "{{ $labels.job }} has {{ $value | humanizePercentage }} of the privacy budget left, less than 20 %.",
	})}
}
