package secrets

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/keyring"
)

func TestDecodeKey(t *testing.T) {
	key, err := decodeKey(strings.Repeat("0f", keyring.KeyBytes))
	require.NoError(t, err)
	assert.Equal(t, strings.Repeat("\x0f", keyring.KeyBytes), string(key))
}

func TestDecodeKeyDoesNotShowWhatItWasGiven(t *testing.T) {
	_, err := decodeKey("0123Zz")
	require.Error(t, err)
	for _, shown := range []string{"0123", "Zz"} {
		assert.NotContains(t, err.Error(), shown)
	}
}
