package service

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/catalogue"
)

// keyFileMode lets the container's group read key files, and nobody else: the files belong to root.
const keyFileMode = 0o440

// volumes returns the pod's volumes and where the container mounts them. The root file system is read-only, so
// whatever a service writes has a volume.
func (p *pod) volumes() (corev1.VolumeArray, corev1.VolumeMountArray) {
	service := p.args.Service
	var volumes corev1.VolumeArray
	var mounts corev1.VolumeMountArray
	add := func(volume *corev1.VolumeArgs, mountPath string, readOnly bool) {
		volumes = append(volumes, volume)
		mounts = append(mounts, &corev1.VolumeMountArgs{
			Name: volume.Name, MountPath: pulumi.String(mountPath), ReadOnly: pulumi.Bool(readOnly),
		})
	}
	add(scratch("tmp"), "/tmp", false)
	if service.LogDir != "" {
		add(scratch("logs"), service.LogDir, false)
	}
	if service.Certificates {
		add(fromSecret("certs", p.args.CertificateSecretName), catalogue.CertificateDir, true)
	}
	if service.SigningKeys {
		add(fromSecret("jwt", p.args.JWTSecretName), jwtDir, true)
	}
	if service.Volume != nil {
		add(&corev1.VolumeArgs{
			Name:                  pulumi.String(service.Volume.Name),
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSourceArgs{ClaimName: p.claim},
		}, service.Volume.MountPath, false)
	}
	return volumes, mounts
}

func scratch(name string) *corev1.VolumeArgs {
	return &corev1.VolumeArgs{Name: pulumi.String(name), EmptyDir: &corev1.EmptyDirVolumeSourceArgs{}}
}

func fromSecret(name string, secretName pulumi.StringInput) *corev1.VolumeArgs {
	return &corev1.VolumeArgs{
		Name: pulumi.String(name),
		Secret: &corev1.SecretVolumeSourceArgs{
			SecretName:  secretName.ToStringOutput().ToStringPtrOutput(),
			DefaultMode: pulumi.Int(keyFileMode),
		},
	}
}
