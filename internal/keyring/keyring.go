// Package keyring writes data keys as a keyset of Tink (developers.google.com/tink): one key encrypts, each decrypts
// what was encrypted with it, and a ciphertext begins with the number of its key. Tink reads it in every language of
// the services.
package keyring

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/secretdata"
)

// KeyBytes of a key: AES-256.
const KeyBytes = 32

// Nonce and tag of AES-GCM as everybody has them (NIST SP 800-38D).
const (
	nonceBytes = 12
	tagBytes   = 16
)

// New returns the keyring in Tink's JSON, in the clear: it is a secret. keys are KeyBytes long, by their generation, 1 or
// more, which is their number; writes is the generation that encrypts, one of them. The same keys give the same text.
func New(keys map[int][]byte, writes int) (string, error) {
	parameters, err := aesgcm.NewParameters(aesgcm.ParametersOpts{
		KeySizeInBytes: KeyBytes, IVSizeInBytes: nonceBytes, TagSizeInBytes: tagBytes, Variant: aesgcm.VariantTink,
	})
	if err != nil {
		return "", fmt.Errorf("keyring: %w", err)
	}
	manager := keyset.NewManager()
	for _, generation := range slices.Sorted(maps.Keys(keys)) {
		if generation < 1 || generation > math.MaxUint32 {
			return "", fmt.Errorf("keyring: generation %d: expected 1 to %d", generation, uint32(math.MaxUint32))
		}
		material := secretdata.NewBytesFromData(keys[generation], insecuresecretdataaccess.Token{})
		key, err := aesgcm.NewKey(material, uint32(generation), parameters)
		if err != nil {
			return "", fmt.Errorf("keyring: key of generation %d: %w", generation, err)
		}
		if _, err := manager.AddKey(key); err != nil {
			return "", fmt.Errorf("keyring: key of generation %d: %w", generation, err)
		}
	}
	if _, found := keys[writes]; !found {
		return "", fmt.Errorf("keyring: generation %d, which is to encrypt, has no key", writes)
	}
	if err := manager.SetPrimary(uint32(writes)); err != nil {
		return "", fmt.Errorf("keyring: generation %d, which is to encrypt: %w", writes, err)
	}
	handle, err := manager.Handle()
	if err != nil {
		return "", fmt.Errorf("keyring: %w", err)
	}
	return encode(handle)
}

// encode takes out the white space that the protocol buffers' JSON has at random, so that nobody relies on it.
func encode(handle *keyset.Handle) (string, error) {
	var loose, compact bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&loose)); err != nil {
		return "", fmt.Errorf("keyring: %w", err)
	}
	if err := json.Compact(&compact, loose.Bytes()); err != nil {
		return "", fmt.Errorf("keyring: %w", err)
	}
	return compact.String(), nil
}
