package stacks

import (
	"maps"
	"slices"
	"strings"

	"github.com/federated-risk/federated-risk/internal/catalogue"
)

// What the modes ask for (runbook, "emergency response").
const (
	outageStandbyReplicas = 5
	performanceReplicas   = 10
	performanceTTLSeconds = 3600
	securityWatchSeconds  = 5
	incidentModeSeparator = ","
)

// Modes of the incident, in the order in which they are applied; none without an incident.
func (incident Incident) Modes() []IncidentMode {
	if incident.Mode == "" {
		return nil
	}
	var modes []IncidentMode
	for mode := range strings.SplitSeq(incident.Mode, incidentModeSeparator) {
		modes = append(modes, IncidentMode(strings.TrimSpace(mode)))
	}
	slices.Sort(modes)
	return modes
}

// stops says whether no pod of a service may run.
func (incident Incident) stops() bool {
	return incident.Stage == StageStop && slices.Contains(incident.Modes(), DataBreach)
}

// underIncident returns the config as the incident's modes change it; without a mode it is the same. The config itself
// stays as it is, and so does whatever is not named here: nothing of Postgres, of Redis and of the volumes is.
func (config Config) underIncident() Config {
	config.Services = maps.Clone(config.Services)
	for _, mode := range config.Incident.Modes() {
		switch mode {
		case ServiceOutage:
			config.switchToStandby(config.Incident.Service)
		case DataBreach:
			config.Policy.Isolated = true
		case Performance:
			config.scaleUp(catalogue.ModelServing)
			config.App.Cache.Enabled, config.App.Cache.TTLSeconds = true, performanceTTLSeconds
			config.limitRates()
		case Security:
			config.App.Security = AppSecurity{Mode: SecurityStrict, AuthRequired: true, AuditLevel: AuditVerbose}
			config.revokeTokens()
			config.Monitoring.IntervalSeconds = securityWatchSeconds
		}
	}
	return config
}

func (config *Config) switchToStandby(name string) {
	service := config.Services[name]
	service.Standby.Enabled, service.Standby.Serving = true, true
	service.Standby.Replicas = max(service.Standby.Replicas, outageStandbyReplicas)
	config.Services[name] = service
}

// scaleUp leaves the number of pods to the autoscaler, where there is one: it gets another floor.
func (config *Config) scaleUp(name string) {
	service := config.Services[name]
	if horizontal := &service.Autoscaling.Horizontal; horizontal.Enabled {
		horizontal.MinReplicas = max(horizontal.MinReplicas, performanceReplicas)
		horizontal.MaxReplicas = max(horizontal.MaxReplicas, performanceReplicas)
	} else {
		service.Replicas = max(service.Replicas, performanceReplicas)
	}
	config.Services[name] = service
}

func (config *Config) limitRates() {
	for name, service := range config.Services {
		service.Traffic.RateLimit.Enabled = true
		config.Services[name] = service
	}
}

// revokeTokens signs with the next generation, which everybody knows already, and refuses all older ones. Config that makes
// this the generation in use, when the incident ends, then changes nothing.
func (config *Config) revokeTokens() {
	config.Rotation.JWTRevoked = config.Rotation.JWT
	config.Rotation.JWT++
}
