// Package pods has what all pods of the program have in common: they are within the Pod Security Standard "restricted",
// and say for themselves whether they are in the mesh.
package pods

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/image"
	"github.com/federated-risk/federated-risk/internal/labels"
)

// UserID runs the containers, as user and as group: any but root will do, a number lets the kubelet check that, and one
// above 10000 is no user of the node's.
const UserID = 10001

// injectLabel is the pod's own choice for or against a sidecar, so that Postgres and Redis in the same namespace stay
// outside the mesh.
const injectLabel = "sidecar.istio.io/inject"

// Security returns the security context of a pod, which the caller may add to.
func Security() *corev1.PodSecurityContextArgs {
	return &corev1.PodSecurityContextArgs{
		RunAsNonRoot:   pulumi.Bool(true),
		RunAsUser:      pulumi.Int(UserID),
		RunAsGroup:     pulumi.Int(UserID),
		SeccompProfile: &corev1.SeccompProfileArgs{Type: pulumi.String("RuntimeDefault")},
	}
}

// ContainerSecurity returns the security context of a container.
func ContainerSecurity() *corev1.SecurityContextArgs {
	return &corev1.SecurityContextArgs{
		AllowPrivilegeEscalation: pulumi.Bool(false),
		ReadOnlyRootFilesystem:   pulumi.Bool(true),
		Capabilities:             &corev1.CapabilitiesArgs{Drop: pulumi.ToStringArray([]string{"ALL"})},
	}
}

// PullPolicy starts a pod from the image that its node has, so that pods come up while the registry is down. Only a
// reference that may name another image tomorrow asks the registry each time.
func PullPolicy(reference string) pulumi.String {
	if image.Pinned(reference) {
		return "IfNotPresent"
	}
	return "Always"
}

// PullSecrets refers to the Secrets of the names, in their order.
func PullSecrets(names []string) corev1.LocalObjectReferenceArray {
	var references corev1.LocalObjectReferenceArray
	for _, name := range names {
		references = append(references, &corev1.LocalObjectReferenceArgs{Name: pulumi.String(name)})
	}
	return references
}

// InMesh adds to a pod's labels that it gets a sidecar.
func InMesh(podLabels pulumi.StringMap) pulumi.StringMap {
	podLabels[injectLabel] = pulumi.String("true")
	return podLabels
}

// JobLabels returns the labels of the pods of a Job of the application app. They get no sidecar: with one, the Job would
// never end, and it talks to nothing but the data stores, which are outside the mesh.
func JobLabels(app string) pulumi.StringMap {
	podLabels := labels.Object(app)
	podLabels[injectLabel] = pulumi.String("false")
	return podLabels
}
