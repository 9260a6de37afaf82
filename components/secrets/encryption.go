package secrets

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/keyring"
)

// Encryption is what stored data is encrypted with. Both are secret.
type Encryption struct {
	// Key of the generation that encrypts: AES-256, standard base64, as in the runbook's `openssl rand -base64 32`.
	Key pulumi.StringOutput
	// Keyring has it, every older one that is not retired, and the next one (internal/keyring). With the next one known
	// everywhere, no pod meets data that it cannot read while pods roll.
	Keyring pulumi.StringOutput
}

// encryption declares a key for each generation that can be read.
func (d declaration) encryption(generations Generations) (Encryption, error) {
	var kept []int
	var digits pulumi.StringArray
	for generation := 1; generation <= generations.Encryption+1; generation++ {
		if slices.Contains(generations.EncryptionRetired, generation) {
			continue
		}
		key, err := d.encryptionKey(generation)
		if err != nil {
			return Encryption{}, err
		}
		kept, digits = append(kept, generation), append(digits, key)
	}
	writes := generations.Encryption
	return Encryption{
		Key: d.combine(digits, func(digits []string) (string, error) {
			key, err := decodeKey(digits[slices.Index(kept, writes)])
			return base64.StdEncoding.EncodeToString(key), err
		}),
		Keyring: d.combine(digits, func(digits []string) (string, error) {
			keys := map[int][]byte{}
			for i, generation := range kept {
				key, err := decodeKey(digits[i])
				if err != nil {
					return "", err
				}
				keys[generation] = key
			}
			return keyring.New(keys, writes)
		}),
	}, nil
}

// encryptionKey declares a key and returns its hexadecimal digits. It is drawn as such by RandomPassword: RandomBytes, made
// for this, has the key itself as the resource's ID, which the state and every log show in the clear.
func (d declaration) encryptionKey(generation int) (pulumi.StringOutput, error) {
	key, err := random.NewRandomPassword(d.ctx, d.child(fmt.Sprintf("encryption-g%d-key", generation)), &random.RandomPasswordArgs{
		Length:          pulumi.Int(hex.EncodedLen(keyring.KeyBytes)),
		Lower:           pulumi.Bool(false),
		Upper:           pulumi.Bool(false),
		OverrideSpecial: pulumi.String("abcdef"),
	}, d.parent)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return key.Result, nil
}

func decodeKey(digits string) ([]byte, error) {
	key, err := hex.DecodeString(digits)
	if err != nil {
		// Neither the digits nor the position of a wrong one may show.
		return nil, errors.New("the generated encryption key is not hexadecimal: check the provider plugin random")
	}
	return key, nil
}
