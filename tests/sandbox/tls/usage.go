package tls

import (
	"crypto/x509"
	"maps"
	"slices"
)

// The accepted values of allowedUses. Pulumi's documentation shows them in camel case, but the official provider takes
// these forms only (hashicorp/terraform-provider-tls, documentation of tls_self_signed_cert).
var (
	keyUsages = map[string]x509.KeyUsage{
		"digital_signature":  x509.KeyUsageDigitalSignature,
		"content_commitment": x509.KeyUsageContentCommitment,
		"key_encipherment":   x509.KeyUsageKeyEncipherment,
		"data_encipherment":  x509.KeyUsageDataEncipherment,
		"key_agreement":      x509.KeyUsageKeyAgreement,
		"cert_signing":       x509.KeyUsageCertSign,
		"crl_signing":        x509.KeyUsageCRLSign,
		"encipher_only":      x509.KeyUsageEncipherOnly,
		"decipher_only":      x509.KeyUsageDecipherOnly,
	}
	extendedKeyUsages = map[string]x509.ExtKeyUsage{
		"any_extended":                      x509.ExtKeyUsageAny,
		"server_auth":                       x509.ExtKeyUsageServerAuth,
		"client_auth":                       x509.ExtKeyUsageClientAuth,
		"code_signing":                      x509.ExtKeyUsageCodeSigning,
		"email_protection":                  x509.ExtKeyUsageEmailProtection,
		"ipsec_end_system":                  x509.ExtKeyUsageIPSECEndSystem,
		"ipsec_tunnel":                      x509.ExtKeyUsageIPSECTunnel,
		"ipsec_user":                        x509.ExtKeyUsageIPSECUser,
		"timestamping":                      x509.ExtKeyUsageTimeStamping,
		"ocsp_signing":                      x509.ExtKeyUsageOCSPSigning,
		"microsoft_server_gated_crypto":     x509.ExtKeyUsageMicrosoftServerGatedCrypto,
		"netscape_server_gated_crypto":      x509.ExtKeyUsageNetscapeServerGatedCrypto,
		"microsoft_commercial_code_signing": x509.ExtKeyUsageMicrosoftCommercialCodeSigning,
		"microsoft_kernel_code_signing":     x509.ExtKeyUsageMicrosoftKernelCodeSigning,
	}
)

// usageNames returns every accepted value of allowedUses, sorted.
func usageNames() []string {
	return slices.Sorted(func(yield func(string) bool) {
		for name := range maps.Keys(keyUsages) {
			if !yield(name) {
				return
			}
		}
		for name := range maps.Keys(extendedKeyUsages) {
			if !yield(name) {
				return
			}
		}
	})
}

// setUsages lets a certificate be used for what allowedUses names.
func setUsages(certificate *x509.Certificate, allowedUses []string) {
	for _, name := range allowedUses {
		certificate.KeyUsage |= keyUsages[name]
		if usage, ok := extendedKeyUsages[name]; ok {
			certificate.ExtKeyUsage = append(certificate.ExtKeyUsage, usage)
		}
	}
}
