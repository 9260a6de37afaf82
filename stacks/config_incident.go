package stacks

import "github.com/federated-risk/federated-risk/internal/rules"

// IncidentMode is what an incident changes. Source: runbook section "emergency response".
type IncidentMode string

// Incident modes.
const (
	// ServiceOutage sends the requests of a service to its warm standby.
	ServiceOutage IncidentMode = "service-outage"
	// DataBreach cuts every connection and keeps the pods, for evidence; its stage stop takes them away.
	DataBreach IncidentMode = "data-breach"
	// Performance gives model-serving pods and the services a cache, and bounds what they accept.
	Performance IncidentMode = "performance"
	// Security makes the services strict, has everybody authenticate anew, and watches more closely.
	Security IncidentMode = "security"
)

// IncidentStage is how far the answer to a data breach has gone.
type IncidentStage string

// Stages of a data breach.
const (
	// StageIsolate cuts every connection.
	StageIsolate IncidentStage = "isolate"
	// StageStop also scales every service to zero, once the evidence has been collected. Postgres and Redis stay.
	StageStop IncidentStage = "stop"
)

// Incident is an emergency that the stack is in. It changes nothing in the config but what its modes say, and taking it out
// restores what was before.
type Incident struct {
	// Mode is service-outage, data-breach, performance or security, or several of them with commas between; empty without an
	// incident.
	Mode string `json:"mode"`
	// Severity is critical or warning: that of the alert IncidentOpen, which fires while there is a mode.
	Severity rules.Severity `json:"severity"`
	// Service that is out, with the mode service-outage: one with a standby.
	Service string `json:"service"`
	// Stage of the mode data-breach: isolate, then stop.
	Stage IncidentStage `json:"stage"`
}
