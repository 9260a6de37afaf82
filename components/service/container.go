package service

import (
	"maps"
	"path"
	"slices"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/components/secrets"
	"github.com/federated-risk/federated-risk/internal/pods"
	"github.com/federated-risk/federated-risk/internal/quantities"
)

// jwtDir is where a service that signs tokens reads the key pair, jwksDir where one that verifies them reads the keys.
const (
	jwtDir  = "/app/keys/jwt"
	jwksDir = "/app/keys/jwks"
)

// Environment variables that every version gets, and where the JWT key pair is mounted.
const (
	versionVariable       = "VERSION"
	jwtPrivateKeyVariable = "JWT_PRIVATE_KEY_PATH"
	jwtPublicKeyVariable  = "JWT_PUBLIC_KEY_PATH"
	jwksVariable          = "JWT_JWKS_PATH"
)

// firstUnprivilegedPort: below it the kernel asks for a capability, which the container does not have.
const firstUnprivilegedPort = 1024

// spec returns the pod around a container, within the Pod Security Standard "restricted".
func (p *pod) spec(container *corev1.ContainerArgs) *corev1.PodSpecArgs {
	volumes, mounts := p.volumes()
	container.VolumeMounts = mounts
	security := pods.Security()
	security.FsGroup = pulumi.Int(pods.UserID)
	// Otherwise the kubelet walks through the whole volume each time that a pod mounts it.
	security.FsGroupChangePolicy = pulumi.String("OnRootMismatch")
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
		ImagePullSecrets:             pods.PullSecrets(p.args.PullSecretNames),
		SecurityContext:              security,
		Volumes:                      volumes,
		Containers:                   corev1.ContainerArray{container},
	}
}

// container returns the service's container, without what only one that answers requests has.
func (p *pod) container(version string, args Deployment) *corev1.ContainerArgs {
	return &corev1.ContainerArgs{
		Name:            pulumi.String(p.args.Service.Name),
		Image:           pulumi.String(args.Image),
		ImagePullPolicy: pods.PullPolicy(args.Image),
		Env:             p.env(version),
		EnvFrom:         p.envFrom(),
		Resources: &corev1.ResourceRequirementsArgs{
			Requests: p.withDisk(args.Resources.Requests), Limits: p.withDisk(args.Resources.Limits),
		},
		SecurityContext: pods.ContainerSecurity(),
	}
}

// withDisk adds the container's share of the node's disk, the same as request and as limit: the kubelet evicts a pod
// above its limit, and, on a full disk, one above its request before others.
func (p *pod) withDisk(list quantities.List) pulumi.StringMap {
	set := list.StringMap()
	set["ephemeral-storage"] = pulumi.String(p.args.Scratch.onDisk())
	return set
}

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
	if p.args.Service.VerificationKeys {
		variables[jwksVariable] = pulumi.String(path.Join(jwksDir, secrets.JWTKeySet))
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

// envFrom adds the shared settings and the service's own secrets. No name is in both, nor in env.
func (p *pod) envFrom() corev1.EnvFromSourceArray {
	var sources corev1.EnvFromSourceArray
	if p.args.Service.AppConfig {
		sources = append(sources, &corev1.EnvFromSourceArgs{
			ConfigMapRef: &corev1.ConfigMapEnvSourceArgs{Name: p.args.AppConfigName.ToStringOutput().ToStringPtrOutput()},
		})
	}
	if len(p.args.SecretEnv) > 0 {
		sources = append(sources, &corev1.EnvFromSourceArgs{SecretRef: &corev1.SecretEnvSourceArgs{Name: p.secretEnv}})
	}
	return sources
}
