package service

import (
	"maps"
	"path"
	"slices"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/components/secrets"
	"github.com/federated-risk/federated-risk/internal/labels"
)

// portName of the container's port, which the Service and the probes refer to.
const portName = "http"

// jwtDir is where a service that signs tokens reads the key pair.
const jwtDir = "/app/keys/jwt"

// Environment variables that every version gets, and where the JWT key pair is mounted.
const (
	versionVariable       = "VERSION"
	jwtPrivateKeyVariable = "JWT_PRIVATE_KEY_PATH"
	jwtPublicKeyVariable  = "JWT_PUBLIC_KEY_PATH"
)

// userID runs the containers: any user but root will do, and a number lets the kubelet check that.
const userID = 10001

// pod is what the versions of a service have in common.
type pod struct {
	args    *Args
	account pulumi.StringOutput
	// secretEnv and claim are empty outputs where the service has none.
	secretEnv pulumi.StringOutput
	claim     pulumi.StringOutput
}

// deployment returns one version. Its selector never changes: the API server would refuse it.
func (p *pod) deployment(version string, args Deployment) *appsv1.DeploymentArgs {
	name := p.args.Service.Name
	objectName := name
	if version != labels.Stable {
		objectName = name + "-" + version
	}
	podLabels := labels.VersionObject(name, version)
	// The pod's own choice, so that Postgres and Redis in the same namespace stay outside the mesh.
	podLabels["sidecar.istio.io/inject"] = pulumi.String("true")
	return &appsv1.DeploymentArgs{
		Metadata: &metav1.ObjectMetaArgs{
			Name:      pulumi.String(objectName),
			Namespace: p.args.Namespace,
			Labels:    labels.VersionObject(name, version),
		},
		Spec: &appsv1.DeploymentSpecArgs{
			Replicas: args.count(),
			Selector: &metav1.LabelSelectorArgs{MatchLabels: labels.VersionSelector(name, version)},
			Strategy: p.strategy(),
			Template: &corev1.PodTemplateSpecArgs{
				Metadata: &metav1.ObjectMetaArgs{Labels: podLabels},
				Spec:     p.spec(version, args),
			},
		},
	}
}

// strategy keeps an old pod until a new one is ready, so that no request is lost, also with a single replica. A volume
// that one node at a time can mount rules that out: the new pod, on another node, would wait for the old one for ever.
func (p *pod) strategy() *appsv1.DeploymentStrategyArgs {
	if p.args.Volume != nil && p.args.Volume.AccessMode == readWriteOnce {
		return &appsv1.DeploymentStrategyArgs{Type: pulumi.String("Recreate")}
	}
	return &appsv1.DeploymentStrategyArgs{
		Type:          pulumi.String("RollingUpdate"),
		RollingUpdate: &appsv1.RollingUpdateDeploymentArgs{MaxSurge: pulumi.Int(1), MaxUnavailable: pulumi.Int(0)},
	}
}

// readWriteOnce is the access mode of a volume that one node at a time can mount.
const readWriteOnce = "ReadWriteOnce"

func (p *pod) spec(version string, args Deployment) *corev1.PodSpecArgs {
	volumes, mounts := p.volumes()
	security := &corev1.PodSecurityContextArgs{
		RunAsNonRoot:   pulumi.Bool(true),
		RunAsUser:      pulumi.Int(userID),
		FsGroup:        pulumi.Int(userID),
		SeccompProfile: &corev1.SeccompProfileArgs{Type: pulumi.String("RuntimeDefault")},
	}
	if p.args.Service.Port < firstUnprivilegedPort {
		security.Sysctls = corev1.SysctlArray{&corev1.SysctlArgs{
			Name:  pulumi.String("net.ipv4.ip_unprivileged_port_start"),
			Value: pulumi.Sprintf("%d", p.args.Service.Port),
		}}
	}
	return &corev1.PodSpecArgs{
		ServiceAccountName:           p.account,
		AutomountServiceAccountToken: pulumi.Bool(false),
		EnableServiceLinks:           pulumi.Bool(false),
		SecurityContext:              security,
		Volumes:                      volumes,
		Containers: corev1.ContainerArray{&corev1.ContainerArgs{
			Name:  pulumi.String(p.args.Service.Name),
			Image: pulumi.String(args.Image),
			Ports: corev1.ContainerPortArray{&corev1.ContainerPortArgs{
				Name: pulumi.String(portName), ContainerPort: pulumi.Int(p.args.Service.Port),
			}},
			Env:            p.env(version),
			EnvFrom:        p.envFrom(),
			Resources:      &corev1.ResourceRequirementsArgs{Requests: args.Resources.Requests.StringMap(), Limits: args.Resources.Limits.StringMap()},
			StartupProbe:   p.probe(startup),
			ReadinessProbe: p.probe(readiness),
			LivenessProbe:  p.probe(liveness),
			VolumeMounts:   mounts,
			SecurityContext: &corev1.SecurityContextArgs{
				AllowPrivilegeEscalation: pulumi.Bool(false),
				ReadOnlyRootFilesystem:   pulumi.Bool(true),
				Capabilities:             &corev1.CapabilitiesArgs{Drop: pulumi.ToStringArray([]string{"ALL"})},
			},
		}},
	}
}

// firstUnprivilegedPort: below it the kernel asks for a capability, which the container does not have.
const firstUnprivilegedPort = 1024

// env returns the variables in the order of their names: a map's own order would roll the pods at every update.
func (p *pod) env(version string) corev1.EnvVarArray {
	variables := maps.Clone(p.args.Env)
	if variables == nil {
		variables = map[string]pulumi.StringInput{}
	}
	variables[versionVariable] = pulumi.String(version)
	if p.args.Service.SigningKeys {
		variables[jwtPrivateKeyVariable] = pulumi.String(path.Join(jwtDir, secrets.JWTPrivateKey))
		variables[jwtPublicKeyVariable] = pulumi.String(path.Join(jwtDir, secrets.JWTPublicKey))
	}
	if volume := p.args.Service.Volume; volume != nil {
		for name, value := range volume.Variables {
			variables[name] = pulumi.String(value)
		}
	}
	var env corev1.EnvVarArray
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		env = append(env, &corev1.EnvVarArgs{Name: pulumi.String(name), Value: variables[name]})
	}
	return env
}

func (p *pod) envFrom() corev1.EnvFromSourceArray {
	if len(p.args.SecretEnv) == 0 {
		return nil
	}
	return corev1.EnvFromSourceArray{&corev1.EnvFromSourceArgs{
		SecretRef: &corev1.SecretEnvSourceArgs{Name: p.secretEnv},
	}}
}
