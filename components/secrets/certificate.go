package secrets

import (
	"errors"
	"fmt"
	"strings"

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

// serverCertificate declares the CAs, a server certificate under that of the generation, and the Secret with all of it.
// The trust bundle, ca.crt, has the CA before, the one that signs, and the next one: whoever has any of the last three
// bundles accepts the certificate. Keys are P-256: every client supports it, and a handshake costs a fraction of RSA 4096.
func (d declaration) serverCertificate(args *CertificateArgs, generation int) (*serverCertificate, error) {
	var bundle pulumi.StringArray
	var ca *authority
	for trusted := max(1, generation-1); trusted <= generation+1; trusted++ {
		declared, err := d.authority(args, trusted)
		if err != nil {
			return nil, err
		}
		bundle = append(bundle, declared.certificate.CertPem)
		if trusted == generation {
			ca = declared
		}
	}
	key, certificate, err := d.signedCertificate(args, ca, generation)
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
			"ca.crt":  d.combine(bundle, joinPEM),
		},
	}, d.parent)
	if err != nil {
		return nil, err
	}
	return &serverCertificate{
		certificate: certificate.CertPem, key: key.PrivateKeyPem, secretName: secret.Metadata.Name().Elem(),
		ends: map[string]pulumi.StringOutput{
			CertificateServer: certificate.ValidityEndTime, CertificateAuthority: ca.certificate.ValidityEndTime,
		},
	}, nil
}

// joinPEM puts each block on lines of its own.
func joinPEM(blocks []string) (string, error) {
	var bundle strings.Builder
	for _, block := range blocks {
		bundle.WriteString(strings.TrimRight(block, "\n") + "\n")
	}
	return bundle.String(), nil
}

func (d declaration) signedCertificate(args *CertificateArgs, ca *authority, generation int) (*tls.PrivateKey, *tls.LocallySignedCert, error) {
	name := fmt.Sprintf("tls-g%d", generation)
	key, err := d.certificateKey(name + "-key")
	if err != nil {
		return nil, nil, err
	}
	request, err := tls.NewCertRequest(d.ctx, d.child(name+"-request"), &tls.CertRequestArgs{
		PrivateKeyPem: key.PrivateKeyPem,
		Subject: &tls.CertRequestSubjectArgs{
			CommonName: pulumi.String(args.CommonName), Organization: pulumi.String(args.Organization),
			Country: pulumi.String(subjectCountry), Province: pulumi.String(subjectProvince), Locality: pulumi.String(subjectLocality),
		},
		DnsNames: pulumi.ToStringArray(append([]string{args.CommonName}, args.DNSNames...)),
	}, d.parent)
	if err != nil {
		return nil, nil, err
	}
	certificate, err := tls.NewLocallySignedCert(d.ctx, d.child(name+"-certificate"), &tls.LocallySignedCertArgs{
		CertRequestPem:      request.CertRequestPem,
		CaCertPem:           ca.certificate.CertPem,
		CaPrivateKeyPem:     ca.key.PrivateKeyPem,
		AllowedUses:         pulumi.ToStringArray([]string{"digital_signature", "key_encipherment", "server_auth", "client_auth"}),
		ValidityPeriodHours: pulumi.Int(args.ValidityHours),
		EarlyRenewalHours:   pulumi.Int(args.RenewBeforeHours),
	}, d.parent)
	return key, certificate, err
}

// authority is a CA of the stack's own.
type authority struct {
	certificate *tls.SelfSignedCert
	key         *tls.PrivateKey
}

// authority declares the CA of a generation. Its name has the generation in it: with the same name, a client that looks
// for the issuer by name alone would take one for the other.
func (d declaration) authority(args *CertificateArgs, generation int) (*authority, error) {
	name := fmt.Sprintf("ca-g%d", generation)
	key, err := d.certificateKey(name + "-key")
	if err != nil {
		return nil, err
	}
	certificate, err := tls.NewSelfSignedCert(d.ctx, d.child(name+"-certificate"), &tls.SelfSignedCertArgs{
		PrivateKeyPem: key.PrivateKeyPem,
		Subject: &tls.SelfSignedCertSubjectArgs{
			CommonName: pulumi.Sprintf("%s CA %d", args.Organization, generation), Organization: pulumi.String(args.Organization),
			Country: pulumi.String(subjectCountry), Province: pulumi.String(subjectProvince), Locality: pulumi.String(subjectLocality),
		},
		IsCaCertificate:     pulumi.Bool(true),
		SetSubjectKeyId:     pulumi.Bool(true),
		AllowedUses:         pulumi.ToStringArray([]string{"cert_signing", "crl_signing", "digital_signature"}),
		ValidityPeriodHours: pulumi.Int(caValidityHours),
		EarlyRenewalHours:   pulumi.Int(caRenewBeforeHours),
	}, d.parent)
	if err != nil {
		return nil, err
	}
	return &authority{certificate: certificate, key: key}, nil
}

func (d declaration) certificateKey(suffix string) (*tls.PrivateKey, error) {
	return tls.NewPrivateKey(d.ctx, d.child(suffix), &tls.PrivateKeyArgs{
		Algorithm:  pulumi.String("ECDSA"),
		EcdsaCurve: pulumi.String("P256"),
	}, d.parent)
}
