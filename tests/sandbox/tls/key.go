package tls

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // The official IDs are SHA-1 sums.
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"golang.org/x/crypto/ssh"

	"github.com/federated-risk/federated-risk/tests/sandbox/localonly"
)

// Names of the algorithms, as inputs and outputs state them.
const (
	algorithmRSA     = "RSA"
	algorithmECDSA   = "ECDSA"
	algorithmED25519 = "ED25519"
)

// Go's crypto/rsa refuses shorter keys, and longer ones take minutes.
const (
	minRSABits = 1024
	maxRSABits = 16384
)

var curves = map[string]elliptic.Curve{
	"P224": elliptic.P224(),
	"P256": elliptic.P256(),
	"P384": elliptic.P384(),
	"P521": elliptic.P521(),
}

// privateKey is PrivateKey. Its ID is the SHA-1 sum of the public key's DER form.
func privateKey() localonly.Resource {
	return localonly.Resource{
		Inputs: []localonly.Field{
			{Name: "algorithm", Type: localonly.Text, Required: true, OneOf: []string{algorithmRSA, algorithmECDSA, algorithmED25519}},
			{Name: "rsaBits", Type: localonly.Number, Default: 2048, Min: new(minRSABits), Max: new(maxRSABits)},
			{Name: "ecdsaCurve", Type: localonly.Text, Default: "P224", OneOf: []string{"P224", "P256", "P384", "P521"}},
		},
		Outputs: []localonly.Output{
			{Name: "privateKeyPem", Secret: true},
			{Name: "privateKeyPemPkcs8", Secret: true},
			{Name: "privateKeyOpenssh", Secret: true},
			{Name: "publicKeyPem"},
			{Name: "publicKeyOpenssh"},
			{Name: "publicKeyFingerprintMd5"},
			{Name: "publicKeyFingerprintSha256"},
		},
		Create: func(inputs localonly.Values, _ time.Time) (resource.ID, resource.PropertyMap, error) {
			key, err := generateKey(inputs)
			if err != nil {
				return "", nil, fmt.Errorf("generate a key: %w", err)
			}
			outputs, err := encodePrivate(key)
			if err != nil {
				return "", nil, err
			}
			der, err := x509.MarshalPKIXPublicKey(key.Public())
			if err != nil {
				return "", nil, fmt.Errorf("encode the public key: %w", err)
			}
			outputs["publicKeyPem"] = encodePEM("PUBLIC KEY", der)
			encodeSSH(key, outputs)
			return idOf(der), outputs, nil
		},
	}
}

func generateKey(inputs localonly.Values) (crypto.Signer, error) {
	switch inputs.Text("algorithm") {
	case algorithmRSA:
		return rsa.GenerateKey(rand.Reader, inputs.Int("rsaBits"))
	case algorithmECDSA:
		curve, ok := curves[inputs.Text("ecdsaCurve")]
		if !ok {
			return nil, fmt.Errorf("ecdsaCurve: %q is not known", inputs.Text("ecdsaCurve"))
		}
		return ecdsa.GenerateKey(curve, rand.Reader)
	case algorithmED25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	default:
		return nil, fmt.Errorf("algorithm: %q is not known", inputs.Text("algorithm"))
	}
}

// encodePrivate returns a private key in the algorithm's own PEM form and in that of PKCS #8.
func encodePrivate(key crypto.Signer) (resource.PropertyMap, error) {
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode the private key: %w", err)
	}
	encoded := resource.PropertyMap{"privateKeyPemPkcs8": encodePEM("PRIVATE KEY", pkcs8)}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		encoded["privateKeyPem"] = encodePEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
	case *ecdsa.PrivateKey:
		der, err := x509.MarshalECPrivateKey(key)
		if err != nil {
			return nil, fmt.Errorf("encode the private key: %w", err)
		}
		encoded["privateKeyPem"] = encodePEM("EC PRIVATE KEY", der)
	default:
		encoded["privateKeyPem"] = encoded["privateKeyPemPkcs8"]
	}
	return encoded, nil
}

// encodeSSH adds a key's OpenSSH forms, which are empty for the curve P224: OpenSSH does not have it.
func encodeSSH(key crypto.Signer, outputs resource.PropertyMap) {
	var private, public, md5, sha256 string
	if sshKey, err := ssh.NewPublicKey(key.Public()); err == nil {
		public = string(ssh.MarshalAuthorizedKey(sshKey))
		md5, sha256 = ssh.FingerprintLegacyMD5(sshKey), ssh.FingerprintSHA256(sshKey)
		if block, err := ssh.MarshalPrivateKey(key, ""); err == nil {
			private = string(pem.EncodeToMemory(block))
		}
	}
	outputs["privateKeyOpenssh"] = resource.NewProperty(private)
	outputs["publicKeyOpenssh"] = resource.NewProperty(public)
	outputs["publicKeyFingerprintMd5"] = resource.NewProperty(md5)
	outputs["publicKeyFingerprintSha256"] = resource.NewProperty(sha256)
}

func encodePEM(kind string, der []byte) resource.PropertyValue {
	return resource.NewProperty(string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
}

// idOf returns the official ID of something that has a DER form and no serial number. The official provider takes the
// sum of the form without the white space around it, as if it were text.
func idOf(der []byte) resource.ID {
	sum := sha1.Sum([]byte(strings.TrimSpace(string(der)))) //nolint:gosec // See the import.
	return resource.ID(hex.EncodeToString(sum[:]))
}

// parseKey returns the private key in a PEM block and its algorithm's name. Errors never contain the key.
func parseKey(text string) (crypto.Signer, string, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, "", errors.New("is not a PEM block")
	}
	var parsed any
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		parsed, err = x509.ParseECPrivateKey(block.Bytes)
	case "PRIVATE KEY":
		parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	default:
		return nil, "", fmt.Errorf("is a PEM block of type %q, expected RSA PRIVATE KEY, EC PRIVATE KEY or PRIVATE KEY", block.Type)
	}
	if err != nil {
		return nil, "", fmt.Errorf("is not a valid %s: %w", block.Type, err)
	}
	switch key := parsed.(type) {
	case *rsa.PrivateKey:
		return key, algorithmRSA, nil
	case *ecdsa.PrivateKey:
		return key, algorithmECDSA, nil
	case ed25519.PrivateKey:
		return key, algorithmED25519, nil
	default:
		return nil, "", fmt.Errorf("is a private key of type %T, expected RSA, ECDSA or ED25519", parsed)
	}
}
