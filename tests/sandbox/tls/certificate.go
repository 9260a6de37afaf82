package tls

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/federated-risk/federated-risk/tests/sandbox/localonly"
)

// maxHours bounds validityPeriodHours and earlyRenewalHours: a time.Duration ends at 292 years.
const maxHours = 290 * 365 * 24

// issueFields are the inputs of every certificate.
func issueFields() []localonly.Field {
	return []localonly.Field{
		{Name: "validityPeriodHours", Type: localonly.Number, Required: true, Min: new(0), Max: new(maxHours)},
		{Name: "earlyRenewalHours", Type: localonly.Number, Default: 0, InPlace: true, Min: new(0), Max: new(maxHours)},
		{Name: "allowedUses", Type: localonly.Texts, Required: true, OneOf: usageNames()},
		{Name: "isCaCertificate", Type: localonly.Boolean, Default: false},
		{Name: "maxPathLength", Type: localonly.Number, Min: new(-1), Max: new(255)},
		{Name: "setSubjectKeyId", Type: localonly.Boolean, Default: false},
	}
}

// issueOutputs are the outputs of every certificate. The ID of each is its serial number.
func issueOutputs(keyAlgorithm string) []localonly.Output {
	return []localonly.Output{
		{Name: "certPem"},
		{Name: keyAlgorithm},
		{Name: string(localonly.ReadyForRenewal)},
		{Name: "validityStartTime"},
		{Name: "validityEndTime"},
	}
}

// issuer signs certificates.
type issuer struct {
	certificate  *x509.Certificate
	key          crypto.Signer
	algorithm    string
	keyAlgorithm resource.PropertyKey
}

// issue signs a certificate for a public key. The template says whom it is for, the inputs of issueFields what it is
// good for. An issuer without a certificate signs its own.
func issue(template *x509.Certificate, public crypto.PublicKey, by issuer, inputs localonly.Values, now time.Time) (resource.ID, resource.PropertyMap, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
	if err != nil {
		return "", nil, fmt.Errorf("draw a serial number: %w", err)
	}
	template.SerialNumber = serial
	template.NotBefore = now
	template.NotAfter = now.Add(time.Duration(inputs.Int("validityPeriodHours")) * time.Hour)
	template.BasicConstraintsValid = true
	setUsages(template, inputs.Texts("allowedUses"))
	if template.IsCA = inputs.Bool("isCaCertificate"); template.IsCA {
		if template.Subject.String() == "" {
			return "", nil, errors.New("subject: must name at least one part of the distinguished name where isCaCertificate is true (RFC 5280, 4.1.2.6)")
		}
		template.MaxPathLen = -1
		if inputs.Has("maxPathLength") {
			template.MaxPathLen = inputs.Int("maxPathLength")
			template.MaxPathLenZero = template.MaxPathLen == 0
		}
	}
	if template.IsCA || inputs.Bool("setSubjectKeyId") {
		if template.SubjectKeyId, err = subjectKeyID(public); err != nil {
			return "", nil, err
		}
	}
	if by.certificate == nil {
		by.certificate = template
		if inputs.Bool("setAuthorityKeyId") {
			template.AuthorityKeyId = template.SubjectKeyId
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.certificate, public, by.key)
	if err != nil {
		return "", nil, fmt.Errorf("sign the certificate: %w", err)
	}
	outputs := resource.PropertyMap{
		"certPem":           encodePEM("CERTIFICATE", der),
		"validityStartTime": resource.NewProperty(template.NotBefore.Format(time.RFC3339Nano)),
		"validityEndTime":   resource.NewProperty(template.NotAfter.Format(time.RFC3339Nano)),
		by.keyAlgorithm:     resource.NewProperty(by.algorithm),
	}
	state := localonly.Values(outputs.Copy())
	state["earlyRenewalHours"] = inputs["earlyRenewalHours"]
	outputs[localonly.ReadyForRenewal] = resource.NewProperty(renewalDue(state, now))
	return resource.ID(serial.String()), outputs, nil
}

// renewalDue reports whether a certificate has expired or will within its earlyRenewalHours.
func renewalDue(outputs localonly.Values, now time.Time) bool {
	end, err := time.Parse(time.RFC3339, outputs.Text("validityEndTime"))
	if err != nil {
		return false
	}
	return !now.Before(end.Add(-time.Duration(outputs.Int("earlyRenewalHours")) * time.Hour))
}

// subjectKeyID returns the SHA-1 sum of the public key's bits (RFC 5280, 4.2.1.2, method 1).
func subjectKeyID(public crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("encode the public key: %w", err)
	}
	return keyIDOf(der)
}

func parseCertificate(text string) (*x509.Certificate, error) {
	der, err := decodePEM("CERTIFICATE", text)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("is not a valid certificate: %w", err)
	}
	return certificate, nil
}

func parseRequest(text string) (*x509.CertificateRequest, error) {
	der, err := decodePEM("CERTIFICATE REQUEST", text)
	if err != nil {
		return nil, err
	}
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, fmt.Errorf("is not a valid certificate request: %w", err)
	}
	return request, nil
}

func decodePEM(kind, text string) ([]byte, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, fmt.Errorf("is not a PEM block, expected a %s", kind)
	}
	if block.Type != kind {
		return nil, fmt.Errorf("is a PEM block of type %q, expected %s", block.Type, kind)
	}
	return block.Bytes, nil
}
