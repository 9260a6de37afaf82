package secrets

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/jwks"
)

// keys are the providers: a key pair for each resource that asks for one, the same again for the same resource, as the
// state of a stack keeps it. They are real, and short for the sake of time.
type keys struct {
	mutex sync.Mutex
	pairs map[string]*rsa.PrivateKey
	// recorded are the resources of the last run, by name.
	recorded map[string]resource.PropertyMap
	// keyID is what the last run tells the services to name the key.
	keyID string
}

func (k *keys) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) { return nil, nil }

func (k *keys) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.recorded[args.Name] = args.Inputs
	outputs := args.Inputs.Copy()
	if args.TypeToken == "tls:index/privateKey:PrivateKey" {
		pair, known := k.pairs[args.Name]
		if !known {
			var err error
			if pair, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
				return "", nil, err
			}
			k.pairs[args.Name] = pair
		}
		public, err := x509.MarshalPKIXPublicKey(&pair.PublicKey)
		if err != nil {
			return "", nil, err
		}
		outputs["publicKeyPem"] = resource.NewProperty(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})))
		outputs["privateKeyPem"] = resource.NewProperty(string(pem.EncodeToMemory(
			&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(pair)})))
	}
	outputs["metadata"] = resource.NewProperty(resource.PropertyMap{"name": resource.NewProperty(args.Name)})
	return args.Name + "-id", outputs, nil
}

// service is what a pod of a service has of a generation: what it signs with, and what it verifies with.
type service struct {
	signer jose.Signer
	keys   jose.JSONWebKeySet
}

// at declares the keys of the generations and returns what the services then get.
func (k *keys) at(t *testing.T, generations Generations) service {
	t.Helper()
	k.recorded = map[string]resource.PropertyMap{}
	var declared JWT
	require.NoError(t, pulumi.RunErr(func(ctx *pulumi.Context) (err error) {
		declared, err = declaration{ctx: ctx, name: "secrets", namespace: pulumi.String("risk"), parent: pulumi.Protect(false)}.jwtKeys(generations)
		if err != nil {
			return err
		}
		declared.KeyID.ApplyT(func(id string) string {
			k.mutex.Lock()
			defer k.mutex.Unlock()
			k.keyID = id
			return id
		})
		return nil
	}, pulumi.WithMocks("project", "stack", k)))
	files := k.recorded["secrets-jwt-keys"]["data"].ObjectValue()
	var got service
	require.NoError(t, json.Unmarshal([]byte(files[JWTKeySet].StringValue()), &got.keys))
	for _, key := range got.keys.Keys {
		assert.True(t, key.IsPublic(), "a private key is published")
		id, err := jwks.KeyID(files[resource.PropertyKey(key.KeyID+".pem")].StringValue())
		require.NoError(t, err)
		assert.Equal(t, key.KeyID, id)
	}
	assert.Len(t, files, len(got.keys.Keys)+1, "each key as PEM too")
	got.signer = k.signer(t, generations)
	return got
}

// signer signs with the Secret of the signing generation, as consent-service does.
func (k *keys) signer(t *testing.T, generations Generations) jose.Signer {
	t.Helper()
	var secrets []resource.PropertyMap
	for name, inputs := range k.recorded {
		if _, isSecret := inputs["type"]; isSecret {
			assert.Equal(t, "secrets-jwt-g"+string(rune('0'+generations.JWT)), name)
			secrets = append(secrets, inputs["data"].SecretValue().Element.ObjectValue())
		}
	}
	require.Len(t, secrets, 1, "the private keys of other generations are nowhere in the cluster")
	decode := func(entry string) string {
		value := secrets[0][resource.PropertyKey(entry)]
		if value.IsSecret() {
			value = value.SecretValue().Element
		}
		decoded, err := base64.StdEncoding.DecodeString(value.StringValue())
		require.NoError(t, err)
		return string(decoded)
	}
	block, _ := pem.Decode([]byte(decode(JWTPrivateKey)))
	private, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	require.NoError(t, err)
	kid, err := jwks.KeyID(decode(JWTPublicKey))
	require.NoError(t, err)
	assert.Equal(t, kid, k.keyID)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(JWTAlgorithm), Key: jose.JSONWebKey{Key: private, KeyID: kid}}, nil)
	require.NoError(t, err)
	return signer
}

func (s service) token(t *testing.T) string {
	t.Helper()
	token, err := jwt.Signed(s.signer).Claims(jwt.Claims{Subject: "partner", Expiry: jwt.NewNumericDate(time.Now().Add(time.Hour))}).Serialize()
	require.NoError(t, err)
	return token
}

// accepts says whether the service verifies the token, with the key that its kid names.
func (s service) accepts(t *testing.T, token string) bool {
	t.Helper()
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	require.NoError(t, err)
	var claims jwt.Claims
	return parsed.Claims(s.keys, &claims) == nil && claims.Subject == "partner"
}

// TestTokensThroughARotation: pods of both sides of a rotation run at the same time, in any order, and none may refuse
// what another one has just signed.
func TestTokensThroughARotation(t *testing.T) {
	provider := &keys{pairs: map[string]*rsa.PrivateKey{}}
	first, second, third := provider.at(t, Generations{JWT: 1}), provider.at(t, Generations{JWT: 2}), provider.at(t, Generations{JWT: 3})
	for name, c := range map[string]struct {
		signs, verifies service
		want            bool
	}{
		"within a generation":                     {first, first, true},
		"signed before, verified after":           {first, second, true},
		"signed by a new pod, verified by an old": {second, first, true},
		"the same, one later":                     {third, second, true},
		"the one before":                          {second, third, true},
		"the one before that":                     {first, third, false},
		"two generations on, verified by the old": {third, first, false},
	} {
		assert.Equal(t, c.want, c.verifies.accepts(t, c.signs.token(t)), name)
	}
}

func TestTokensAfterARevocation(t *testing.T) {
	provider := &keys{pairs: map[string]*rsa.PrivateKey{}}
	before, revoked := provider.at(t, Generations{JWT: 1}), provider.at(t, Generations{JWT: 2, JWTRevoked: 1})
	assert.False(t, revoked.accepts(t, before.token(t)), "everybody has to authenticate anew")
	assert.True(t, revoked.accepts(t, revoked.token(t)))
	assert.True(t, before.accepts(t, revoked.token(t)), "pods that have not rolled yet")
	next := provider.at(t, Generations{JWT: 3, JWTRevoked: 1})
	assert.True(t, next.accepts(t, revoked.token(t)), "a revocation is of the generations that it names")
	assert.False(t, next.accepts(t, before.token(t)))
}
