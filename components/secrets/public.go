package secrets

import (
	"errors"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/customresource"
	"github.com/federated-risk/federated-risk/internal/kubesecret"
	"github.com/federated-risk/federated-risk/internal/labels"
)

// PublicCertificateArgs describe the certificate for the public hosts, where it is not the Secret that pods mount: in the
// namespace of an ingress gateway, or signed by an issuer.
type PublicCertificateArgs struct {
	// Namespace that the Secret is in: that of the pods which serve the public hosts. It must exist.
	Namespace pulumi.StringInput
	// SecretName of the Secret. Stacks that share a gateway need a name each.
	SecretName string
	// Issuer signs the certificate; nil means a copy of the server certificate.
	Issuer *Issuer
	// Hosts of the certificate, in full; only with an Issuer.
	Hosts []string
	// After holds what makes the Namespace, if the stack does.
	After []pulumi.Resource
}

// Issuer is one of cert-manager's.
type Issuer struct {
	// Kind is ClusterIssuer, or Issuer for one in the namespace of the certificate.
	Kind string
	Name string
}

func (args *PublicCertificateArgs) check(server *CertificateArgs) error {
	var faults []error
	if args.Namespace == nil || args.SecretName == "" {
		faults = append(faults, errors.New("args.PublicCertificate.Namespace and args.PublicCertificate.SecretName must be set"))
	}
	switch issuer := args.Issuer; {
	case issuer == nil && server == nil:
		faults = append(faults, errors.New("args.PublicCertificate.Issuer is not set, and there is no args.ServerCertificate to copy"))
	case issuer != nil && (issuer.Kind == "" || issuer.Name == ""):
		faults = append(faults, errors.New("args.PublicCertificate.Issuer.Kind and args.PublicCertificate.Issuer.Name must be set"))
	case issuer != nil && len(args.Hosts) == 0:
		faults = append(faults, errors.New("args.PublicCertificate.Hosts is empty"))
	}
	return errors.Join(faults...)
}

// publicCertificate declares the certificate for the public hosts and returns the name of its Secret.
func (d declaration) publicCertificate(args *PublicCertificateArgs, server *serverCertificate) (pulumi.StringOutput, error) {
	after := pulumi.DependsOn(args.After)
	if args.Issuer != nil {
		return d.issuedCertificate(args, after)
	}
	// The name is fixed and the content changes in place: the gateway watches the Secret, no pod has to roll for it.
	secret, err := kubesecret.New(d.ctx, d.child("public-tls"), kubesecret.Args{
		Namespace:  args.Namespace,
		ObjectName: args.SecretName,
		Type:       "kubernetes.io/tls",
		Labels:     labels.Object("tls"),
		Values:     map[string]pulumi.StringInput{"tls.crt": server.certificate, "tls.key": server.key},
	}, d.parent, after)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return secret.Metadata.Name().Elem(), nil
}

// issuedCertificate declares a Certificate, for which cert-manager makes the Secret and keeps it valid: it renews at two
// thirds of the validity, which the issuer decides, with a new key each time.
func (d declaration) issuedCertificate(args *PublicCertificateArgs, after pulumi.ResourceOption) (pulumi.StringOutput, error) {
	_, err := customresource.New(d.ctx, d.child("public-certificate"), customresource.Args{
		APIVersion: "cert-manager.io/v1", Kind: "Certificate", Name: args.SecretName,
		Namespace: args.Namespace, Labels: labels.Object("tls"),
		Spec: map[string]any{
			"secretName": args.SecretName,
			"dnsNames":   args.Hosts,
			"issuerRef":  map[string]any{"group": "cert-manager.io", "kind": args.Issuer.Kind, "name": args.Issuer.Name},
			"privateKey": map[string]any{"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
			"usages":     []string{"digital signature", "key encipherment", "server auth"},
		},
	}, d.parent, after)
	return pulumi.String(args.SecretName).ToStringOutput(), err
}
