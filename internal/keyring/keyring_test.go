package keyring_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/federated-risk/federated-risk/internal/keyring"
)

func keys(generations ...int) map[int][]byte {
	all := map[int][]byte{}
	for _, generation := range generations {
		all[generation] = bytes.Repeat([]byte{byte(generation)}, keyring.KeyBytes)
	}
	return all
}

// open is what a service does with the keyring.
func open(t *testing.T, writes int, generations ...int) tink.AEAD {
	t.Helper()
	text, err := keyring.New(keys(generations...), writes)
	require.NoError(t, err)
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(strings.NewReader(text)))
	require.NoError(t, err)
	cipher, err := aead.New(handle)
	require.NoError(t, err)
	return cipher
}

func TestDataThroughGenerations(t *testing.T) {
	first, second, third := open(t, 1, 1, 2), open(t, 2, 1, 2, 3), open(t, 3, 1, 2, 3, 4)
	data := []byte("a partner's consent")
	encrypt := func(cipher tink.AEAD) []byte {
		encrypted, err := cipher.Encrypt(data, []byte("consent/1"))
		require.NoError(t, err)
		return encrypted
	}
	reads := func(cipher tink.AEAD, encrypted []byte) bool {
		decrypted, err := cipher.Decrypt(encrypted, []byte("consent/1"))
		return err == nil && bytes.Equal(data, decrypted)
	}
	old := encrypt(first)
	assert.True(t, reads(third, old), "two generations on")
	assert.True(t, reads(first, encrypt(second)), "a pod that has not rolled yet reads what one that has writes")
	retired := open(t, 3, 2, 3, 4)
	assert.False(t, reads(retired, old), "its key is gone")
	assert.True(t, reads(retired, encrypt(second)))
	assert.True(t, reads(retired, encrypt(third)))
	assert.Equal(t, []byte{1, 0, 0, 0, 3}, encrypt(third)[:5], "Tink's prefix has the number of the key")
}

func TestTheSameKeysGiveTheSameText(t *testing.T) {
	first, err := keyring.New(keys(1, 2, 3), 2)
	require.NoError(t, err)
	for range 8 {
		again, err := keyring.New(keys(3, 2, 1), 2)
		require.NoError(t, err)
		assert.Equal(t, first, again)
	}
	assert.NotContains(t, first, " ")
}

func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		keys   map[int][]byte
		writes int
		want   string
	}{
		"nothing":      {nil, 1, "generation 1, which is to encrypt"},
		"another one":  {keys(1), 2, "generation 2, which is to encrypt"},
		"a short key":  {map[int][]byte{1: []byte("secret")}, 1, "key of generation 1"},
		"generation 0": {map[int][]byte{0: bytes.Repeat([]byte{7}, 32)}, 0, "generation 0: expected 1 to"},
	} {
		_, err := keyring.New(c.keys, c.writes)
		require.ErrorContains(t, err, c.want, name)
		assert.NotContains(t, err.Error(), "secret", name)
	}
}
