// Package service is one service of the platform: its stable version, its canary, and what both share.
package service

import (
	"errors"
	"fmt"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/catalogue"
	"github.com/federated-risk/federated-risk/internal/faults"
	"github.com/federated-risk/federated-risk/internal/kubesecret"
	"github.com/federated-risk/federated-risk/internal/labels"
	"github.com/federated-risk/federated-risk/internal/quantities"
)

// Args describe a service.
type Args struct {
	Namespace pulumi.StringInput
	// Service is the entry of the catalogue.
	Service catalogue.Service
	// Stable is the version that serves whatever no canary takes.
	Stable Deployment
	// Canary is the second version, or nil.
	Canary *Deployment
	// Standby is the warm standby, or nil; only where the catalogue has one.
	Standby *Deployment
	// Reencryption is required exactly where the catalogue has it.
	Reencryption *Reencryption
	// Env holds variables in the clear, SecretEnv those that go into a Secret.
	Env       map[string]pulumi.StringInput
	SecretEnv map[string]pulumi.StringInput
	// CertificateSecretName, SigningSecretName and VerificationKeysName are mounted where the catalogue asks for them: the
	// TLS certificate, the key pair that signs tokens, and the ConfigMap with the keys that verify them.
	CertificateSecretName pulumi.StringInput
	SigningSecretName     pulumi.StringInput
	VerificationKeysName  pulumi.StringInput
	// AppConfigName is the ConfigMap with the shared settings; required where the catalogue asks for them.
	AppConfigName pulumi.StringInput
	// PullSecretNames are existing Secrets for the images' registries.
	PullSecretNames []string
	// Volume is the claim behind the catalogue's volume; required exactly when the catalogue has one.
	Volume  *Volume
	Scratch Scratch
	// RequestTimeoutSeconds is the longest that the service may take for an answer, 1 or more.
	RequestTimeoutSeconds int
}

// Deployment is what differs between the versions of a service.
type Deployment struct {
	// Image is a full reference.
	Image string
	// Replicas is the number of pods, 0 or more.
	Replicas int
	// Autoscaled leaves the number to an autoscaler: Replicas must be 0.
	Autoscaled bool
	// Stopped runs no pod, whatever Replicas and an autoscaler say, for as long as it is set.
	Stopped   bool
	Resources quantities.Resources
}

// Volume is a claim.
type Volume struct {
	// Size is a quantity; StorageClass may be empty for the default class.
	Size, StorageClass string
	// AccessMode is ReadWriteOnce or ReadWriteMany.
	AccessMode string
	// Protect refuses to delete or replace the claim.
	Protect bool
	// Retain keeps the claim when the stack leaves, or gives the service another one.
	Retain bool
}

// Service is the component.
type Service struct {
	pulumi.ResourceState

	// Name of the Service, known once it exists.
	Name pulumi.StringOutput `pulumi:"name"`
	// StableName is the name of the stable version's Deployment, known once its pods are ready.
	StableName pulumi.StringOutput
	// Versions are the Deployments that traffic can be sent to; a route to one must wait for it.
	Versions []pulumi.Resource
	// Standby is the standby's Deployment, or nil; a route to it must wait for it.
	Standby pulumi.Resource
}

// New declares the service.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Service, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("service %q: %w", name, err)
	}
	component := &Service{}
	if err := ctx.RegisterComponentResource("federated-risk:service:Service", name, component, opts...); err != nil {
		return nil, err
	}
	if err := component.provision(ctx, name, args); err != nil {
		return nil, fmt.Errorf("service %q: %w", name, err)
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"name": component.Name})
}

func (component *Service) provision(ctx *pulumi.Context, name string, args *Args) error {
	parent := pulumi.Parent(component)
	pod, err := args.shared(ctx, name, parent)
	if err != nil {
		return err
	}
	stable, err := appsv1.NewDeployment(ctx, name+"-"+labels.Stable, pod.deployment(labels.Stable, args.Stable), parent, args.Stable.leaveToAutoscaler())
	if err != nil {
		return err
	}
	component.StableName = stable.Metadata.Name().Elem()
	if err := args.stopAutoscaled(ctx, name+"-"+labels.Stable+"-stopped", stable, parent); err != nil {
		return err
	}
	component.Versions = append(component.Versions, stable)
	if args.Canary != nil {
		canary, err := appsv1.NewDeployment(ctx, name+"-"+labels.Canary, pod.deployment(labels.Canary, *args.Canary), parent)
		if err != nil {
			return err
		}
		component.Versions = append(component.Versions, canary)
	}
	object, err := corev1.NewService(ctx, name, args.service(args.Service.Name), parent)
	if err != nil {
		return err
	}
	component.Name = object.Metadata.Name().Elem()
	if err := pod.budgets(ctx, name, parent); err != nil {
		return err
	}
	if component.Standby, err = pod.standby(ctx, name, parent); err != nil {
		return err
	}
	return pod.reencryption(ctx, name, parent, component.Versions)
}

// shared declares what both versions use and returns the pod they have in common.
func (args *Args) shared(ctx *pulumi.Context, name string, parent pulumi.ResourceOption) (*pod, error) {
	account, err := corev1.NewServiceAccount(ctx, name, &corev1.ServiceAccountArgs{
		Metadata:                     args.metadata(args.Service.Name),
		AutomountServiceAccountToken: pulumi.Bool(false),
	}, parent)
	if err != nil {
		return nil, err
	}
	shared := &pod{args: args, account: account.Metadata.Name().Elem()}
	if len(args.SecretEnv) > 0 {
		secret, err := kubesecret.New(ctx, name+"-env", kubesecret.Args{
			Namespace: args.Namespace,
			Labels:    labels.Object(args.Service.Name),
			Values:    args.SecretEnv,
		}, parent)
		if err != nil {
			return nil, err
		}
		shared.secretEnv = secret.Metadata.Name().Elem()
	}
	if volume := args.Service.Volume; volume != nil {
		claim, err := args.claim(ctx, name+"-"+volume.Name, parent)
		if err != nil {
			return nil, err
		}
		shared.claim = claim.Metadata.Name().Elem()
	}
	return shared, nil
}

func (args *Args) claim(ctx *pulumi.Context, name string, parent pulumi.ResourceOption) (*corev1.PersistentVolumeClaim, error) {
	spec := &corev1.PersistentVolumeClaimSpecArgs{
		AccessModes: pulumi.ToStringArray([]string{args.Volume.AccessMode}),
		Resources: &corev1.VolumeResourceRequirementsArgs{
			Requests: pulumi.StringMap{"storage": pulumi.String(args.Volume.Size)},
		},
	}
	if args.Volume.StorageClass != "" {
		spec.StorageClassName = pulumi.String(args.Volume.StorageClass)
	}
	return corev1.NewPersistentVolumeClaim(ctx, name, &corev1.PersistentVolumeClaimArgs{
		Metadata: args.metadata(args.Service.Name + "-" + args.Service.Volume.Name),
		Spec:     spec,
	}, parent, pulumi.Protect(args.Volume.Protect), pulumi.RetainOnDelete(args.Volume.Retain))
}

func (args *Args) metadata(objectName string) *metav1.ObjectMetaArgs {
	return &metav1.ObjectMetaArgs{
		Name:      pulumi.String(objectName),
		Namespace: args.Namespace,
		Labels:    labels.Object(args.Service.Name),
	}
}

func (args *Args) check() error {
	if args == nil {
		return errors.New("args is nil")
	}
	var found faults.List
	found.When(args.Namespace == nil, "args.Namespace is not set")
	found.When(args.Service.Name == "", "args.Service.Name is empty")
	found.When(args.Service.Port < 1 || args.Service.Port > 65535, "args.Service.Port is %d: expected 1 to 65535", args.Service.Port)
	found.When(args.Service.HealthPath == "", "args.Service.HealthPath is empty")
	found.Add(args.Stable.check("args.Stable"))
	if args.Canary != nil {
		found.Add(args.Canary.check("args.Canary"))
	}
	if args.Standby != nil {
		found.Add(args.Standby.check("args.Standby"))
		found.When(!args.Service.Standby, "args.Standby must not be set: the catalogue gives %s no standby", args.Service.Name)
	}
	found.Add(args.Reencryption.check(args.Service), args.Scratch.check(args.Service))
	found.When(args.RequestTimeoutSeconds < 1, "args.RequestTimeoutSeconds is %d: expected 1 or more", args.RequestTimeoutSeconds)
	found.When(args.Service.AppConfig && args.AppConfigName == nil, "args.AppConfigName is not set: %s reads the shared settings", args.Service.Name)
	found.When(args.Service.Certificates && args.CertificateSecretName == nil, "args.CertificateSecretName is not set: %s mounts certificates", args.Service.Name)
	found.When(args.Service.SigningKeys && args.SigningSecretName == nil, "args.SigningSecretName is not set: %s signs tokens", args.Service.Name)
	found.When(args.Service.VerificationKeys && args.VerificationKeysName == nil, "args.VerificationKeysName is not set: %s verifies tokens", args.Service.Name)
	found.When((args.Service.Volume == nil) != (args.Volume == nil), "args.Volume must be set exactly when the catalogue gives %s a volume", args.Service.Name)
	found.When(args.Volume != nil && (args.Volume.Size == "" || args.Volume.AccessMode == ""), "args.Volume.Size and args.Volume.AccessMode must be set")
	return found.Err()
}

// count is the number of pods to declare: none where an autoscaler decides.
func (deployment *Deployment) count() pulumi.IntPtrInput {
	switch {
	case deployment.Autoscaled:
		return nil
	case deployment.Stopped:
		return pulumi.Int(0)
	default:
		return pulumi.Int(deployment.Replicas)
	}
}

// stopFieldManager owns the number of pods of what is stopped. It is named: under a name made up for each patch, as is the
// provider's habit, the patch of an update that was killed would own the field beside the next one, and for ever.
const stopFieldManager = "federated-risk-stop"

// stopAutoscaled takes the number of pods from the autoscaler, which leaves a Deployment without pods alone. It is a patch
// of its own: a number in the Deployment's declaration would stay there for ever, since its changes are ignored. When the
// patch goes, the API server sets one pod, and the autoscaler is back.
func (args *Args) stopAutoscaled(ctx *pulumi.Context, name string, stable *appsv1.Deployment, parent pulumi.ResourceOption) error {
	if !args.Stable.Stopped || !args.Stable.Autoscaled {
		return nil
	}
	_, err := appsv1.NewDeploymentPatch(ctx, name, &appsv1.DeploymentPatchArgs{
		Metadata: &metav1.ObjectMetaPatchArgs{
			Name: stable.Metadata.Name(), Namespace: args.Namespace.ToStringOutput().ToStringPtrOutput(),
			Annotations: pulumi.StringMap{
				"pulumi.com/patchForce":        pulumi.String("true"),
				"pulumi.com/patchFieldManager": pulumi.String(stopFieldManager),
			},
		},
		Spec: &appsv1.DeploymentSpecPatchArgs{Replicas: pulumi.Int(0)},
	}, parent)
	return err
}

// leaveToAutoscaler keeps the provider from resetting the number of pods. A field that leaves the declaration of a live
// Deployment would be given up, and the API server would set it to its default, one pod; a field whose changes are
// ignored is left to the autoscaler once that owns it, and kept as it is until then.
func (deployment *Deployment) leaveToAutoscaler() pulumi.ResourceOption {
	if !deployment.Autoscaled {
		return pulumi.IgnoreChanges(nil)
	}
	return pulumi.IgnoreChanges([]string{"spec.replicas"})
}

func (deployment *Deployment) check(argument string) error {
	var faults []error
	if deployment.Autoscaled && deployment.Replicas != 0 {
		faults = append(faults, fmt.Errorf("%s.Replicas is %d: expected 0, the autoscaler decides", argument, deployment.Replicas))
	}
	if deployment.Image == "" {
		faults = append(faults, fmt.Errorf("%s.Image is empty", argument))
	}
	if deployment.Replicas < 0 {
		faults = append(faults, fmt.Errorf("%s.Replicas is %d: expected 0 or more", argument, deployment.Replicas))
	}
	return errors.Join(faults...)
}
