package jwks_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/jwks"
)

// The example of RFC 7638, section 3.1: a key's modulus, and its thumbprint.
const (
	exampleModulus = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3" +
		"oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5h" +
		"ajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
	exampleThumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
)

func encode(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func example(t *testing.T) string {
	t.Helper()
	modulus, err := base64.RawURLEncoding.DecodeString(exampleModulus)
	require.NoError(t, err)
	return encode(t, &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: 65537})
}

func TestKeyIDIsTheThumbprint(t *testing.T) {
	id, err := jwks.KeyID(example(t))
	require.NoError(t, err)
	assert.Equal(t, exampleThumbprint, id)
}

func TestDocument(t *testing.T) {
	document, err := jwks.Document(example(t))
	require.NoError(t, err)
	var set any
	require.NoError(t, json.Unmarshal([]byte(document), &set))
	assert.Equal(t, map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": exampleThumbprint, "n": exampleModulus, "e": "AQAB",
	}}}, set, "a public key and nothing of a private one")
	document, err = jwks.Document()
	require.NoError(t, err)
	assert.JSONEq(t, `{"keys": []}`, document)
}

func TestWhatIsNoRSAPublicKey(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	for text, fault := range map[string]string{
		"":                          "is not PEM",
		"ssh-rsa AAAA":              "is not PEM",
		encode(t, &curve.PublicKey): "is a *ecdsa.PublicKey: expected an RSA public key",
		"-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n": "is no public key (RSA PUBLIC KEY)",
	} {
		_, err := jwks.KeyID(text)
		require.ErrorContains(t, err, fault)
		_, err = jwks.Document(example(t), text)
		require.ErrorContains(t, err, "key 2 of 2: "+fault)
	}
}
