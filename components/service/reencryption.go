package service

import (
	"errors"
	"fmt"

	batchv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/batch/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/catalogue"
	"github.com/federated-risk/federated-risk/internal/labels"
	"github.com/federated-risk/federated-risk/internal/pods"
)

// Reencryption is the Job that encrypts the stored data anew.
type Reencryption struct {
	// Image is a full reference.
	Image string
	// TimeoutSeconds after which the Job has failed, 1 or more.
	TimeoutSeconds int
	// Generation of the encryption key, 1 or more. The first has nothing to do, and no Job.
	Generation int
}

// reencryptionRetries of a run that failed: what has the newest key already stays as it is.
const reencryptionRetries = 3

// reencryptionCommand is the runbook's, section "key rotation", after a wait: when a rollout has ended, pods with the key
// before may still be at their last requests.
func (args *Args) reencryptionCommand() []string {
	return []string{"python", "-c", fmt.Sprintf(
		"import time; time.sleep(%d); from app.crypto import reencrypt_data; reencrypt_data()", args.graceSeconds())}
}

// reencryption declares the Job of the generation, once every pod that writes has its key. The update does not wait for
// its end, which may be hours away; whoever retires a key must have seen it. A Job has everything that a pod of the
// service has, but the sidecar: it talks to nothing but the data stores, which are outside the mesh, and a sidecar would
// keep it from ending. With an app label of its own it gets none of the service's requests.
func (p *pod) reencryption(ctx *pulumi.Context, name string, parent pulumi.ResourceOption, writers []pulumi.Resource) error {
	reencryption := p.args.Reencryption
	if reencryption == nil || reencryption.Generation == 1 {
		return nil
	}
	app := catalogue.ReencryptionName(p.args.Service.Name)
	annotations := accepted("container-image-pull-policy")
	annotations["pulumi.com/skipAwait"] = pulumi.String("true")
	_, err := batchv1.NewJob(ctx, catalogue.ReencryptionJob(name, reencryption.Generation), &batchv1.JobArgs{
		Metadata: &metav1.ObjectMetaArgs{
			Name:        pulumi.String(catalogue.ReencryptionJob(p.args.Service.Name, reencryption.Generation)),
			Namespace:   p.args.Namespace,
			Labels:      labels.Object(app),
			Annotations: annotations,
		},
		Spec: p.reencryptionJob(app, reencryption),
		// It has run, or is running: what the service's pods get later is not for it, and would make a new Job.
	}, parent, pulumi.DependsOn(writers), pulumi.IgnoreChanges([]string{"spec"}))
	return err
}

func (p *pod) reencryptionJob(app string, reencryption *Reencryption) *batchv1.JobSpecArgs {
	container := p.container(labels.Stable, Deployment{Image: reencryption.Image, Resources: p.args.Stable.Resources})
	container.Command = pulumi.ToStringArray(p.args.reencryptionCommand())
	spec := p.spec(container)
	spec.RestartPolicy = pulumi.String("Never")
	return &batchv1.JobSpecArgs{
		BackoffLimit:          pulumi.Int(reencryptionRetries),
		ActiveDeadlineSeconds: pulumi.Int(reencryption.TimeoutSeconds),
		// No second pod writes while the first is still ending.
		PodReplacementPolicy: pulumi.String("Failed"),
		Template: &corev1.PodTemplateSpecArgs{
			Metadata: &metav1.ObjectMetaArgs{Labels: pods.JobLabels(app)},
			Spec:     spec,
		},
	}
}

func (reencryption *Reencryption) check(service catalogue.Service) error {
	if (reencryption != nil) != service.Reencryption {
		return fmt.Errorf("args.Reencryption must be set exactly when the catalogue gives %s one", service.Name)
	}
	if reencryption == nil {
		return nil
	}
	var faults []error
	if reencryption.Image == "" {
		faults = append(faults, errors.New("args.Reencryption.Image is empty"))
	}
	if reencryption.TimeoutSeconds < 1 {
		faults = append(faults, fmt.Errorf("args.Reencryption.TimeoutSeconds is %d: expected 1 or more", reencryption.TimeoutSeconds))
	}
	if reencryption.Generation < 1 {
		faults = append(faults, fmt.Errorf("args.Reencryption.Generation is %d: expected 1 or more", reencryption.Generation))
	}
	return errors.Join(faults...)
}
