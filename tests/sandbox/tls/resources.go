package tls

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/federated-risk/federated-risk/tests/sandbox/localonly"
)

// certRequest is CertRequest. Its ID is the SHA-1 sum of its DER form.
func certRequest() localonly.Resource {
	return localonly.Resource{
		Inputs:  append(identityFields(), localonly.Field{Name: "privateKeyPem", Type: localonly.Text, Required: true, Secret: true}),
		Outputs: []localonly.Output{{Name: "certRequestPem"}, {Name: "keyAlgorithm"}},
		Rules: func(inputs localonly.Values) []string {
			return append(identityRules(inputs), keyRule(inputs, "privateKeyPem")...)
		},
		Create: func(inputs localonly.Values, _ time.Time) (resource.ID, resource.PropertyMap, error) {
			key, algorithm, err := parseKey(inputs.Text("privateKeyPem"))
			if err != nil {
				return "", nil, fmt.Errorf("privateKeyPem: %w", err)
			}
			ips, ipErr := ipAddresses(inputs)
			uris, uriErr := uris(inputs)
			if err := errors.Join(ipErr, uriErr); err != nil {
				return "", nil, err
			}
			template := &x509.CertificateRequest{
				Subject: subjectName(inputs), DNSNames: inputs.Texts("dnsNames"), IPAddresses: ips, URIs: uris,
			}
			der, err := x509.CreateCertificateRequest(rand.Reader, template, key)
			if err != nil {
				return "", nil, fmt.Errorf("sign the certificate request: %w", err)
			}
			return idOf(der), resource.PropertyMap{
				"certRequestPem": encodePEM("CERTIFICATE REQUEST", der),
				"keyAlgorithm":   resource.NewProperty(algorithm),
			}, nil
		},
	}
}

// selfSignedCert is SelfSignedCert.
func selfSignedCert() localonly.Resource {
	return localonly.Resource{
		Inputs: append(append(identityFields(), issueFields()...),
			localonly.Field{Name: "privateKeyPem", Type: localonly.Text, Required: true, Secret: true},
			localonly.Field{Name: "setAuthorityKeyId", Type: localonly.Boolean, Default: false}),
		Outputs: issueOutputs("keyAlgorithm"),
		Rules: func(inputs localonly.Values) []string {
			faults := append(identityRules(inputs), keyRule(inputs, "privateKeyPem")...)
			if inputs.Bool("isCaCertificate") && inputs.Known("subject") && subjectName(inputs).String() == "" {
				faults = append(faults, "subject: must name at least one part of the distinguished name where isCaCertificate is true (RFC 5280, 4.1.2.6)")
			}
			if inputs.Bool("setAuthorityKeyId") && inputs.Known("setSubjectKeyId", "isCaCertificate") &&
				!inputs.Bool("setSubjectKeyId") && !inputs.Bool("isCaCertificate") {
				faults = append(faults, "setAuthorityKeyId: needs setSubjectKeyId or isCaCertificate, whose key identifier it repeats")
			}
			return faults
		},
		Create: func(inputs localonly.Values, now time.Time) (resource.ID, resource.PropertyMap, error) {
			key, algorithm, err := parseKey(inputs.Text("privateKeyPem"))
			if err != nil {
				return "", nil, fmt.Errorf("privateKeyPem: %w", err)
			}
			ips, ipErr := ipAddresses(inputs)
			uris, uriErr := uris(inputs)
			if err := errors.Join(ipErr, uriErr); err != nil {
				return "", nil, err
			}
			template := &x509.Certificate{
				Subject: subjectName(inputs), DNSNames: inputs.Texts("dnsNames"), IPAddresses: ips, URIs: uris,
			}
			return issue(template, key.Public(), issuer{key: key, algorithm: algorithm, keyAlgorithm: "keyAlgorithm"}, inputs, now)
		},
		Renewal: renewalDue,
	}
}

// locallySignedCert is LocallySignedCert.
func locallySignedCert() localonly.Resource {
	return localonly.Resource{
		Inputs: append(issueFields(),
			localonly.Field{Name: "caCertPem", Type: localonly.Text, Required: true},
			localonly.Field{Name: "caPrivateKeyPem", Type: localonly.Text, Required: true, Secret: true},
			localonly.Field{Name: "certRequestPem", Type: localonly.Text, Required: true}),
		Outputs: issueOutputs("caKeyAlgorithm"),
		Rules:   locallySignedRules,
		Create: func(inputs localonly.Values, now time.Time) (resource.ID, resource.PropertyMap, error) {
			request, requestErr := parseRequest(inputs.Text("certRequestPem"))
			key, algorithm, keyErr := parseKey(inputs.Text("caPrivateKeyPem"))
			ca, caErr := parseCertificate(inputs.Text("caCertPem"))
			if err := errors.Join(at("certRequestPem", requestErr), at("caPrivateKeyPem", keyErr), at("caCertPem", caErr)); err != nil {
				return "", nil, err
			}
			template := &x509.Certificate{
				Subject: request.Subject, DNSNames: request.DNSNames, IPAddresses: request.IPAddresses, URIs: request.URIs,
			}
			by := issuer{certificate: ca, key: key, algorithm: algorithm, keyAlgorithm: "caKeyAlgorithm"}
			return issue(template, request.PublicKey, by, inputs, now)
		},
		Renewal: renewalDue,
	}
}

// locallySignedRules checks the three PEM inputs, and that the CA's key is that of its certificate.
func locallySignedRules(inputs localonly.Values) []string {
	faults := keyRule(inputs, "caPrivateKeyPem")
	if inputs.Known("certRequestPem") {
		if request, err := parseRequest(inputs.Text("certRequestPem")); err != nil {
			faults = append(faults, at("certRequestPem", err).Error())
		} else if err := request.CheckSignature(); err != nil {
			faults = append(faults, "certRequestPem: is not signed by its own key: "+err.Error())
		}
	}
	if !inputs.Known("caCertPem") {
		return faults
	}
	ca, err := parseCertificate(inputs.Text("caCertPem"))
	if err != nil {
		return append(faults, at("caCertPem", err).Error())
	}
	if key, _, err := parseKey(inputs.Text("caPrivateKeyPem")); inputs.Known("caPrivateKeyPem") && err == nil {
		public, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil || !bytes.Equal(public, ca.RawSubjectPublicKeyInfo) {
			faults = append(faults, "caPrivateKeyPem: is not the key of the certificate in caCertPem")
		}
	}
	return faults
}

// keyRule checks that an input is a private key.
func keyRule(inputs localonly.Values, name resource.PropertyKey) []string {
	if !inputs.Known(name) {
		return nil
	}
	if _, _, err := parseKey(inputs.Text(name)); err != nil {
		return []string{at(string(name), err).Error()}
	}
	return nil
}

// at says where an error is; it leaves nil alone.
func at(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", path, err)
}
