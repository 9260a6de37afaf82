package tls_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestChainVerifies(t *testing.T) {
	engine, _ := connect(t)
	ca := newAuthority(t, engine)
	request := engine.Up(certRequest, properties(inputs{
		"privateKeyPem": newKey(engine), "subject": inputs{"commonName": "risk.example"},
		"dnsNames": list{"risk.example", "*.api.risk.example"}, "ipAddresses": list{"10.0.0.7", "::1"}, "uris": list{"spiffe://risk.example/api"},
	}))
	state := engine.Up(locallySignedCert, properties(inputs{
		"certRequestPem": request.Output("certRequestPem"), "caPrivateKeyPem": ca.key, "caCertPem": ca.certificate,
		"validityPeriodHours": 24, "allowedUses": list{"server_auth", "digital_signature", "key_encipherment"},
	}))
	certificate := parse(t, state.Output("certPem"))
	verify := func(name string, at time.Time, usage x509.ExtKeyUsage) error {
		_, err := certificate.Verify(x509.VerifyOptions{Roots: ca.pool, DNSName: name, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{usage}})
		return err
	}
	inside := start.Add(time.Hour)
	for _, name := range []string{"risk.example", "v1.api.risk.example", "10.0.0.7", "::1"} {
		require.NoError(t, verify(name, inside, x509.ExtKeyUsageServerAuth), name)
	}
	require.ErrorContains(t, verify("other.example", inside, x509.ExtKeyUsageServerAuth), "other.example")
	require.Error(t, verify("10.0.0.8", inside, x509.ExtKeyUsageServerAuth))
	require.Error(t, verify("risk.example", inside, x509.ExtKeyUsageClientAuth), "it is no client certificate")
	require.ErrorContains(t, verify("risk.example", start.Add(25*time.Hour), x509.ExtKeyUsageServerAuth), "expired")
	require.Error(t, verify("risk.example", start.Add(-time.Minute), x509.ExtKeyUsageServerAuth))
	stranger := newAuthority(t, engine)
	_, err := certificate.Verify(x509.VerifyOptions{Roots: stranger.pool, CurrentTime: inside})
	require.Error(t, err, "another CA did not sign it")

	assert.Equal(t, "spiffe://risk.example/api", certificate.URIs[0].String())
	assert.Equal(t, x509.KeyUsageDigitalSignature|x509.KeyUsageKeyEncipherment, certificate.KeyUsage)
	assert.Equal(t, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, certificate.ExtKeyUsage)
	assert.Equal(t, parse(t, ca.certificate).SubjectKeyId, certificate.AuthorityKeyId)
	assert.Equal(t, certificate.SerialNumber.String(), string(state.ID))
	assert.Equal(t, "ECDSA", state.Output("caKeyAlgorithm"))
	assert.True(t, state.Outputs["caPrivateKeyPem"].IsSecret(), "the program did not mark it")
	assert.True(t, state.Inputs["caPrivateKeyPem"].IsSecret(), "the program did not mark it")
	assert.False(t, state.Outputs["certPem"].IsSecret())
}

func TestSelfSigned(t *testing.T) {
	engine, _ := connect(t)
	key := engine.Up(privateKey, properties(inputs{"algorithm": "RSA"})).Output("privateKeyPem").(string)
	state := engine.Up(selfSignedCert, properties(inputs{
		"privateKeyPem": key, "validityPeriodHours": 8760, "earlyRenewalHours": 720, "dnsNames": list{"localhost"}, "ipAddresses": list{"127.0.0.1"},
		"allowedUses": list{"server_auth", "client_auth"}, "setSubjectKeyId": true, "setAuthorityKeyId": true,
		"subject": inputs{
			"commonName": "localhost", "country": "CN", "province": "Beijing", "locality": "Beijing", "organization": "FederatedRisk",
			"organizationalUnit": "Risk", "postalCode": "100000", "streetAddresses": list{"1 Road", "Floor 2"}, "serialNumber": "42", "emailAddress": "ops@risk.example",
		},
	}))
	certificate := parse(t, state.Output("certPem"))
	require.NoError(t, certificate.CheckSignature(certificate.SignatureAlgorithm, certificate.RawTBSCertificate, certificate.Signature))
	assert.NoError(t, certificate.VerifyHostname("localhost"))
	assert.NoError(t, certificate.VerifyHostname("127.0.0.1"))
	subject := certificate.Subject
	assert.Equal(t, "localhost", subject.CommonName)
	assert.Equal(t, [][]string{{"CN"}, {"Beijing"}, {"Beijing"}, {"FederatedRisk"}, {"Risk"}, {"100000"}, {"1 Road", "Floor 2"}},
		[][]string{subject.Country, subject.Province, subject.Locality, subject.Organization, subject.OrganizationalUnit, subject.PostalCode, subject.StreetAddress})
	assert.Equal(t, "42", subject.SerialNumber)
	email := slices.IndexFunc(subject.Names, func(name pkix.AttributeTypeAndValue) bool { return name.Type.String() == "1.2.840.113549.1.9.1" })
	require.GreaterOrEqual(t, email, 0)
	assert.Equal(t, "ops@risk.example", subject.Names[email].Value)
	assert.Equal(t, start.Add(8760*time.Hour), certificate.NotAfter)
	assert.Equal(t, "2026-11-23T12:00:00Z", state.Output("validityStartTime"))
	assert.Equal(t, "2027-11-23T12:00:00Z", state.Output("validityEndTime"))
	assert.NotEmpty(t, certificate.SubjectKeyId)
	assert.Equal(t, certificate.SubjectKeyId, certificate.AuthorityKeyId)
	assert.False(t, certificate.IsCA)
	assert.Equal(t, false, state.Output("readyForRenewal"))
	assert.Equal(t, "RSA", state.Output("keyAlgorithm"))
	assert.True(t, state.Outputs["privateKeyPem"].IsSecret())
}

func TestPathLength(t *testing.T) {
	engine, _ := connect(t)
	for name, test := range map[string]struct {
		length any
		want   int
	}{"none": {nil, -1}, "no limit": {-1, -1}, "zero": {0, 0}, "two": {2, 2}} {
		given := inputs{"privateKeyPem": newKey(engine), "validityPeriodHours": 1, "allowedUses": list{"cert_signing"}, "isCaCertificate": true, "maxPathLength": test.length, "subject": inputs{"commonName": "CA"}}
		certificate := parse(t, engine.Up(selfSignedCert, properties(given)).Output("certPem"))
		assert.True(t, certificate.IsCA)
		assert.Equal(t, test.want, certificate.MaxPathLen, name)
		assert.Equal(t, test.want == 0, certificate.MaxPathLenZero, name)
	}
	engine.Up(selfSignedCert, properties(inputs{"privateKeyPem": newKey(engine), "validityPeriodHours": 1, "allowedUses": list{}, "maxPathLength": 3}))
}

func TestRequest(t *testing.T) {
	engine, _ := connect(t)
	state := engine.Up(certRequest, properties(inputs{"privateKeyPem": newKey(engine), "subject": inputs{"organization": "Risk"}, "ipAddresses": list{"192.0.2.1"}}))
	block, _ := pem.Decode([]byte(state.Output("certRequestPem").(string)))
	require.NotNil(t, block)
	request, err := x509.ParseCertificateRequest(block.Bytes)
	require.NoError(t, err)
	require.NoError(t, request.CheckSignature())
	assert.Equal(t, []string{"Risk"}, request.Subject.Organization)
	assert.True(t, request.IPAddresses[0].Equal(net.ParseIP("192.0.2.1")))
	assert.True(t, state.Outputs["privateKeyPem"].IsSecret())
	assert.Len(t, string(state.ID), 40)
}

func TestEveryUsageReachesTheCertificate(t *testing.T) {
	engine, _ := connect(t)
	key := newKey(engine)
	_, reasons := engine.Check(selfSignedCert, properties(inputs{"privateKeyPem": key, "validityPeriodHours": 1, "allowedUses": list{"nothing"}}))
	require.Len(t, reasons, 1)
	known := knownIn(t, reasons[0])
	require.Len(t, known, 23, "as many as the official provider documents")
	for _, usage := range known {
		certificate := parse(t, engine.Up(selfSignedCert, properties(inputs{"privateKeyPem": key, "validityPeriodHours": 1, "allowedUses": list{usage}})).Output("certPem"))
		assert.True(t, certificate.KeyUsage != 0 || len(certificate.ExtKeyUsage) == 1, usage)
	}
}
