package rules

import "fmt"

// requestSeries records what the requests were like, each name by the given labels.
type requestSeries struct {
	labels, rate, errors string
	// quantiles are the names by quantile, in order.
	quantiles []quantile
}

type quantile struct {
	name string
	// rank is 0 to 1.
	rank float64
}

func (p Platform) requests(series requestSeries) []Rule {
	rules := []Rule{
		{Record: series.rate, Expr: sumRate(series.labels, p.served("http_requests_total"), requestWindow)},
		{Record: series.errors, Expr: p.errorRatio(series.labels, requestWindow)},
	}
	for _, quantile := range series.quantiles {
		rules = append(rules, Rule{Record: quantile.name, Expr: p.latency(series.labels, quantile.rank)})
	}
	return rules
}

// errorRatio is 0, not absent, where requests are answered and none with an error: a version that has never failed has no
// series with such a status.
func (p Platform) errorRatio(labels, window string) string {
	all := sumRate(labels, p.served("http_requests_total"), window)
	failed := sumRate(labels, p.served("http_requests_total", `status=~"5.."`), window)
	return ratio(fmt.Sprintf("(\n%s\nor\n0 * %s\n)", failed, all), all)
}

func (p Platform) latency(labels string, rank float64) string {
	// Without requests the quantile is NaN, which no comparison lets pass.
	return fmt.Sprintf("histogram_quantile(%v, %s) >= 0", rank,
		sumRate(labels+", le", p.served("http_request_duration_seconds_bucket"), requestWindow))
}

// meanDuration of what a service has measured as metric_sum and metric_count, in seconds.
func (p Platform) meanDuration(metric string) string {
	return ratio(sumRate(byJob, p.served(metric+"_sum"), requestWindow), sumRate(byJob, p.served(metric+"_count"), requestWindow))
}
