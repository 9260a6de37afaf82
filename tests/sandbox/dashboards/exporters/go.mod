module github.com/federated-risk/federated-risk/tests/sandbox/dashboards/exporters

go 1.26.0

require (
	github.com/cloudnative-pg/cloudnative-pg v1.30.0
	github.com/oliver006/redis_exporter v1.88.0
	k8s.io/kube-state-metrics/v2 v2.20.0
)
