package dashboards

import "github.com/federated-risk/federated-risk/internal/rules"

// privacyBudget is the dashboard of what is left of the privacy budget. The runbook has a share of it as one number; pods
// of a service may report it each, and the lowest counts, as for the alert.
func (p Platform) privacyBudget() Dashboard {
	return p.dashboard(page{
		name: "privacy-budget", from: "7d", refresh: "5m",
		description: "What is left of the privacy budget, and how fast it is spent.",
		sections: []section{
			figures(p.budgetFigure(), p.budgetForecast(), p.budgetSpent("1h"), p.budgetSpent("1d")),
			graphs("Course", p.budgetGraph(), p.graph(about{
				title: "Spent in a day", unit: unitRatio,
				description: "Budget that was spent within 24 hours before each moment, by service. A budget that is filled up shows as 0.",
			}, query("{{job}}", p.spent("1d", rules.JobLabel)))),
		},
	})
}

func (p Platform) budgetFigure() panel {
	return p.figure(about{
		title: "Privacy budget", unit: unitRatio, limit: privacyBudgetLimit, noValue: "not reported",
		description: "What is left of the privacy budget, where it is lowest.",
	}, query("", minimum(p.selection(rules.PrivacyBudget))))
}

func (p Platform) budgetGraph() panel {
	return p.graph(about{
		title: "Privacy budget", unit: unitRatio, limit: privacyBudgetLimit, noValue: "not reported",
		description: "What is left of the privacy budget, by service.",
	}, query("{{job}}", minimum(p.selection(rules.PrivacyBudget), rules.JobLabel)))
}

func (p Platform) budgetForecast() panel {
	return p.figure(about{
		title: "In 7 days", unit: unitRatio, limit: privacyBudgetLimit, noValue: "not reported",
		description: "What will be left in 7 days if it goes on as in the last 24 hours.",
	}, query("", "clamp_min("+minimum("predict_linear("+p.selection(rules.PrivacyBudget)+"[1d], 7 * 86400)")+", 0)"))
}

func (p Platform) budgetSpent(within string) panel {
	return p.figure(about{
		title: "Spent in " + within, unit: unitRatio, noValue: "not reported",
		description: "Budget that was spent within this time, where most was. A budget that is filled up shows as 0.",
	}, query("", p.spent(within)))
}

func (p Platform) spent(within string, by ...string) string {
	return "clamp_min(" + maximum("-delta("+p.selection(rules.PrivacyBudget)+"["+within+"])", by...) + ", 0)"
}
