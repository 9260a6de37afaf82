package service

import (
	"errors"
	"fmt"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"k8s.io/apimachinery/pkg/api/resource"

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
	add(onNode("tmp", p.args.Scratch.Tmp), "/tmp", false)
	if service.LogDir != "" {
		add(onNode("logs", p.args.Scratch.Logs), service.LogDir, false)
	}
	if service.Certificates {
		add(fromSecret("certs", p.args.CertificateSecretName), catalogue.CertificateDir, true)
	}
	if service.SigningKeys {
		add(fromSecret("jwt", p.args.SigningSecretName), jwtDir, true)
	}
	if service.VerificationKeys {
		add(fromConfigMap("jwks", p.args.VerificationKeysName), jwksDir, true)
	}
	if service.Volume != nil {
		add(&corev1.VolumeArgs{
			Name:                  pulumi.String(service.Volume.Name),
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSourceArgs{ClaimName: p.claim},
		}, service.Volume.MountPath, false)
	}
	return volumes, mounts
}

func onNode(name, size string) *corev1.VolumeArgs {
	return &corev1.VolumeArgs{
		Name:     pulumi.String(name),
		EmptyDir: &corev1.EmptyDirVolumeSourceArgs{SizeLimit: pulumi.String(size)},
	}
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

func fromConfigMap(name string, configMapName pulumi.StringInput) *corev1.VolumeArgs {
	return &corev1.VolumeArgs{
		Name:      pulumi.String(name),
		ConfigMap: &corev1.ConfigMapVolumeSourceArgs{Name: configMapName.ToStringOutput().ToStringPtrOutput()},
	}
}

// Scratch bounds what a pod writes to the disk of its node, as quantities. A pod that writes more is evicted, instead of
// filling the disk for all others on it.
type Scratch struct {
	// Tmp is the size of /tmp, Logs that of the service's log directory; empty where it has none.
	Tmp, Logs string
}

// containerOutput is what the kubelet keeps of a container's standard output, 5 files of 10Mi (containerLogMaxFiles,
// containerLogMaxSize), and a little for the files that it mounts into every container.
var containerOutput = resource.MustParse("64Mi")

// onDisk is the sum of all that a container writes: its root file system is read-only.
func (scratch Scratch) onDisk() string {
	total := containerOutput.DeepCopy()
	for _, size := range []string{scratch.Tmp, scratch.Logs} {
		// An empty one is none, and check has parsed the others.
		if quantity, err := resource.ParseQuantity(size); err == nil {
			total.Add(quantity)
		}
	}
	return total.String()
}

func (scratch Scratch) check(service catalogue.Service) error {
	var faults []error
	if _, err := resource.ParseQuantity(scratch.Tmp); err != nil {
		faults = append(faults, fmt.Errorf("args.Scratch.Tmp is %q: expected a quantity, such as 256Mi", scratch.Tmp))
	}
	if service.LogDir == "" {
		if scratch.Logs != "" {
			faults = append(faults, errors.New("args.Scratch.Logs must be empty: the service writes no log files"))
		}
	} else if _, err := resource.ParseQuantity(scratch.Logs); err != nil {
		faults = append(faults, fmt.Errorf("args.Scratch.Logs is %q: expected a quantity, such as 512Mi", scratch.Logs))
	}
	return errors.Join(faults...)
}
