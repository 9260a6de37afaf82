package service

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/labels"
)

// spread places the pods of one Deployment over zones and, in each, over nodes, as evenly as there is room: a pod beside
// its sister is better than one that waits while the service is short of pods.
func spread(id identity) corev1.TopologySpreadConstraintArray {
	var constraints corev1.TopologySpreadConstraintArray
	for _, topology := range []string{"topology.kubernetes.io/zone", "kubernetes.io/hostname"} {
		constraints = append(constraints, &corev1.TopologySpreadConstraintArgs{
			MaxSkew:           pulumi.Int(1),
			TopologyKey:       pulumi.String(topology),
			WhenUnsatisfiable: pulumi.String("ScheduleAnyway"),
			LabelSelector:     &metav1.LabelSelectorArgs{MatchLabels: labels.VersionSelector(id.app, id.version)},
			// Each revision by itself: the pods of the one before are about to go, and would leave the others uneven.
			MatchLabelKeys: pulumi.ToStringArray([]string{"pod-template-hash"}),
			// A node that is being drained takes no pod: its emptiness must not count.
			NodeTaintsPolicy: pulumi.String("Honor"),
		})
	}
	return constraints
}
