package stacks

import (
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/federated-risk/federated-risk/components/service"
	"github.com/federated-risk/federated-risk/internal/catalogue"
	"github.com/federated-risk/federated-risk/internal/login"
)

// demand is what the pods and claims of a config request when there are most of them: every autoscaler at its maximum,
// and every Deployment in the middle of a rollout.
type demand struct {
	cpu, memory, storage resource.Quantity
	pods, claims         int
}

// What others add to the pods: Istio's default requests for a sidecar (istio.io, values of the istiod chart), and those
// that the LimitRange gives to containers without any, such as Sentinel's.
var (
	sidecarRequests          = ResourceList{CPU: "100m", Memory: "128Mi"}
	defaultContainerRequests = ResourceList{CPU: "50m", Memory: "64Mi"}
)

// demandOf adds up what a config asks for. Values that validation refuses count for nothing.
func demandOf(cfg *Config) demand {
	var d demand
	for name, configured := range cfg.Services {
		d.addPods(inRollout(configured.mostReplicas()), requested(configured.Resources), sidecarRequests)
		if configured.Canary.Image != "" {
			d.addPods(inRollout(configured.Canary.Replicas), requested(configured.Canary.Resources), sidecarRequests)
		}
		if configured.Standby.Enabled {
			d.addPods(inRollout(configured.Standby.Replicas), requested(configured.Resources), sidecarRequests)
		}
		if entry, known := catalogue.Lookup(name); known && entry.Reencryption {
			d.addPods(1, requested(configured.Resources))
		}
		if configured.Volume != nil {
			d.addClaims(1, configured.Volume.Size)
		}
	}
	// The Jobs that try the logins, of Postgres and of Redis.
	d.addPods(2, ResourceList{CPU: login.CPU, Memory: login.Memory})
	d.addPods(cfg.Postgres.Instances, requested(cfg.Postgres.Resources))
	d.addClaims(cfg.Postgres.Instances, cfg.Postgres.Storage.Size)
	d.addPods(cfg.Redis.Replicas, cfg.Redis.containers()...)
	d.addClaims(cfg.Redis.Replicas, cfg.Redis.Storage.Size)
	if cfg.Redis.Architecture == RedisReplication {
		// The pod that keeps the master's Service on the master, and the one that takes its place.
		d.addPods(2, defaultContainerRequests)
	}
	return d
}

// inRollout is how many pods there are of so many in the middle of a rollout.
func inRollout(replicas int) int { return replicas + service.Surge(replicas) }

// mostReplicas is the most pods of the stable version outside a rollout.
func (service Service) mostReplicas() int {
	if service.Autoscaling.Horizontal.Enabled {
		return service.Autoscaling.Horizontal.MaxReplicas
	}
	return service.Replicas
}

// containers are the requests of those in a Redis pod: the server, the metrics exporter and, with replication, Sentinel.
func (redis Redis) containers() []ResourceList {
	containers := []ResourceList{requested(redis.Resources), defaultContainerRequests}
	if redis.Architecture == RedisReplication {
		containers = append(containers, defaultContainerRequests)
	}
	return containers
}

// requested is what the API server makes of a container's resources: without a request, the limit is one; without
// either, the LimitRange gives one.
func requested(resources Resources) ResourceList {
	return resources.Requests.or(resources.Limits).or(defaultContainerRequests)
}

func (d *demand) addPods(pods int, containers ...ResourceList) {
	d.pods += pods
	for _, container := range containers {
		addTimes(&d.cpu, container.CPU, pods)
		addTimes(&d.memory, container.Memory, pods)
	}
}

func (d *demand) addClaims(claims int, size string) {
	d.claims += claims
	addTimes(&d.storage, size, claims)
}

func addTimes(total *resource.Quantity, quantity string, times int) {
	one, ok := readable(quantity)
	if !ok {
		return
	}
	// The product is exact also where Mul says that it needs more than 64 bits.
	one.Mul(int64(times))
	total.Add(one)
}

// readable parses a quantity of the form that validation accepts; to add up 1E999999999 would take for ever.
func readable(text string) (resource.Quantity, bool) {
	if !plainQuantity.MatchString(text) {
		return resource.Quantity{}, false
	}
	quantity, err := resource.ParseQuantity(text)
	return quantity, err == nil
}

// memoryLimits refuses a container's limit that the LimitRange would refuse pod by pod.
func (v validator) memoryLimits(cfg *Config, most resource.Quantity, quota keyPath) {
	check := func(path keyPath, resources Resources) {
		limit, ok := readable(resources.Limits.Memory)
		if ok && limit.Cmp(most) > 0 {
			v.add(path.key("limits").key("memory"), resources.Limits.Memory, "must not exceed %s", quota)
		}
	}
	check(keyPath{"postgres", "resources"}, cfg.Postgres.Resources)
	check(keyPath{"redis", "resources"}, cfg.Redis.Resources)
	for name, service := range cfg.Services {
		path := keyPath{"services", name}
		check(path.key("resources"), service.Resources)
		if service.Canary.Image != "" && service.Canary.Resources != service.Resources {
			check(path.key("canary").key("resources"), service.Canary.Resources)
		}
	}
}
