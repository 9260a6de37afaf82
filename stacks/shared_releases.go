package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/components/addons"
	"github.com/federated-risk/federated-risk/components/istio"
)

// istioGateway is what its Deployment, Service and ServiceAccount are called, and selector what its pods are known by.
const istioGateway = "istio-ingress"

var istioGatewaySelector = map[string]string{"istio": "ingress"}

// deploySharedReleases declares what this stack installs for the whole cluster.
func (p *platform) deploySharedReleases() (err error) {
	shared := p.config.Releases.SharedReleases
	p.meshNamespace = p.namespace.Name
	if shared.IstioBase.Install || shared.Istiod.Install || shared.IstioGateway.Install {
		declared, err := istio.New(p.ctx, "istio", p.istioArgs(), p.providers)
		if err != nil {
			return err
		}
		// A component's own dependencies do not reach its children; those of their inputs do.
		p.meshNamespace = pulumi.OutputWithDependencies(p.ctx.Context(), p.namespace.Name, declared.Installed...).(pulumi.StringOutput)
	}
	if shared.VPA.Install {
		args := &addons.VPAArgs{Args: shared.VPA.addon()}
		if _, err := addons.NewVPA(p.ctx, "vpa", args, p.providers); err != nil {
			return err
		}
	}
	if shared.PrometheusAdapter.Install {
		_, err = addons.NewPrometheusAdapter(p.ctx, "prometheus-adapter", &addons.PrometheusAdapterArgs{
			Args:           shared.PrometheusAdapter.addon(),
			PrometheusURL:  p.config.Prometheus.URL,
			PrometheusPort: p.config.Prometheus.Port,
		}, p.providers)
	}
	return err
}

func (p *platform) istioArgs() *istio.Args {
	shared := p.config.Releases.SharedReleases
	args := &istio.Args{Stack: p.config.Namespace, Base: shared.IstioBase.istio(), Istiod: shared.Istiod.istio()}
	if gateway := shared.IstioGateway.istio(); gateway != nil {
		args.Gateway = &istio.Gateway{Release: *gateway, Name: istioGateway, Selector: istioGatewaySelector}
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
