package rules

// Watchdog is the alert that always fires; kube-prometheus-stack has one of this name, too.
const Watchdog = "Watchdog"

// watchdog always fires. Where it stops arriving, something between the rules and the receiver is broken, and no other
// alert would arrive either.
func (p Platform) watchdog() []Rule {
	return []Rule{p.ofNamespace(p.alert(Watchdog, None, "", "vector(1)", text{
		summary:       "监控链路正常",
		description:   "此告警始终触发：接收端收不到它，说明监控或告警链路已中断",
		summaryEN:     "Alerting works",
		descriptionEN: "This alert always fires: where it does not arrive, monitoring or alerting is broken.",
	}))}
}
