package rules

// Incident is a mode that the stack is in (stack config, incident.mode).
type Incident struct {
	Mode     string
	Severity Severity
}

// incidents fire while their mode is on: everybody who hears of alerts hears of it, and that it has ended.
func (p Platform) incidents() []Rule {
	var alerts []Rule
	for _, incident := range p.Incidents {
		alert := p.ofNamespace(p.alert("IncidentOpen", incident.Severity, "", "vector(1)", text{
			summary:       "应急模式已开启: {{ $labels.mode }}",
			description:   "平台处于应急模式 {{ $labels.mode }}，事件处理完毕后请关闭",
			summaryEN:     "Incident mode {{ $labels.mode }} is on",
			descriptionEN: "The platform is in the incident mode {{ $labels.mode }}. Close it when the incident is over.",
		}))
		alert.Labels["mode"] = incident.Mode
		alerts = append(alerts, alert)
	}
	return alerts
}
