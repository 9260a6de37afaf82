package e2e

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"testing"

	"github.com/stretchr/testify/require"
)

// Three keys of four have a line in the PEM of the private key that the published modulus holds, too.
func TestPublishedModulusIsPublic(t *testing.T) {
	for range 4 {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		require.NoError(t, err)
		der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		require.NoError(t, err)
		public := publicKeyForm(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
		modulus := base64.RawURLEncoding.EncodeToString(key.N.Bytes())
		// The last character holds bits of the byte that follows.
		require.Contains(t, public, modulus[:len(modulus)-1])
		require.NotContains(t, public, base64.RawURLEncoding.EncodeToString(key.Primes[0].Bytes())[:pemLineLength])
	}
	require.Empty(t, publicKeyForm("-----BEGIN RSA PRIVATE KEY-----\nabc\n"))
}
