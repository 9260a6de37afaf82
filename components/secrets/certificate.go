package secrets

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-tls/sdk/v5/go/tls"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/kubesecret"
	"github.com/federated-risk/federated-risk/internal/labels"
)

// CertificateArgs describe the server certificate and the CA that signs it.
type CertificateArgs struct {
	// CommonName of the certificate; it is also its first DNS name.
	CommonName string
	// DNSNames that the certificate is valid for besides CommonName.
	DNSNames []string
	// Organization in both subjects.
	Organization string
	// ValidityHours of the server certificate.
	ValidityHours int
	// RenewBeforeHours: within this time of expiry an update makes a new certificate. Less than ValidityHours.
	RenewBeforeHours int
}

const (
	// caValidityHours is ten years: the CA outlives several server certificates, and clients that trust it need no
	// change in the meantime.
	caValidityHours = 10 * 365 * 24
	// caRenewBeforeHours leaves a year to hand out the next CA.
	caRenewBeforeHours = 365 * 24
	// Country and locality of the subject (runbook, "TLS certificate").
	subjectCountry  = "CN"
	subjectProvince = "Beijing"
	subjectLocality = "Beijing"
)

func (args *CertificateArgs) check() error {
	var faults []error
	if args.CommonName == "" {
		faults = append(faults, errors.New("args.ServerCertificate.CommonName is empty"))
	}
	if args.Organization == "" {
		faults = append(faults, errors.New("args.ServerCertificate.Organization is empty"))
	}
	if args.RenewBeforeHours < 0 || args.RenewBeforeHours >= args.ValidityHours {
		faults = append(faults, fmt.Errorf("args.ServerCertificate.RenewBeforeHours is %d: expected 0 to less than ValidityHours (%d)",
			args.RenewBeforeHours, args.ValidityHours))
	}
	return errors.Join(faults...)
}

// serverCertificate is a certificate and its key, PEM both, and the name of the Secret that pods mount.
type serverCertificate struct {
	certificate, key, secretName pulumi.StringOutput
	// ends of validity, as Secrets.CertificateEnds.
	ends map[string]pulumi.StringOutput
}

// serverCertificate declares a CA, a server certificate under it and the Secret with both. Keys are P-256: every
// client supports it, and a handshake costs a fraction of RSA 4096.
func (d declaration) serverCertificate(args *CertificateArgs) (*serverCertificate, error) {
	ca, caKey, err := d.authority(args)
	if err != nil {
		return nil, err
	}
	key, err := d.certificateKey("tls-key")
	if err != nil {
		return nil, err
	}
	request, err := tls.NewCertRequest(d.ctx, d.child("tls-request"), &tls.CertRequestArgs{
		PrivateKeyPem: key.PrivateKeyPem,
		Subject: &tls.CertRequestSubjectArgs{
			CommonName: pulumi.String(args.CommonName), Organization: pulumi.String(args.Organization),
			Country: pulumi.String(subjectCountry), Province: pulumi.String(subjectProvince), Locality: pulumi.String(subjectLocality),
		},
		DnsNames: pulumi.ToStringArray(append([]string{args.CommonName}, args.DNSNames...)),
	}, d.parent)
	if err != nil {
		return nil, err
	}
	certificate, err := tls.NewLocallySignedCert(d.ctx, d.child("tls-certificate"), &tls.LocallySignedCertArgs{
		CertRequestPem:      request.CertRequestPem,
		CaCertPem:           ca.CertPem,
		CaPrivateKeyPem:     caKey.PrivateKeyPem,
		AllowedUses:         pulumi.ToStringArray([]string{"digital_signature", "key_encipherment", "server_auth", "client_auth"}),
		ValidityPeriodHours: pulumi.Int(args.ValidityHours),
		EarlyRenewalHours:   pulumi.Int(args.RenewBeforeHours),
	}, d.parent)
	if err != nil {
		return nil, err
	}
	secret, err := kubesecret.New(d.ctx, d.child("tls"), kubesecret.Args{
		Namespace: d.namespace,
		Type:      "kubernetes.io/tls",
		Labels:    labels.Object("tls"),
		Values: map[string]pulumi.StringInput{
			"tls.crt": certificate.CertPem,
			"tls.key": key.PrivateKeyPem,
			"ca.crt":  ca.CertPem,
		},
	}, d.parent)
	if err != nil {
		return nil, err
	}
	return &serverCertificate{
		certificate: certificate.CertPem, key: key.PrivateKeyPem, secretName: secret.Metadata.Name().Elem(),
		ends: map[string]pulumi.StringOutput{
			CertificateServer: certificate.ValidityEndTime, CertificateAuthority: ca.ValidityEndTime,
		},
	}, nil
}

func (d declaration) authority(args *CertificateArgs) (*tls.SelfSignedCert, *tls.PrivateKey, error) {
	key, err := d.certificateKey("ca-key")
	if err != nil {
		return nil, nil, err
	}
	ca, err := tls.NewSelfSignedCert(d.ctx, d.child("ca-certificate"), &tls.SelfSignedCertArgs{
		PrivateKeyPem: key.PrivateKeyPem,
		Subject: &tls.SelfSignedCertSubjectArgs{
			CommonName: pulumi.String(args.Organization + " CA"), Organization: pulumi.String(args.Organization),
			Country: pulumi.String(subjectCountry), Province: pulumi.String(subjectProvince), Locality: pulumi.String(subjectLocality),
		},
		IsCaCertificate:     pulumi.Bool(true),
		SetSubjectKeyId:     pulumi.Bool(true),
		AllowedUses:         pulumi.ToStringArray([]string{"cert_signing", "crl_signing", "digital_signature"}),
		ValidityPeriodHours: pulumi.Int(caValidityHours),
		EarlyRenewalHours:   pulumi.Int(caRenewBeforeHours),
	}, d.parent)
	return ca, key, err
}

func (d declaration) certificateKey(suffix string) (*tls.PrivateKey, error) {
	return tls.NewPrivateKey(d.ctx, d.child(suffix), &tls.PrivateKeyArgs{
		Algorithm:  pulumi.String("ECDSA"),
		EcdsaCurve: pulumi.String("P256"),
	}, d.parent)
}
