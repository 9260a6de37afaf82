package stacks

// sizing is what a profile decides: as much as fits its row of the runbook's table of environment requirements
// with a fifth to spare for the system, the ingress and a rollout's surge. A test adds the requests up.
type sizing struct {
	// serviceReplicas of each service's stable version.
	serviceReplicas int
	service         Resources
	// volumeSize of a service's own volume.
	volumeSize string
	postgres   dataSizing
	// redis runs alone with one replica and replicates with three.
	redis dataSizing
	// standby of the services that can have one.
	standby bool
	// autoscaling of model-serving, the service that the runbook scales.
	autoscaling bool
	// protect the data against deletion.
	protect bool
	quota   Quota
}

type dataSizing struct {
	replicas  int
	storage   string
	resources Resources
}

// profiles lists the profiles in the order of the runbook's table.
var profiles = []Profile{ProfileMinimum, ProfileRecommended, ProfileProduction}

// serviceLimits are those of the runbook's canary container, in every profile: an idle cluster lets a service
// use as much as it gets in production.
var serviceLimits = ResourceList{CPU: "500m", Memory: "1Gi"}

// serviceRequests are those of the runbook's canary container.
var serviceRequests = ResourceList{CPU: "250m", Memory: "512Mi"}

// sizingOf returns the sizing of a profile, that of the default one when there is no such profile.
//
// Only memory of the data stores has a limit, equal to the request, so that the kernel never kills them for
// another pod's sake; a CPU limit would throttle them while the node is idle.
func sizingOf(profile Profile) sizing {
	switch profile {
	case ProfileMinimum:
		return sizing{
			serviceReplicas: 1,
			// The runbook's lower bound for the vertical autoscaler: the least that a service is known to run with.
			service:    Resources{Requests: ResourceList{CPU: "100m", Memory: "256Mi"}, Limits: serviceLimits},
			volumeSize: "1Gi",
			postgres: dataSizing{
				replicas: 1, storage: "10Gi",
				// A quarter of the production memory is below what PostgreSQL and its instance manager run well in.
				resources: dataResources("500m", "1Gi"),
			},
			redis: dataSizing{replicas: 1, storage: "5Gi", resources: dataResources("100m", "256Mi")},
			quota: quotaOf("8", "16G", "100G", 50, 10),
		}
	case ProfileProduction:
		return sizing{
			// REPLICAS of the runbook's deploy script.
			serviceReplicas: 3,
			service:         Resources{Requests: serviceRequests, Limits: serviceLimits},
			// The registry is one file; what grows beside it are the local feature files of the models.
			volumeSize: "5Gi",
			// Storage and requests of both data stores are those of the runbook's deploy script. Three is the least
			// with which Postgres keeps a replica, and Sentinel a majority, after a node is lost.
			postgres:    dataSizing{replicas: 3, storage: "100Gi", resources: dataResources("1", "2Gi")},
			redis:       dataSizing{replicas: 3, storage: "50Gi", resources: dataResources("500m", "1Gi")},
			standby:     true,
			autoscaling: true,
			protect:     true,
			quota:       quotaOf("32", "64G", "1T", 200, 40),
		}
	default:
		return sizing{
			serviceReplicas: 2,
			service:         Resources{Requests: serviceRequests, Limits: serviceLimits},
			volumeSize:      "2Gi",
			// Half of production, whose disks a tenth of the data does not fill.
			postgres:    dataSizing{replicas: 1, storage: "50Gi", resources: dataResources("500m", "1Gi")},
			redis:       dataSizing{replicas: 1, storage: "20Gi", resources: dataResources("250m", "512Mi")},
			autoscaling: true,
			quota:       quotaOf("16", "32G", "500G", 100, 20),
		}
	}
}

func dataResources(cpu, memory string) Resources {
	return Resources{Requests: ResourceList{CPU: cpu, Memory: memory}, Limits: ResourceList{Memory: memory}}
}
