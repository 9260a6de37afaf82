package tls_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
)

func TestPrivateKey(t *testing.T) {
	engine, _ := connect(t)
	for name, test := range map[string]struct {
		given     inputs
		preamble  string
		size      int
		noOpenSSH bool
	}{
		"RSA default": {inputs{"algorithm": "RSA"}, "RSA PRIVATE KEY", 2048, false},
		"RSA 4096":    {inputs{"algorithm": "RSA", "rsaBits": 4096}, "RSA PRIVATE KEY", 4096, false},
		"P224":        {inputs{"algorithm": "ECDSA"}, "EC PRIVATE KEY", 224, true},
		"P256":        {inputs{"algorithm": "ECDSA", "ecdsaCurve": "P256"}, "EC PRIVATE KEY", 256, false},
		"P384":        {inputs{"algorithm": "ECDSA", "ecdsaCurve": "P384"}, "EC PRIVATE KEY", 384, false},
		"P521":        {inputs{"algorithm": "ECDSA", "ecdsaCurve": "P521"}, "EC PRIVATE KEY", 521, false},
		"ED25519":     {inputs{"algorithm": "ED25519"}, "PRIVATE KEY", 256, false},
	} {
		t.Run(name, func(t *testing.T) {
			state := engine.Up(privateKey, properties(test.given))
			for _, secret := range []resource.PropertyKey{"privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"} {
				assert.True(t, state.Outputs[secret].IsSecret(), secret)
			}
			for _, open := range []resource.PropertyKey{"publicKeyPem", "publicKeyOpenssh", "publicKeyFingerprintMd5", "publicKeyFingerprintSha256", "algorithm", "rsaBits", "ecdsaCurve"} {
				assert.True(t, state.Outputs.HasValue(open), open)
				assert.False(t, state.Outputs[open].IsSecret(), open)
			}

			key := parseKey(t, test.preamble, state.Output("privateKeyPem").(string))
			assert.Equal(t, test.size, sizeOf(key))
			pkcs8 := parseKey(t, "PRIVATE KEY", state.Output("privateKeyPemPkcs8").(string))
			assert.Equal(t, key, pkcs8)
			der, err := x509.MarshalPKIXPublicKey(key.Public())
			require.NoError(t, err)
			assert.Equal(t, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), state.Output("publicKeyPem"))
			if sum := sha1.Sum(der); der[len(der)-1] > ' ' {
				assert.Equal(t, hex.EncodeToString(sum[:]), string(state.ID))
			}

			if test.noOpenSSH {
				for _, name := range []resource.PropertyKey{"privateKeyOpenssh", "publicKeyOpenssh", "publicKeyFingerprintMd5", "publicKeyFingerprintSha256"} {
					assert.Empty(t, state.Output(name), name)
				}
				return
			}
			parsed, err := ssh.ParsePrivateKey([]byte(state.Output("privateKeyOpenssh").(string)))
			require.NoError(t, err)
			assert.Equal(t, string(ssh.MarshalAuthorizedKey(parsed.PublicKey())), state.Output("publicKeyOpenssh"))
			assert.Equal(t, ssh.FingerprintLegacyMD5(parsed.PublicKey()), state.Output("publicKeyFingerprintMd5"))
			assert.Equal(t, ssh.FingerprintSHA256(parsed.PublicKey()), state.Output("publicKeyFingerprintSha256"))
			assert.True(t, parsed.PublicKey().(ssh.CryptoPublicKey).CryptoPublicKey().(interface{ Equal(crypto.PublicKey) bool }).Equal(key.Public()))
		})
	}
}

func parseKey(t *testing.T, preamble, text string) crypto.Signer {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	require.NotNil(t, block)
	require.Equal(t, preamble, block.Type)
	var key any
	var err error
	switch preamble {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	require.NoError(t, err)
	return key.(crypto.Signer)
}

func sizeOf(key crypto.Signer) int {
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return key.N.BitLen()
	case *ecdsa.PrivateKey:
		return key.Curve.Params().BitSize
	case ed25519.PrivateKey:
		return 8 * len(key.Seed())
	default:
		return 0
	}
}
