package tls_test

import (
	"crypto/x509"
	"encoding/pem"
	"sync"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/localonly/localonlytest"
	"github.com/federated-risk/federated-risk/tests/sandbox/tls"
)

const (
	privateKey        tokens.Type = "tls:index/privateKey:PrivateKey"
	certRequest       tokens.Type = "tls:index/certRequest:CertRequest"
	selfSignedCert    tokens.Type = "tls:index/selfSignedCert:SelfSignedCert"
	locallySignedCert tokens.Type = "tls:index/locallySignedCert:LocallySignedCert"
)

type (
	inputs = map[string]any
	list   = []any
)

func properties(from inputs) resource.PropertyMap { return resource.NewPropertyMapFromMap(from) }

// clock is a time that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func connect(t *testing.T) (*localonlytest.Engine, *clock) {
	t.Helper()
	clock := &clock{now: start}
	return localonlytest.Connect(t, tls.NewProvider(clock.Now)), clock
}

// newKey returns the PEM form of a new key.
func newKey(engine *localonlytest.Engine) string {
	return engine.Up(privateKey, properties(inputs{"algorithm": "ECDSA", "ecdsaCurve": "P256"})).Output("privateKeyPem").(string)
}

// authority is a CA.
type authority struct {
	key, certificate string
	pool             *x509.CertPool
}

func newAuthority(t *testing.T, engine *localonlytest.Engine) authority {
	t.Helper()
	ca := authority{key: newKey(engine), pool: x509.NewCertPool()}
	ca.certificate = engine.Up(selfSignedCert, properties(inputs{
		"privateKeyPem": ca.key, "isCaCertificate": true, "validityPeriodHours": 1000,
		"allowedUses": list{"cert_signing", "crl_signing"}, "subject": inputs{"commonName": "Test CA"},
	})).Output("certPem").(string)
	require.True(t, ca.pool.AppendCertsFromPEM([]byte(ca.certificate)))
	return ca
}

func parse(t *testing.T, text any) *x509.Certificate {
	t.Helper()
	block, rest := pem.Decode([]byte(text.(string)))
	require.NotNil(t, block)
	require.Empty(t, rest)
	require.Equal(t, "CERTIFICATE", block.Type)
	certificate, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	return certificate
}
