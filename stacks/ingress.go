package stacks

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/components/secrets"
	"github.com/federated-risk/federated-risk/components/traffic"
	"github.com/federated-risk/federated-risk/internal/catalogue"
)

// publicCertificateSuffix follows the stack's namespace in the name of the public hosts' Secret, so that stacks which
// share a gateway do not share its name.
const publicCertificateSuffix = "-tls"

// publicHosts are the hosts that services answer on, in full.
func (config *Config) publicHosts() []string {
	var hosts []string
	for _, service := range catalogue.Services() {
		if host := service.Exposure.Host.In(config.Domain); !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// gateway is the Gateway that public routes attach to, <namespace>/<name>, or empty where there is none.
func (config *Config) gateway() string {
	if config.Ingress.Mode != IngressIstio {
		return ""
	}
	return config.Namespace + "/" + traffic.GatewayName
}

// public is where the mesh's routes take in what comes from outside, or nil where they do not.
func (config *Config) public(exposure catalogue.Exposure) *traffic.Public {
	if config.Ingress.Mode == IngressKubernetes && !config.Ingress.Controller.InMesh {
		return nil
	}
	return &traffic.Public{Host: exposure.Host.In(config.Domain), PathPrefix: exposure.PathPrefix, Gateway: config.gateway()}
}

// publicSecretName is that of the Secret, and of cert-manager's Certificate, for the public hosts, where the stack makes it.
func (config *Config) publicSecretName() string { return config.Namespace + publicCertificateSuffix }

// publicCertificate is nil where the public hosts are served with a Secret that exists already, or that pods mount.
func (p *platform) publicCertificate() *secrets.PublicCertificateArgs {
	tls, ingress := p.config.TLS, p.config.Ingress
	args := &secrets.PublicCertificateArgs{Namespace: p.namespace.Name, SecretName: p.config.publicSecretName()}
	if ingress.Mode == IngressIstio {
		args.Namespace, args.After = pulumi.String(ingress.Istio.Namespace), p.istioInstalled
	}
	switch {
	case tls.Mode == TLSCertManager:
		args.Issuer = &secrets.Issuer{Kind: string(tls.Issuer.Kind), Name: tls.Issuer.Name}
		args.Hosts = p.config.publicHosts()
		return args
	case tls.Mode == TLSSelfSigned && ingress.Mode == IngressIstio:
		return args
	default:
		return nil
	}
}

func (p *platform) publicCertificateSecretName() pulumi.StringInput {
	if name := p.config.TLS.PublicSecretName; name != "" {
		return pulumi.String(name)
	}
	return p.secrets.PublicCertificateSecretName
}

// deployIngress declares the way in. The services' routes attach to it by name.
func (p *platform) deployIngress() (err error) {
	if p.config.Ingress.Mode == IngressIstio {
		_, err = traffic.NewGateway(p.ctx, "gateway", &traffic.GatewayArgs{
			Namespace:             p.meshNamespace,
			NamespaceName:         p.config.Namespace,
			Selector:              p.config.Ingress.Istio.Selector,
			Hosts:                 p.config.publicHosts(),
			CertificateSecretName: p.publicCertificateSecretName(),
		}, p.providers)
		return err
	}
	args := &traffic.IngressArgs{
		Namespace:             p.namespace.Name,
		Class:                 p.config.Ingress.Controller.Class,
		Annotations:           p.config.Ingress.Controller.Annotations,
		CertificateSecretName: p.publicCertificateSecretName(),
	}
	for _, service := range catalogue.Services() {
		args.Rules = append(args.Rules, traffic.IngressRule{
			Host: service.Exposure.Host.In(p.config.Domain), PathPrefix: service.Exposure.PathPrefix,
			ServiceName: service.Name, Port: service.Port,
		})
	}
	_, err = traffic.NewIngress(p.ctx, "ingress", args, p.providers)
	return err
}
