package secrets

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi-tls/sdk/v5/go/tls"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/kubesecret"
	"github.com/federated-risk/federated-risk/internal/labels"
)

// Entries of the Secret JWTSecretName, both PEM.
const (
	JWTPrivateKey = "private.pem"
	JWTPublicKey  = "public.pem"
)

// JWTAlgorithm signs tokens with the private key and verifies them with the public one (runbook, "JWT").
const JWTAlgorithm = "RS256"

const (
	// jwtKeyBits is the size that the runbook's rotation script asks for.
	jwtKeyBits = 4096
	// encryptionKeyBytes is an AES-256 key, as in the runbook's `openssl rand -base64 32`.
	encryptionKeyBytes = 32
)

// jwtKeyPair declares an RSA key pair: RS256 cannot sign with the random string that the runbook generates.
func (d declaration) jwtKeyPair(generation int) (pulumi.StringOutput, error) {
	suffix := fmt.Sprintf("jwt-g%d", generation)
	pair, err := tls.NewPrivateKey(d.ctx, d.child(suffix+"-key"), &tls.PrivateKeyArgs{
		Algorithm: pulumi.String("RSA"),
		RsaBits:   pulumi.Int(jwtKeyBits),
	}, d.parent)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	secret, err := kubesecret.New(d.ctx, d.child(suffix), kubesecret.Args{
		Namespace: d.namespace,
		Labels:    labels.Object("jwt"),
		Values: map[string]pulumi.StringInput{
			JWTPrivateKey: pair.PrivateKeyPem,
			JWTPublicKey:  pair.PublicKeyPem,
		},
	}, d.parent)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return secret.Metadata.Name().Elem(), nil
}

// encryptionKey declares an AES-256 key, base64. It is drawn as hexadecimal digits by RandomPassword: RandomBytes, made
// for this, has the key itself as the resource's ID, which the state and every log show in the clear.
func (d declaration) encryptionKey(generation int) (pulumi.StringOutput, error) {
	key, err := random.NewRandomPassword(d.ctx, d.child(fmt.Sprintf("encryption-g%d-key", generation)), &random.RandomPasswordArgs{
		Length:          pulumi.Int(hex.EncodedLen(encryptionKeyBytes)),
		Lower:           pulumi.Bool(false),
		Upper:           pulumi.Bool(false),
		OverrideSpecial: pulumi.String("abcdef"),
	}, d.parent)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return key.Result.ApplyT(base64Key).(pulumi.StringOutput), nil
}

func base64Key(digits string) (string, error) {
	key, err := hex.DecodeString(digits)
	if err != nil {
		// Neither the digits nor the position of a wrong one may show.
		return "", errors.New("the generated encryption key is not hexadecimal: check the provider plugin random")
	}
	return base64.StdEncoding.EncodeToString(key), nil
}
