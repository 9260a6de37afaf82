package rules

import (
	"fmt"
	"strconv"
)

// burn is how fast the error budget of 30 days may burn before somebody is told.
type burn struct {
	name     string
	severity Severity
	// factor times the even pace burns the budget: 1 uses it up in 30 days.
	factor float64
	// long is the window that says how much of the budget is gone, short that it still burns.
	long, short burnWindow
	duration    string
	// spent is the share of the budget that is gone when the long window has burnt this fast, and gone the time in which
	// all of it goes.
	spent, goneChinese, goneEnglish string
}

type burnWindow struct{ length, series string }

var (
	window5m  = burnWindow{"5m", JobErrorRatio}
	window30m = burnWindow{"30m", JobErrorRatio30m}
	window1h  = burnWindow{"1h", JobErrorRatio1h}
	window6h  = burnWindow{"6h", JobErrorRatio6h}
	window3d  = burnWindow{"3d", JobErrorRatio3d}
)

// burns are those of Google's SRE workbook, chapter "Alerting on SLOs", table 5-8. The workbook has no duration; these are
// those of the kubernetes-mixin for the same factors, so that a window that has just been crossed wakes nobody.
func burns() []burn {
	return []burn{
		{"ErrorBudgetBurnFast", Critical, 14.4, window1h, window5m, "2m", "2%", "约2天", "2 days"},
		{"ErrorBudgetBurnMedium", Critical, 6, window6h, window30m, "15m", "5%", "5天", "5 days"},
		{"ErrorBudgetBurnSlow", Warning, 1, window3d, window6h, "3h", "10%", "30天", "30 days"},
	}
}

// budgetInterval spares Prometheus three of four queries over three days of samples: hours need not be looked at each 15 s.
const budgetInterval = "1m"

func (p Platform) errorBudget() []Rule {
	if len(p.Jobs) == 0 || p.ObjectivePercent == 0 {
		return nil
	}
	var rules []Rule
	for _, window := range []burnWindow{window30m, window1h, window6h, window3d} {
		rules = append(rules, Rule{Record: window.series, Expr: p.errorRatio(byJob, window.length)})
	}
	for _, burn := range burns() {
		rules = append(rules, p.burning(burn))
	}
	return rules
}

func (p Platform) burning(burn burn) Rule {
	objective := strconv.FormatFloat(p.ObjectivePercent, 'f', -1, 64)
	threshold := fmt.Sprintf("%v * (100 - %s) / 100", burn.factor, objective)
	expression := fmt.Sprintf("%s > %s\nand\n%s > %s", p.served(burn.long.series), threshold, p.served(burn.short.series), threshold)
	return p.alert(burn.name, burn.severity, burn.duration, expression, text{
		summary: "{{ $labels.job }} 错误预算消耗过快",
		description: fmt.Sprintf("{{ $labels.job }} 在%s内的错误率为 {{ $value | humanizePercentage }}，超过允许速度的%v倍（目标%s%%）："+
			"此窗口耗去30天预算的%s，按此速度预算%s内耗尽", burn.long.length, burn.factor, objective, burn.spent, burn.goneChinese),
		summaryEN: "{{ $labels.job }} burns its error budget",
		descriptionEN: fmt.Sprintf("{{ $labels.job }} answered {{ $value | humanizePercentage }} of the requests of %s with an error, "+
			"more than %v times what an objective of %s %% allows: %s of the budget of 30 days in this window, all of it in %s.",
			burn.long.length, burn.factor, objective, burn.spent, burn.goneEnglish),
	})
}
