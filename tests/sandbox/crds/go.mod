module github.com/federated-risk/federated-risk/tests/sandbox/crds

go 1.26.0

require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/cloudnative-pg/cloudnative-pg v1.28.0
	github.com/prometheus-operator/prometheus-operator v0.85.0
	istio.io/api v1.31.1
)
