package stacks

import (
	"github.com/federated-risk/federated-risk/internal/catalogue"
	"github.com/federated-risk/federated-risk/internal/rules"
)

func defaultIncident() Incident {
	return Incident{Severity: rules.Critical, Service: catalogue.ModelServing, Stage: StageIsolate}
}
