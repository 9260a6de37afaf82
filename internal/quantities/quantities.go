// Package quantities carries a container's resource requests and limits from config to manifests.
package quantities

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// List holds Kubernetes quantities, for example CPU 500m and Memory 1Gi; an empty one is not set.
type List struct {
	CPU    string
	Memory string
}

// Resources are the requests and limits of a container.
type Resources struct {
	Requests List
	Limits   List
}

// StringMap returns the quantities that are set, by resource name.
func (list List) StringMap() pulumi.StringMap {
	set := pulumi.StringMap{}
	if list.CPU != "" {
		set["cpu"] = pulumi.String(list.CPU)
	}
	if list.Memory != "" {
		set["memory"] = pulumi.String(list.Memory)
	}
	return set
}

// Values returns the resources as Helm values.
func (resources Resources) Values() pulumi.Map {
	return pulumi.Map{"requests": resources.Requests.StringMap(), "limits": resources.Limits.StringMap()}
}
