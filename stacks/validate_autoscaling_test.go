package stacks_test

import (
	"slices"
	"testing"
)

const (
	modelScaling = "services.model-serving.autoscaling"
	horizontal   = modelScaling + ".horizontal"
	vertical     = modelScaling + ".vertical"
	ours         = "federated-risk:"
)

func TestValidateReplicasOfAnAutoscaler(t *testing.T) {
	const exceed = horizontal + ".minReplicas: 21: must not exceed " + ours + horizontal + ".maxReplicas"
	checkRules(t, []rule{
		{"least", tree{horizontal: tree{"minReplicas": 1, "maxReplicas": 1}}, nil},
		{"most", tree{horizontal: tree{"minReplicas": 100, "maxReplicas": 100}}, nil},
		{"none", tree{horizontal + ".minReplicas": 0}, []string{horizontal + ".minReplicas: 0: must be 1 to 100"}},
		{"too many", tree{horizontal + ".maxReplicas": 101}, []string{horizontal + ".maxReplicas: 101: must be 1 to 100"}},
		{"more than the most", tree{horizontal + ".minReplicas": 21}, []string{exceed}},
		{"more than the most, disabled", tree{horizontal: tree{"minReplicas": 21, "enabled": false}}, []string{exceed}},
		{"set by the stack too", tree{"services.model-serving.replicas": 3}, []string{
			"services.model-serving.replicas: 3: must not be set while the service scales itself: set " + ours + horizontal +
				".minReplicas, or set " + ours + horizontal + ".enabled to false",
		}},
		{"set by the stack instead", tree{"services.model-serving.replicas": 3, horizontal + ".enabled": false}, nil},
		{"switched on beside it", tree{
			"services.psi-service": tree{"image": "example.com/psi:1", "replicas": 1, "autoscaling": tree{"horizontal": tree{"enabled": true}}},
		}, []string{
			"services.psi-service.replicas: 1: must not be set while the service scales itself: set " + ours +
				"services.psi-service.autoscaling.horizontal.minReplicas, or set " + ours +
				"services.psi-service.autoscaling.horizontal.enabled to false",
		}},
	})
}

func TestValidateTargetsOfAnAutoscaler(t *testing.T) {
	const (
		percent  = ": must be 0 to 1000"
		quantity = "must be a Kubernetes quantity, such as 500m"
		least    = "must be at least 1m: a unit such as m may be missing"
		noMetric = horizontal + ": has no metric: set cpuUtilization, memoryUtilization, queueLength or p95Latency, or set " +
			ours + horizontal + ".enabled to false"
	)
	bare := tree{"cpuUtilization": 0, "memoryUtilization": 0, "queueLength": "", "p95Latency": ""}
	only := func(key string, value any) tree {
		edits := tree{horizontal: tree{"cpuUtilization": 0, "memoryUtilization": 0, "queueLength": "", "p95Latency": ""}}
		edits[horizontal].(tree)[key] = value
		return edits
	}
	checkRules(t, slices.Concat(
		sameFault(horizontal+".queueLength", "", "1", "10", "500m", "1k"),
		sameFault(horizontal+".queueLength", quantity, "many", "10 ", "-1", "1s"),
		sameFault(horizontal+".queueLength", least, "0", "0m"),
		sameFault(horizontal+".p95Latency", "", "500m", "0.5", "2"),
		sameFault(horizontal+".p95Latency", quantity, "500ms", "0,5"),
		sameFault(horizontal+".p95Latency", least, "0"),
		[]rule{
			{"negative", tree{horizontal: tree{"cpuUtilization": -1, "memoryUtilization": -1}}, []string{
				horizontal + ".cpuUtilization: -1" + percent, horizontal + ".memoryUtilization: -1" + percent,
			}},
			{"bytes for percent", tree{horizontal: tree{"cpuUtilization": 1001, "enabled": false}}, []string{
				horizontal + ".cpuUtilization: 1001" + percent,
			}},
			{"no metric", tree{horizontal: bare}, []string{noMetric}},
			{"no metric, disabled", tree{horizontal: bare, horizontal + ".enabled": false}, nil},
			{"cpu only", only("cpuUtilization", 1), nil},
			{"memory only", only("memoryUtilization", 1), nil},
			{"queue only", only("queueLength", "1"), nil},
			{"latency only", only("p95Latency", "1"), nil},
			{"of no request", tree{"services.model-serving.resources.requests": tree{"cpu": "", "memory": ""}}, []string{
				horizontal + ".cpuUtilization: 70: must be 0 without a request, of which it is a percentage",
				horizontal + ".memoryUtilization: 80: must be 0 without a request, of which it is a percentage",
			}},
			{"of no request, disabled", tree{
				"services.model-serving.resources.requests.cpu": "", horizontal + ".enabled": false,
			}, nil},
			{"just below the limit", tree{horizontal + ".cpuUtilization": 199}, nil},
			{"at the limit", tree{horizontal + ".cpuUtilization": 200}, []string{
				horizontal + ".cpuUtilization: 200: can never be exceeded: of a request of 250m, it is no less than the limit, 500m",
			}},
			{"without a limit", tree{
				horizontal + ".cpuUtilization": 900, "services.model-serving.resources.limits.cpu": "",
			}, nil},
			{"a service without metrics", tree{"services.frontend.autoscaling.horizontal": tree{
				"enabled": true, "queueLength": "10", "p95Latency": "1",
			}}, []string{
				`services.frontend.autoscaling.horizontal.p95Latency: "1": must be empty: frontend serves no metrics of its own`,
				`services.frontend.autoscaling.horizontal.queueLength: "10": must be empty: frontend serves no metrics of its own`,
			}},
			{"a service without metrics, as it comes", tree{"services.frontend.autoscaling.horizontal.enabled": true}, nil},
			{"a volume for one node", tree{"services.model-serving.volume.accessMode": "ReadWriteOnce"}, []string{
				horizontal + ".enabled: true: must be false while the service's volume is ReadWriteOnce: its pods may be on different nodes",
			}},
		},
	))
}

func TestValidateSpeedOfAnAutoscaler(t *testing.T) {
	const up, down = horizontal + ".scaleUp", horizontal + ".scaleDown"
	checkRules(t, []rule{
		{"least", tree{up: tree{"stabilizationSeconds": 0, "percent": 1, "pods": 0, "periodSeconds": 1}}, nil},
		{"most", tree{
			up:   tree{"stabilizationSeconds": 3600, "percent": 1000, "pods": 100, "periodSeconds": 1800},
			down: tree{"percent": 100},
		}, nil},
		{"below", tree{up: tree{"stabilizationSeconds": -1, "percent": -1, "pods": -1, "periodSeconds": 0}}, []string{
			up + ".percent: -1: must be 0 to 1000", up + ".periodSeconds: 0: must be 1 to 1800",
			up + ".pods: -1: must be 0 to 100", up + ".stabilizationSeconds: -1: must be 0 to 3600",
		}},
		{"above", tree{
			up:   tree{"stabilizationSeconds": 3601, "percent": 1001, "pods": 101, "periodSeconds": 1801},
			down: tree{"percent": 101},
		}, []string{
			down + ".percent: 101: must be 0 to 100",
			up + ".percent: 1001: must be 0 to 1000", up + ".periodSeconds: 1801: must be 1 to 1800",
			up + ".pods: 101: must be 0 to 100", up + ".stabilizationSeconds: 3601: must be 0 to 3600",
		}},
		{"nothing", tree{down + ".percent": 0}, []string{
			down + ": allows no change: set " + ours + down + ".percent or " + ours + down + ".pods",
		}},
	})
}

func TestValidateVerticalAutoscaler(t *testing.T) {
	const (
		modes = "must be one of Off, Initial, Recreate, InPlaceOrRecreate"
		auto  = vertical + `.mode: "Auto": is deprecated: set Recreate, which does the same, or InPlaceOrRecreate, which evicts only where it must`
	)
	clash := func(resource, target string) string {
		return vertical + "." + resource + ": true: must be false while " + ours + horizontal + "." + target +
			" is set, or the two autoscalers undo each other's work: set that to 0, or " + ours + vertical + ".mode to Off"
	}
	checkRules(t, slices.Concat(
		sameFault(vertical+".mode", "", "Off", "Initial", "Recreate", "InPlaceOrRecreate"),
		sameFault(vertical+".mode", modes, "", "off", "InPlace"),
		sameFault(vertical+".minAllowed.cpu", "must be a Kubernetes quantity, such as 500m", "x"),
		sameFault(vertical+".maxAllowed.memory", "must be a Kubernetes quantity, such as 500Mi", "4 GB"),
		[]rule{
			{"deprecated", tree{vertical + ".mode": "Auto"}, []string{auto}},
			{"recommends beside the other", tree{vertical + ".enabled": true}, nil},
			{"on both resources of the other", tree{vertical: tree{"enabled": true, "mode": "Recreate"}}, []string{
				clash("cpu", "cpuUtilization"), clash("memory", "memoryUtilization"),
			}},
			{"on one resource of the other", tree{vertical: tree{"enabled": true, "mode": "Initial", "cpu": false}}, []string{
				clash("memory", "memoryUtilization"),
			}},
			{"on another resource than the other", tree{
				vertical: tree{"enabled": true, "mode": "InPlaceOrRecreate", "cpu": false}, horizontal + ".memoryUtilization": 0,
			}, nil},
			{"without the other", tree{vertical: tree{"enabled": true, "mode": "Recreate"}, horizontal + ".enabled": false}, nil},
			{"of nothing", tree{vertical: tree{"enabled": true, "cpu": false, "memory": false}}, []string{
				vertical + ": controls nothing: set " + ours + vertical + ".cpu or " + ours + vertical + ".memory to true",
			}},
			{"bounds crossed", tree{
				vertical: tree{"minAllowed": tree{"cpu": "3", "memory": "5Gi"}},
			}, []string{
				vertical + `.minAllowed.cpu: "3": must not exceed ` + ours + vertical + ".maxAllowed.cpu",
				vertical + `.minAllowed.memory: "5Gi": must not exceed ` + ours + vertical + ".maxAllowed.memory",
			}},
			{"no bounds", tree{vertical: tree{
				"minAllowed": tree{"cpu": "", "memory": "5Gi"}, "maxAllowed": tree{"cpu": "", "memory": ""},
			}}, nil},
		},
	))
}
