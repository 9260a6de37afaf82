package tls_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var unknown = resource.Computed{Element: resource.NewProperty("")}

// knownIn returns the values that a reason lists as known.
func knownIn(t *testing.T, reason string) []string {
	t.Helper()
	_, after, found := strings.Cut(reason, "(known: ")
	require.True(t, found, reason)
	return strings.Split(strings.TrimSuffix(after, ")"), ", ")
}

func TestCheckNamesEveryFault(t *testing.T) {
	engine, _ := connect(t)
	key, ca := newKey(engine), newAuthority(t, engine)
	request := engine.Up(certRequest, properties(inputs{"privateKeyPem": key})).Output("certRequestPem")
	self := func(more inputs) inputs {
		given := inputs{"privateKeyPem": key, "validityPeriodHours": 1, "allowedUses": list{"server_auth"}}
		for name, value := range more {
			given[name] = value
		}
		return given
	}
	local := func(more inputs) inputs {
		given := inputs{"caPrivateKeyPem": ca.key, "caCertPem": ca.certificate, "certRequestPem": request, "validityPeriodHours": 1, "allowedUses": list{}}
		for name, value := range more {
			given[name] = value
		}
		return given
	}
	for name, test := range map[string]struct {
		kind  tokens.Type
		given inputs
		want  []string
	}{
		"no algorithm":      {privateKey, inputs{}, []string{"algorithm: is required"}},
		"algorithm":         {privateKey, inputs{"algorithm": "RAS"}, []string{`algorithm: "RAS" is not known, did you mean "RSA"? (known: ECDSA, ED25519, RSA)`}},
		"curve and bits":    {privateKey, inputs{"algorithm": "ECDSA", "ecdsaCurve": "P257", "rsaBits": 512}, []string{`ecdsaCurve: "P257" is not known`, "rsaBits: must be at least 1024, is 512"}},
		"huge RSA":          {privateKey, inputs{"algorithm": "RSA", "rsaBits": 1 << 20}, []string{"rsaBits: must be at most 16384"}},
		"camel case":        {selfSignedCert, self(inputs{"allowedUses": list{"serverAuth", "key_encipherment", "x"}}), []string{`allowedUses[0]: "serverAuth" is not known, did you mean "server_auth"?`, `allowedUses[2]: "x" is not known (known:`}},
		"subject":           {selfSignedCert, self(inputs{"subject": inputs{"comonName": "x", "country": 1}}), []string{`subject.comonName: unknown property, did you mean "commonName"?`, "subject.country: must be a string"}},
		"addresses":         {selfSignedCert, self(inputs{"ipAddresses": list{"10.0.0.1", "10.0.0"}, "uris": list{"%zz"}, "dnsNames": list{"ü.example", ""}}), []string{`ipAddresses[1]: "10.0.0" is not an IP address`, "uris[0]:", "dnsNames[0]:", "dnsNames[1]:"}},
		"CA without name":   {selfSignedCert, self(inputs{"isCaCertificate": true}), []string{"subject: must name at least one part"}},
		"authority key ID":  {selfSignedCert, self(inputs{"setAuthorityKeyId": true}), []string{"setAuthorityKeyId: needs setSubjectKeyId"}},
		"negative hours":    {selfSignedCert, self(inputs{"validityPeriodHours": -1, "earlyRenewalHours": -1}), []string{"validityPeriodHours: must be at least 0", "earlyRenewalHours: must be at least 0"}},
		"too many hours":    {selfSignedCert, self(inputs{"validityPeriodHours": 1e8}), []string{"validityPeriodHours: must be at most"}},
		"no key":            {selfSignedCert, self(inputs{"privateKeyPem": "hunter2"}), []string{"privateKeyPem: is not a PEM block"}},
		"key of other kind": {certRequest, inputs{"privateKeyPem": ca.certificate}, []string{`privateKeyPem: is a PEM block of type "CERTIFICATE"`}},
		"broken key":        {certRequest, inputs{"privateKeyPem": "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n"}, []string{"privateKeyPem: is not a valid PRIVATE KEY"}},
		"key is a number":   {certRequest, inputs{"privateKeyPem": 7}, []string{"privateKeyPem: must be a string; what it is instead is secret"}},
		"CA mixed up":       {locallySignedCert, local(inputs{"caCertPem": ca.key, "certRequestPem": ca.certificate}), []string{"caCertPem: is a PEM block of type \"EC PRIVATE KEY\"", "certRequestPem: is a PEM block of type \"CERTIFICATE\""}},
		"key of another CA": {locallySignedCert, local(inputs{"caPrivateKeyPem": key}), []string{"caPrivateKeyPem: is not the key of the certificate in caCertPem"}},
		"missing all":       {locallySignedCert, inputs{}, []string{"caCertPem: is required", "caPrivateKeyPem: is required", "certRequestPem: is required", "validityPeriodHours: is required", "allowedUses: is required"}},
		"unknown values":    {locallySignedCert, local(inputs{"caPrivateKeyPem": unknown, "caCertPem": unknown, "certRequestPem": unknown}), nil},
		"unknown address":   {selfSignedCert, self(inputs{"ipAddresses": list{unknown}, "isCaCertificate": true, "subject": inputs{"commonName": unknown}}), nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, reasons := engine.Check(test.kind, properties(test.given))
			require.Len(t, reasons, len(test.want), "%v", reasons)
			all := strings.Join(reasons, "\n")
			for _, want := range test.want {
				assert.Contains(t, all, want)
			}
			assert.NotContains(t, all, "hunter2")
			assert.NotContains(t, all, "aHVudGVyMg")
		})
	}
}

func TestImportIsRefused(t *testing.T) {
	engine, _ := connect(t)
	_, err := engine.Import(privateKey, "x")
	assert.ErrorContains(t, err, "a resource of type "+string(privateKey)+" cannot be imported")
}

func TestUnknownThingsAreNamed(t *testing.T) {
	engine, _ := connect(t)
	const token = "tls:index/privatKey:PrivateKey"
	_, err := engine.Client().Check(t.Context(), &pulumirpc.CheckRequest{Urn: string(resource.NewURN("stack", "project", "", token, "x"))})
	require.ErrorContains(t, err, `"`+token+`", did you mean "`+string(privateKey)+`"?`)
	_, err = engine.Client().Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: "tls:index/getCertificate:getCertificate"})
	assert.ErrorContains(t, err, "tls:index/getCertificate:getCertificate")
}
