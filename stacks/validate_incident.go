package stacks

import (
	"slices"

	"github.com/federated-risk/federated-risk/internal/alertmanager"
	"github.com/federated-risk/federated-risk/internal/catalogue"
)

func (v validator) incident(path keyPath, cfg *Config) {
	incident := cfg.Incident
	oneOf(v, path.key("severity"), incident.Severity, alertmanager.Severities()...)
	oneOf(v, path.key("stage"), incident.Stage, StageIsolate, StageStop)
	if entry, known := catalogue.Lookup(incident.Service); !known || !entry.Standby {
		v.add(path.key("service"), incident.Service, "must be a service that can have a standby")
	}
	modes := incident.Modes()
	for i, mode := range modes {
		if !slices.Contains([]IncidentMode{ServiceOutage, DataBreach, Performance, Security}, mode) {
			v.add(path.key("mode"), string(mode), "is no mode: use %s, %s, %s or %s, several with commas between",
				ServiceOutage, DataBreach, Performance, Security)
		}
		if i > 0 && modes[i-1] == mode {
			v.add(path.key("mode"), incident.Mode, "has %s twice", mode)
		}
	}
	breach := slices.Contains(modes, DataBreach)
	if breach && len(modes) > 1 {
		v.add(path.key("mode"), incident.Mode, "must have %s alone: the other modes roll pods, which are evidence now, and which could not "+
			"start with every connection cut", DataBreach)
	}
	if incident.Stage == StageStop && !breach {
		v.add(path.key("stage"), string(incident.Stage), "is for the mode %s alone", DataBreach)
	}
}

// underIncident refuses what the config with the incident in it would be refused for: more pods than the quota has room for,
// for example.
func (v validator) underIncident(cfg *Config) {
	if len(cfg.Incident.Modes()) == 0 {
		return
	}
	changed := cfg.underIncident()
	changed.Incident = defaultIncident()
	var found faultList
	validate(&changed, &found)
	for _, fault := range found.found {
		v.add(keyPath{"incident", "mode"}, cfg.Incident.Mode, "leads to a config that is refused: %s", fault)
	}
}
