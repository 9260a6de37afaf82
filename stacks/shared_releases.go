package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/components/addons"
	"github.com/federated-risk/federated-risk/components/autoscaling"
	"github.com/federated-risk/federated-risk/components/istio"
)

// deploySharedReleases declares what this stack installs for the whole cluster.
func (p *platform) deploySharedReleases() (err error) {
	shared := p.config.Releases.SharedReleases
	p.meshNamespace, p.autoscalingNamespace = p.namespace.Name, p.namespace.Name
	if shared.IstioBase.Install || shared.Istiod.Install || shared.IstioGateway.Install {
		declared, err := istio.New(p.ctx, "istio", p.istioArgs(), p.providers)
		if err != nil {
			return err
		}
		p.istioInstalled, p.meshNamespace = declared.Installed, p.namespaceAfter(declared.Installed...)
	}
	if shared.VPA.Install {
		args := &addons.VPAArgs{Args: shared.VPA.addon()}
		vpa, err := addons.NewVPA(p.ctx, "vpa", args, p.providers)
		if err != nil {
			return err
		}
		p.autoscalingNamespace = p.namespaceAfter(vpa.Release)
	}
	if err = p.deployMonitoringStack(); err != nil {
		return err
	}
	if shared.PrometheusAdapter.Install {
		_, err = addons.NewPrometheusAdapter(p.ctx, "prometheus-adapter", &addons.PrometheusAdapterArgs{
			Args:           shared.PrometheusAdapter.addon(),
			PrometheusURL:  p.config.Prometheus.URL,
			PrometheusPort: p.config.Prometheus.Port,
			Rules: pulumi.Map{
				"default": pulumi.Bool(false),
				"custom":  pulumi.ToArray(autoscaling.AdapterRules(p.config.Namespace)),
			},
		}, p.providers)
	}
	return err
}

// namespaceAfter is the namespace's name once the resources exist too. A component's own dependencies do not reach its
// children; those of their inputs do.
func (p *platform) namespaceAfter(resources ...pulumi.Resource) pulumi.StringOutput {
	return pulumi.OutputWithDependencies(p.ctx.Context(), p.namespace.Name, resources...).(pulumi.StringOutput)
}

func (p *platform) istioArgs() *istio.Args {
	shared := p.config.Releases.SharedReleases
	args := &istio.Args{Stack: p.config.Namespace, Base: shared.IstioBase.istio(), Istiod: shared.Istiod.istio()}
	if gateway := shared.IstioGateway.istio(); gateway != nil {
		args.Gateway = &istio.Gateway{Release: *gateway, Name: p.config.Ingress.Istio.ServiceAccount, Selector: p.config.Ingress.Istio.Selector}
	}
	return args
}

// istio returns nil for what is found in place.
func (r OperatorRelease) istio() *istio.Release {
	if !r.Install {
		return nil
	}
	return &istio.Release{Chart: r.chart(), Namespace: r.Namespace}
}

func (r OperatorRelease) addon() addons.Args {
	return addons.Args{Chart: r.chart(), Namespace: r.Namespace}
}
