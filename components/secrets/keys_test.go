package secrets

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBase64Key(t *testing.T) {
	key, err := base64Key(strings.Repeat("0f", encryptionKeyBytes))
	require.NoError(t, err)
	decoded, err := base64.StdEncoding.DecodeString(key)
	require.NoError(t, err)
	assert.Equal(t, strings.Repeat("\x0f", encryptionKeyBytes), string(decoded))
}

func TestBase64KeyDoesNotShowWhatItWasGiven(t *testing.T) {
	_, err := base64Key("0123Zz")
	require.Error(t, err)
	for _, shown := range []string{"0123", "Zz"} {
		assert.NotContains(t, err.Error(), shown)
	}
}
