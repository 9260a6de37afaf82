package monitoring

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/alertmanager"
	"github.com/federated-risk/federated-risk/internal/faults"
	"github.com/federated-risk/federated-risk/internal/kubesecret"
	"github.com/federated-risk/federated-risk/internal/labels"
	"github.com/federated-risk/federated-risk/internal/password"
	"github.com/federated-risk/federated-risk/internal/release"
)

// StackArgs describe the releases that bring the monitoring to a cluster without one.
type StackArgs struct {
	// CRDs is the chart of the Prometheus operator's kinds, or nil where the cluster has them.
	CRDs *release.Chart
	// Chart is that of the operator, Prometheus, Alertmanager, Grafana and the exporters, or nil where they are in place.
	Chart *release.Chart
	// Namespace that is made for them, and goes with them.
	Namespace string
	// Retention of the samples, such as 30d, and RetentionSize, such as 87040MB: whichever is reached first.
	Retention, RetentionSize string
	// StorageSize of Prometheus's volume is a quantity; StorageClass may be empty for the default class.
	StorageSize, StorageClass string
	// Alertmanager says who hears of alerts.
	Alertmanager alertmanager.Config
	// DisabledAlerts are names of the chart's own alerts that the stack's rules replace.
	DisabledAlerts []string
}

// Stack is the component.
type Stack struct {
	pulumi.ResourceState

	// Kinds are what brings the Prometheus operator's kinds, if the stack does: an object of one must wait for it.
	Kinds []pulumi.Resource
	// GrafanaPassword of the user admin, secret; nil where Grafana is in place.
	GrafanaPassword pulumi.StringOutput `pulumi:"grafanaPassword"`
}

const (
	// Names of the releases are the charts' own and the same in every stack: they begin the names of objects without a
	// namespace, on which a second installation in the cluster then fails.
	crdsRelease  = "prometheus-operator-crds"
	stackRelease = "kube-prometheus-stack"

	grafanaUser        = "admin"
	grafanaUserKey     = "admin-user"
	grafanaPasswordKey = "admin-password"
)

// NewStack declares the releases: first the kinds, which Helm would never upgrade as part of the other chart.
func NewStack(ctx *pulumi.Context, name string, args *StackArgs, opts ...pulumi.ResourceOption) (*Stack, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("monitoring stack %q: %w", name, err)
	}
	component := &Stack{}
	if err := ctx.RegisterComponentResource("federated-risk:monitoring:Stack", name, component, opts...); err != nil {
		return nil, err
	}
	if err := args.declare(ctx, name, component); err != nil {
		return nil, fmt.Errorf("monitoring stack %q: %w", name, err)
	}
	outputs := pulumi.Map{}
	if args.Chart != nil {
		outputs["grafanaPassword"] = component.GrafanaPassword
	}
	return component, ctx.RegisterResourceOutputs(component, outputs)
}

func (args *StackArgs) declare(ctx *pulumi.Context, name string, component *Stack) error {
	parent := pulumi.Parent(component)
	namespace, err := release.NewNamespace(ctx, name+"-namespace", args.Namespace, parent)
	if err != nil {
		return err
	}
	if args.CRDs != nil {
		kinds, err := release.New(ctx, name+"-crds", release.Args{
			Chart: *args.CRDs, ReleaseName: crdsRelease, Namespace: namespace,
			// An uninstalled kind takes every object of it along, those of other stacks too.
			Values: pulumi.Map{"crds": pulumi.Map{"annotations": pulumi.Map{"helm.sh/resource-policy": pulumi.String("keep")}}},
		}, parent)
		if err != nil {
			return fmt.Errorf("%s: %w", crdsRelease, err)
		}
		component.Kinds = append(component.Kinds, kinds)
	}
	if args.Chart == nil {
		return nil
	}
	secretName, err := args.grafanaAdmin(ctx, name, namespace, component)
	if err != nil {
		return fmt.Errorf("grafana's password: %w", err)
	}
	_, err = release.New(ctx, name, release.Args{
		Chart: *args.Chart, ReleaseName: stackRelease, Namespace: namespace, Values: args.values(secretName),
	}, parent, pulumi.DependsOn(component.Kinds))
	if err != nil {
		return fmt.Errorf("%s: %w", stackRelease, err)
	}
	return nil
}

// grafanaAdmin declares the password and the Secret that Grafana reads it from; the runbook's is generated in a shell and lost.
func (args *StackArgs) grafanaAdmin(ctx *pulumi.Context, name string, namespace pulumi.StringInput, component *Stack) (pulumi.StringOutput, error) {
	parent := pulumi.Parent(component)
	value, err := password.New(ctx, name+"-grafana-password", parent)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	component.GrafanaPassword = value
	secret, err := kubesecret.New(ctx, name+"-grafana", kubesecret.Args{
		Namespace: namespace,
		Labels:    labels.Object("grafana"),
		Values:    map[string]pulumi.StringInput{grafanaUserKey: pulumi.String(grafanaUser), grafanaPasswordKey: value},
	}, parent)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return secret.Metadata.Name().Elem(), nil
}

func (args *StackArgs) check() error {
	if args == nil {
		return errors.New("args is nil")
	}
	var found faults.List
	found.When(args.Namespace == "", "args.Namespace is empty")
	if args.CRDs != nil {
		found.Add(args.CRDs.Check("args.CRDs"))
	}
	if args.Chart != nil {
		found.Add(args.Chart.Check("args.Chart"))
		found.When(args.Retention == "", "args.Retention is empty")
		found.When(args.RetentionSize == "", "args.RetentionSize is empty")
		found.When(args.StorageSize == "", "args.StorageSize is empty")
		found.Add(args.Alertmanager.Check())
	}
	found.When(args.CRDs == nil && args.Chart == nil, "args.CRDs and args.Chart are nil: there is nothing to install")
	return found.Err()
}
