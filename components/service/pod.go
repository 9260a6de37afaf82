package service

import (
	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/labels"
	"github.com/federated-risk/federated-risk/internal/pods"
)

// PortName of the container's port, and of the Service's, by which probes and monitors refer to it.
const PortName = "http"

// pod is what all pods of a service have in common.
type pod struct {
	args    *Args
	account pulumi.StringOutput
	// secretEnv and claim are empty outputs where the service has none.
	secretEnv pulumi.StringOutput
	claim     pulumi.StringOutput
}

// identity is what the pods of one Deployment are selected by, and by nothing else.
type identity struct {
	app, version string
}

// objectName of the Deployment and of what goes with it.
func (id identity) objectName() string {
	if id.version == labels.Stable {
		return id.app
	}
	return id.app + "-" + id.version
}

// version is the identity of one version of the service.
func (p *pod) version(version string) identity { return identity{p.args.Service.Name, version} }

// deployment returns one version.
func (p *pod) deployment(version string, args Deployment) *appsv1.DeploymentArgs {
	return p.deploymentOf(p.version(version), args)
}

// deploymentOf returns the Deployment of an identity. Its selector never changes: the API server would refuse it.
func (p *pod) deploymentOf(id identity, args Deployment) *appsv1.DeploymentArgs {
	return &appsv1.DeploymentArgs{
		Metadata: &metav1.ObjectMetaArgs{
			Name:        pulumi.String(id.objectName()),
			Namespace:   p.args.Namespace,
			Labels:      labels.VersionObject(id.app, id.version),
			Annotations: accepted("container-image-pull-policy", "pod-probes-identical"),
		},
		Spec: &appsv1.DeploymentSpecArgs{
			Replicas:                args.count(),
			Selector:                &metav1.LabelSelectorArgs{MatchLabels: labels.VersionSelector(id.app, id.version)},
			Strategy:                p.strategy(),
			MinReadySeconds:         pulumi.Int(minReadySeconds),
			ProgressDeadlineSeconds: pulumi.Int(progressDeadlineSeconds),
			RevisionHistoryLimit:    pulumi.Int(revisionHistoryLimit),
			Template: &corev1.PodTemplateSpecArgs{
				Metadata: &metav1.ObjectMetaArgs{Labels: pods.InMesh(labels.VersionObject(id.app, id.version)), Annotations: p.annotations()},
				Spec:     p.serving(id, args),
			},
		},
	}
}

// serving returns the pod that answers requests.
func (p *pod) serving(id identity, args Deployment) *corev1.PodSpecArgs {
	container := p.container(id.version, args)
	container.Ports = corev1.ContainerPortArray{&corev1.ContainerPortArgs{
		Name: pulumi.String(PortName), ContainerPort: pulumi.Int(p.args.Service.Port),
	}}
	container.StartupProbe = p.probe(startup)
	container.ReadinessProbe = p.probe(readiness)
	container.LivenessProbe = p.probe(liveness)
	container.Lifecycle = untilWithdrawn()
	spec := p.spec(container)
	spec.TerminationGracePeriodSeconds = pulumi.Int(p.args.graceSeconds())
	spec.TopologySpreadConstraints = spread(id)
	return spec
}

// strategy keeps an old pod until a new one is ready, so that no request is lost, also with a single replica. A volume
// that one node at a time can mount rules that out: the new pod, on another node, would wait for the old one for ever.
func (p *pod) strategy() *appsv1.DeploymentStrategyArgs {
	if p.args.Volume != nil && p.args.Volume.AccessMode == readWriteOnce {
		return &appsv1.DeploymentStrategyArgs{Type: pulumi.String("Recreate")}
	}
	return &appsv1.DeploymentStrategyArgs{
		Type:          pulumi.String("RollingUpdate"),
		RollingUpdate: &appsv1.RollingUpdateDeploymentArgs{MaxSurge: pulumi.Sprintf("%d%%", surgePercent), MaxUnavailable: pulumi.Int(0)},
	}
}

// readWriteOnce is the access mode of a volume that one node at a time can mount.
const readWriteOnce = "ReadWriteOnce"
