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
)

// Reencryption is the Job that encrypts the stored data anew.
type Reencryption struct {
	// Image is a full reference.
	Image string
	// TimeoutSeconds after which the Job has failed, 1 or more.
	TimeoutSeconds int
}

const (
	reencryptionSuffix = "reencryption"
	// reencryptionRetries of a run that failed: what has the newest key already stays as it is.
	reencryptionRetries = 3
	// never is a schedule for an object that must have one. It is suspended; a run by mistake would do no harm.
	never = "0 0 1 1 *"
	// startingDeadlineSeconds keeps runs that the suspension has skipped from being made up for.
	startingDeadlineSeconds = 60
	// jobsKept of each outcome: the evidence that a key may be retired.
	jobsKept = 3
)

// reencryptionCommand is the runbook's, section "key rotation".
var reencryptionCommand = []string{"python", "-c", "from app.crypto import reencrypt_data; reencrypt_data()"}

// reencryption declares the Job as a CronJob that never runs by itself, the only object that `kubectl create job --from`
// takes as a template. A run has everything that a pod of the service has, but the sidecar: it talks to nothing but the
// data stores, which are outside the mesh, and a sidecar would keep it from ending. With an app label of its own it gets
// none of the service's requests.
func (p *pod) reencryption(ctx *pulumi.Context, name string, parent pulumi.ResourceOption) error {
	reencryption := p.args.Reencryption
	if reencryption == nil {
		return nil
	}
	app := p.args.Service.Name + "-" + reencryptionSuffix
	_, err := batchv1.NewCronJob(ctx, name+"-"+reencryptionSuffix, &batchv1.CronJobArgs{
		Metadata: &metav1.ObjectMetaArgs{
			Name:        pulumi.String(app),
			Namespace:   p.args.Namespace,
			Labels:      labels.Object(app),
			Annotations: accepted("container-image-pull-policy"),
		},
		Spec: &batchv1.CronJobSpecArgs{
			Suspend:                    pulumi.Bool(true),
			Schedule:                   pulumi.String(never),
			StartingDeadlineSeconds:    pulumi.Int(startingDeadlineSeconds),
			ConcurrencyPolicy:          pulumi.String("Forbid"),
			SuccessfulJobsHistoryLimit: pulumi.Int(jobsKept),
			FailedJobsHistoryLimit:     pulumi.Int(jobsKept),
			JobTemplate: &batchv1.JobTemplateSpecArgs{
				Metadata: &metav1.ObjectMetaArgs{Labels: labels.Object(app)},
				Spec:     p.reencryptionJob(app, reencryption),
			},
		},
	}, parent)
	return err
}

func (p *pod) reencryptionJob(app string, reencryption *Reencryption) *batchv1.JobSpecArgs {
	container := p.container(labels.Stable, Deployment{Image: reencryption.Image, Resources: p.args.Stable.Resources})
	container.Command = pulumi.ToStringArray(reencryptionCommand)
	spec := p.spec(container)
	spec.RestartPolicy = pulumi.String("Never")
	podLabels := labels.Object(app)
	podLabels[injectLabel] = pulumi.String("false")
	return &batchv1.JobSpecArgs{
		BackoffLimit:          pulumi.Int(reencryptionRetries),
		ActiveDeadlineSeconds: pulumi.Int(reencryption.TimeoutSeconds),
		// No second pod writes while the first is still ending.
		PodReplacementPolicy: pulumi.String("Failed"),
		Template: &corev1.PodTemplateSpecArgs{
			Metadata: &metav1.ObjectMetaArgs{Labels: podLabels},
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
	return errors.Join(faults...)
}
