// Package jwks writes the public keys that tokens are verified with as a JSON Web Key Set (RFC 7517).
package jwks

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// Algorithm of the keys.
const Algorithm = string(jose.RS256)

// KeyID returns the ID of an RSA public key, PEM: its SHA-256 thumbprint (RFC 7638), base64url. Whoever has the key can
// compute it.
func KeyID(publicPEM string) (string, error) {
	key, err := parse(publicPEM)
	if err != nil {
		return "", err
	}
	return key.KeyID, nil
}

// Document returns the set of the RSA public keys, PEM, in their order.
func Document(publicPEMs ...string) (string, error) {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for i, publicPEM := range publicPEMs {
		key, err := parse(publicPEM)
		if err != nil {
			return "", fmt.Errorf("key %d of %d: %w", i+1, len(publicPEMs), err)
		}
		set.Keys = append(set.Keys, key)
	}
	document, err := json.Marshal(set)
	return string(document), err
}

func parse(publicPEM string) (jose.JSONWebKey, error) {
	block, _ := pem.Decode([]byte(publicPEM))
	if block == nil {
		return jose.JSONWebKey{}, errors.New("is not PEM")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return jose.JSONWebKey{}, fmt.Errorf("is no public key (%s): %w", block.Type, err)
	}
	if _, ok := parsed.(*rsa.PublicKey); !ok {
		return jose.JSONWebKey{}, fmt.Errorf("is a %T: expected an RSA public key", parsed)
	}
	key := jose.JSONWebKey{Key: parsed, Algorithm: Algorithm, Use: "sig"}
	thumbprint, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return jose.JSONWebKey{}, fmt.Errorf("has no thumbprint: %w", err)
	}
	key.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)
	return key, nil
}
