// Package tls stands in for Pulumi's tls provider 5.5.1 in the sandbox: PrivateKey, SelfSignedCert, CertRequest and
// LocallySignedCert, with the official arguments, outputs and IDs, made by Go's crypto packages.
// docs/sandbox-plugins.md lists where it differs from the official one.
package tls

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/federated-risk/federated-risk/tests/sandbox/localonly"
)

// NewProvider returns the provider. now is the clock that decides on the validity and renewal of certificates: time.Now,
// but in tests.
func NewProvider(now func() time.Time) plugin.Provider {
	return localonly.New("tls", map[tokens.Type]localonly.Resource{
		"tls:index/privateKey:PrivateKey":               privateKey(),
		"tls:index/certRequest:CertRequest":             certRequest(),
		"tls:index/selfSignedCert:SelfSignedCert":       selfSignedCert(),
		"tls:index/locallySignedCert:LocallySignedCert": locallySignedCert(),
	}, now)
}
