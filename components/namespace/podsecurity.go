package namespace

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/labels"
)

const (
	restricted = "restricted"
	// enforcedVersion of the standards, the runbook's Kubernetes for production. It is pinned: with the cluster's own, an
	// upgrade of the cluster could refuse pods that ran until then. Audit and warnings follow the cluster, and show early
	// what a later version will ask for.
	enforcedVersion = "v1.28"
	clustersVersion = "latest"
)

// levels of the Pod Security Standards, the strictest last.
var levels = []string{"privileged", "baseline", restricted}

// labels of the namespace: the platform's, and those of the Pod Security admission.
func (args *Args) labels() pulumi.StringMap {
	object := labels.Object(args.Name)
	for mode, standard := range map[string]struct{ level, version string }{
		"enforce": {args.PodSecurity, enforcedVersion},
		"audit":   {restricted, clustersVersion},
		"warn":    {restricted, clustersVersion},
	} {
		object["pod-security.kubernetes.io/"+mode] = pulumi.String(standard.level)
		object["pod-security.kubernetes.io/"+mode+"-version"] = pulumi.String(standard.version)
	}
	return object
}

func checkPodSecurity(level string) error {
	if slices.Contains(levels, level) {
		return nil
	}
	return fmt.Errorf("args.PodSecurity is %q: expected %s", level, strings.Join(levels, ", "))
}
