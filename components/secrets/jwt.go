package secrets

import (
	"fmt"

	"github.com/pulumi/pulumi-tls/sdk/v5/go/tls"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/configmap"
	"github.com/federated-risk/federated-risk/internal/jwks"
	"github.com/federated-risk/federated-risk/internal/kubesecret"
	"github.com/federated-risk/federated-risk/internal/labels"
)

// Entries of the Secret JWT.SigningSecretName, both PEM.
const (
	JWTPrivateKey = "private.pem"
	JWTPublicKey  = "public.pem"
)

// JWTKeySet is the entry of the ConfigMap JWT.KeysName with the JSON Web Key Set. Beside it is each of its keys as PEM,
// under its ID and ".pem".
const JWTKeySet = "jwks.json"

// JWTAlgorithm signs tokens with the private key and verifies them with the public one (runbook, "JWT").
const JWTAlgorithm = jwks.Algorithm

// jwtKeyBits is the size that the runbook's rotation script asks for.
const jwtKeyBits = 4096

// JWT is what tokens are signed and verified with.
type JWT struct {
	// SigningSecretName names the Secret with the key pair that signs: JWTPrivateKey and JWTPublicKey.
	SigningSecretName pulumi.StringOutput
	// KeyID is the kid of what it signs, derived from the key.
	KeyID pulumi.StringOutput
	// KeysName names the ConfigMap with the public keys that verify: of the generation before, unless it is revoked, of
	// the one that signs, and of the next one. With the next one known everywhere, a rotation needs no order between those who
	// sign and those who verify, and no token is refused while pods roll.
	KeysName pulumi.StringOutput
}

// jwtKeys declares an RSA key pair for each generation that verifies: RS256 cannot sign with the random string that the
// runbook generates.
func (d declaration) jwtKeys(generations Generations) (JWT, error) {
	var publicKeys pulumi.StringArray
	var signing *tls.PrivateKey
	for generation := generations.oldestJWT(); generation <= generations.JWT+1; generation++ {
		pair, err := tls.NewPrivateKey(d.ctx, d.child(fmt.Sprintf("jwt-g%d-key", generation)), &tls.PrivateKeyArgs{
			Algorithm: pulumi.String("RSA"),
			RsaBits:   pulumi.Int(jwtKeyBits),
		}, d.parent)
		if err != nil {
			return JWT{}, err
		}
		publicKeys = append(publicKeys, pair.PublicKeyPem)
		if generation == generations.JWT {
			signing = pair
		}
	}
	secret, err := kubesecret.New(d.ctx, d.child(fmt.Sprintf("jwt-g%d", generations.JWT)), kubesecret.Args{
		Namespace: d.namespace,
		Labels:    labels.Object("jwt"),
		Values:    map[string]pulumi.StringInput{JWTPrivateKey: signing.PrivateKeyPem, JWTPublicKey: signing.PublicKeyPem},
	}, d.parent)
	if err != nil {
		return JWT{}, err
	}
	keysName, err := configmap.New(d.ctx, d.child("jwt-keys"), configmap.Args{
		Namespace: d.namespace, Labels: labels.Object("jwt"), Data: publicKeys.ToStringArrayOutput().ApplyT(keyFiles).(pulumi.StringMapOutput),
	}, d.parent)
	if err != nil {
		return JWT{}, err
	}
	return JWT{
		SigningSecretName: secret.Metadata.Name().Elem(),
		KeyID:             signing.PublicKeyPem.ApplyT(jwks.KeyID).(pulumi.StringOutput),
		KeysName:          keysName,
	}, nil
}

// keyFiles are the entries of the ConfigMap.
func keyFiles(publicPEMs []string) (map[string]string, error) {
	document, err := jwks.Document(publicPEMs...)
	if err != nil {
		return nil, fmt.Errorf("JSON Web Key Set: %w", err)
	}
	files := map[string]string{JWTKeySet: document}
	for _, publicPEM := range publicPEMs {
		id, err := jwks.KeyID(publicPEM)
		if err != nil {
			return nil, err
		}
		files[id+".pem"] = publicPEM
	}
	return files, nil
}
