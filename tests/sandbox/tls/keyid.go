package tls

import (
	"crypto/sha1" //nolint:gosec // RFC 5280 prescribes SHA-1 for key identifiers.
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
)

// keyIDOf returns the SHA-1 sum of the bits in a SubjectPublicKeyInfo.
func keyIDOf(der []byte) ([]byte, error) {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, fmt.Errorf("decode the public key: %w", err)
	}
	sum := sha1.Sum(info.Key.Bytes) //nolint:gosec // See the import.
	return sum[:], nil
}
