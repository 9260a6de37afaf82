package tests

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

func TestNoSecretIsInTheClear(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		if !run.Preview {
			require.GreaterOrEqual(t, len(run.Generated), 10, "no secrets to look for: this test would pass on anything")
		}
		assert.Empty(t, run.Leaks())
	})
}

func TestDataOfEverySecretIsSecret(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		for _, secret := range run.OfKind("Secret") {
			assert.True(t, stacktest.IsSecret(secret.Inputs["data"]), "%s: data is not marked secret, or empty", secret.Name)
			assert.NotContains(t, secret.Inputs, resource.PropertyKey("stringData"),
				"%s: server-side apply does not own the entries of stringData", secret.Name)
		}
		for _, r := range run.Resources {
			for _, output := range r.Request.GetAdditionalSecretOutputs() {
				if input, given := r.Inputs[resource.PropertyKey(output)]; given {
					assert.True(t, stacktest.IsSecret(input), "%s %s: %s is a secret", r.Type, r.Name, output)
				}
			}
		}
	})
}

func TestStackOutputsAreThoseOfTheDocumentation(t *testing.T) {
	everywhere(t, func(t *testing.T, stack string, run *stacktest.Run) {
		config := stacktest.Load(t, stack)
		weights := map[string]any{}
		if config.Value(t, "services.model-serving.canary.image") != "" {
			weights["model-serving"] = 0.0
		}
		domain := config.Value(t, "domain")
		outputs := stacktest.Reveal(resource.NewProperty(run.StackOutputs(t))).Mappable()
		assert.Equal(t, map[string]any{
			"namespace":     config.Value(t, "namespace"),
			"apiURL":        "https://api." + domain,
			"appURL":        "https://app." + domain,
			"canaryWeights": weights,

			"grafanaPassword": outputs.(map[string]any)["grafanaPassword"],
		}, outputs)
	})
}

// watched are the Secrets that an operator or a chart finds by name, with the name it looks for.
var watched = map[string]string{
	"secrets-postgres-federated-risk-a": "postgres-role-federated-risk-a",
	"secrets-postgres-federated-risk-b": "postgres-role-federated-risk-b",
	"secrets-redis":                     "redis-auth",
	"secrets-public-tls":                "federated-risk-tls",
}

func TestSecretsThatPodsReadRollThem(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		for _, secret := range run.OfKind("Secret") {
			if name, byName := watched[secret.Name]; byName {
				assert.Equal(t, name, secret.Get(t, "metadata.name"), "%s: it is watched by name", secret.Name)
				assert.Empty(t, secret.Request.GetReplaceOnChanges(), "%s: a replacement would delete it under its reader", secret.Name)
				continue
			}
			assert.Nil(t, secret.Get(t, "metadata.name"), "%s: with a fixed name, a change rolls no pods", secret.Name)
			assert.Equal(t, []string{"data"}, secret.Request.GetReplaceOnChanges(),
				"%s: without a replacement it keeps its name, and a change rolls no pods", secret.Name)
		}
	})
}

func TestOnlyWhatPodsReadIsReplacedOnChanges(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		for _, r := range run.Resources {
			if !slices.Contains(slices.Concat(run.OfKind("Secret"), run.OfKind("ConfigMap")), r) {
				assert.Empty(t, r.Request.GetReplaceOnChanges(), "%s %s", r.Type, r.Name)
			}
		}
	})
}

// TestSecretsHoldWhatTheirReadersExpect looks at entries and types: the contracts with CloudNativePG, the Redis chart,
// the kubelet and the services.
func TestSecretsHoldWhatTheirReadersExpect(t *testing.T) {
	run := deployFile(t, "prod", false)
	for name, want := range map[string]struct {
		kind    string
		entries []string
	}{
		"secrets-postgres-federated-risk-a": {"kubernetes.io/basic-auth", []string{"password", "username"}},
		"secrets-postgres-federated-risk-b": {"kubernetes.io/basic-auth", []string{"password", "username"}},
		"secrets-redis":                     {"Opaque", []string{"redis-password", "service_a", "service_b", "users.acl"}},
		"secrets-jwt-g1":                    {"Opaque", []string{"private.pem", "public.pem"}},
		"secrets-tls":                       {"kubernetes.io/tls", []string{"ca.crt", "tls.crt", "tls.key"}},
		"secrets-public-tls":                {"kubernetes.io/tls", []string{"tls.crt", "tls.key"}},
		"consent-service-env":               {"Opaque", []string{"DATABASE_URL", "ENCRYPTION_KEY", "ENCRYPTION_KEYRING", "REDIS_URL"}},
		"psi-service-env":                   {"Opaque", []string{"REDIS_URL"}},
		"model-serving-env":                 {"Opaque", []string{"DATABASE_URL", "REDIS_URL"}},
		"monitoring-stack-grafana":          {"Opaque", []string{"admin-password", "admin-user"}},
	} {
		secret := run.Find(t, "Secret", name)
		assert.Equal(t, want.kind, secret.Get(t, "type"), name)
		assert.ElementsMatch(t, want.entries, entries(t, secret), name)
	}
	assert.Len(t, run.OfKind("Secret"), 10)
	for _, role := range []string{"a", "b"} {
		secret := run.Find(t, "Secret", "secrets-postgres-federated-risk-"+role)
		assert.Equal(t, "federated_risk_"+role, entry(t, secret, "username"))
		assert.Equal(t, generated(t, run, secret.Name+map[string]string{"a": "-g1", "b": "-g0"}[role]+"-password", "result"), entry(t, secret, "password"))
		assert.Equal(t, "true", secret.Get(t, `metadata.labels["cnpg.io/reload"]`), "CloudNativePG ignores changes without it")
	}
	redis := generated(t, run, "secrets-redis-password", "result")
	assert.Equal(t, redis, entry(t, run.Find(t, "Secret", "secrets-redis"), "redis-password"))
	encryption, err := base64.StdEncoding.DecodeString(entry(t, run.Find(t, "Secret", "consent-service-env"), "ENCRYPTION_KEY"))
	require.NoError(t, err)
	assert.Len(t, encryption, 32, "AES-256 takes 32 bytes")
	jwt := run.Find(t, "Secret", "secrets-jwt-g1")
	assert.Contains(t, entry(t, jwt, "private.pem"), generated(t, run, "secrets-jwt-g1-key", "privateKeyPem"))
	assert.Contains(t, entry(t, jwt, "public.pem"), "BEGIN PUBLIC KEY")
	certificate := run.Find(t, "Secret", "secrets-tls")
	assert.Contains(t, entry(t, certificate, "tls.key"), generated(t, run, "secrets-tls-g1-key", "privateKeyPem"))
	for _, name := range []string{"tls.crt", "ca.crt"} {
		assert.Contains(t, entry(t, certificate, name), "BEGIN CERTIFICATE", name)
	}
	assert.NotEqual(t, entry(t, certificate, "tls.crt"), entry(t, certificate, "ca.crt"))
}

func TestKeysAndPasswordsAreOfTheRequiredStrength(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		jwt := run.Find(t, "PrivateKey", "secrets-jwt-g1-key")
		assert.Equal(t, "RSA", jwt.Get(t, "algorithm"), "RS256 needs RSA")
		assert.EqualValues(t, 4096, jwt.Get(t, "rsaBits"))
		for _, name := range []string{"secrets-ca-g1-key", "secrets-ca-g2-key", "secrets-tls-g1-key"} {
			assert.Equal(t, "ECDSA", run.Find(t, "PrivateKey", name).Get(t, "algorithm"))
			assert.Equal(t, "P256", run.Find(t, "PrivateKey", name).Get(t, "ecdsaCurve"))
		}
		for _, password := range run.OfKind("RandomPassword") {
			if strings.HasPrefix(password.Name, "secrets-encryption-g") {
				assert.EqualValues(t, 64, password.Get(t, "length"), "the hexadecimal digits of 32 bytes")
				assert.Equal(t, "abcdef", password.Get(t, "overrideSpecial"))
				continue
			}
			assert.EqualValues(t, 32, password.Get(t, "length"), password.Name)
			assert.Equal(t, false, password.Get(t, "special"), "%s: special characters break URLs", password.Name)
		}
		assert.Empty(t, run.OfKind("RandomBytes"), "its ID is the secret itself, in the clear")
	})
}

func TestCertificateIsForEveryNameOfEveryService(t *testing.T) {
	run := deploy(t, stacktest.Load(t, "dev").Set(t, "domain", "risk.example.com").Set(t, "namespace", "risk"), false)
	request := run.Find(t, "CertRequest", "secrets-tls-g1-request")
	assert.Equal(t, "*.risk.example.com", request.Get(t, "subject.commonName"))
	names := []any{"*.risk.example.com"}
	for _, service := range []string{"consent-service", "psi-service", "model-serving", "frontend"} {
		for _, suffix := range []string{"", ".risk", ".risk.svc", ".risk.svc.cluster.local"} {
			names = append(names, service+suffix)
		}
	}
	assert.ElementsMatch(t, names, request.Get(t, "dnsNames"))
	certificate := run.Find(t, "LocallySignedCert", "secrets-tls-g1-certificate")
	assert.Contains(t, certificate.Get(t, "caPrivateKeyPem"), generated(t, run, "secrets-ca-g1-key", "privateKeyPem"), "signed by the CA")
	assert.EqualValues(t, 365*24, certificate.Get(t, "validityPeriodHours"))
	assert.EqualValues(t, 30*24, certificate.Get(t, "earlyRenewalHours"))
	assert.Contains(t, certificate.Get(t, "allowedUses"), "server_auth")
	authority := run.Find(t, "SelfSignedCert", "secrets-ca-g1-certificate")
	assert.Equal(t, true, authority.Get(t, "isCaCertificate"))
	assert.Contains(t, authority.Get(t, "allowedUses"), "cert_signing")
	assert.Greater(t, authority.Get(t, "validityPeriodHours"), certificate.Get(t, "validityPeriodHours"))
}

func TestExistingCertificateIsMountedInsteadOfOurs(t *testing.T) {
	config := stacktest.Load(t, "prod").Set(t, "tls.mode", "existing").Set(t, "tls.secretName", "theirs")
	for _, mode := range modes {
		run := deploy(t, config, mode.preview)
		for _, kind := range []string{"CertRequest", "SelfSignedCert", "LocallySignedCert"} {
			assert.Empty(t, run.OfKind(kind), "%s: %s", mode.name, kind)
		}
		assert.Len(t, run.OfKind("PrivateKey"), 2, "only the one that signs tokens, and the next one")
		assert.Nil(t, run.Lookup("Secret", "secrets-public-tls"), "the one beside the gateway is kept by others, too")
		for _, name := range []string{"consent-service-stable", "psi-service-stable", "model-serving-stable"} {
			volume := volumeNamed(t, run.Find(t, "Deployment", name), "certs")
			assert.Equal(t, "theirs", volume["secret"].(map[string]any)["secretName"], name)
		}
	}
}

// TestConnectionURLs reads the URLs as a client does.
func TestConnectionURLs(t *testing.T) {
	redisHosts := map[string]string{"dev": "redis", "local": "redis", "prod": "redis-master"}
	for _, stack := range stacktest.Stacks() {
		t.Run(stack, func(t *testing.T) {
			run := deployFile(t, stack, false)
			for service, database := range map[string]string{"consent-service": "/0", "psi-service": "/1", "model-serving": "/2"} {
				address, err := url.Parse(entry(t, run.Find(t, "Secret", service+"-env"), "REDIS_URL"))
				require.NoError(t, err)
				assert.Equal(t, "redis", address.Scheme)
				assert.Equal(t, redisHosts[stack]+".federated-risk.svc.cluster.local:6379", address.Host, "the Service that follows the master")
				assert.Equal(t, database, address.Path, "%s has a database of its own", service)
				assert.Equal(t, "service_a", address.User.Username(), "not the user that the servers use among themselves")
				password, _ := address.User.Password()
				assert.Equal(t, generated(t, run, "secrets-redis-service-a-g1-password", "result"), password)
			}
			for _, service := range []string{"consent-service", "model-serving"} {
				address, err := url.Parse(entry(t, run.Find(t, "Secret", service+"-env"), "DATABASE_URL"))
				require.NoError(t, err)
				assert.Equal(t, "postgresql", address.Scheme)
				assert.Equal(t, "postgres-rw.federated-risk.svc.cluster.local:5432", address.Host, "the Service of the primary")
				assert.Equal(t, "/federated_risk", address.Path)
				assert.Equal(t, "federated_risk_a", address.User.Username(), "the owner cannot log in")
				password, _ := address.User.Password()
				assert.Equal(t, generated(t, run, "secrets-postgres-federated-risk-a-g1-password", "result"), password)
				assert.Equal(t, url.Values{"sslmode": {"require"}, "options": {"-c role=federated_risk"}}, address.Query())
				assert.NotContains(t, address.RawQuery, "+", "libpq does not read a plus sign as a space")
			}
		})
	}
}

func entries(t testing.TB, secret *stacktest.Resource) []string {
	t.Helper()
	data, ok := secret.Get(t, "data").(map[string]any)
	require.True(t, ok, "%s has no data", secret.Name)
	var names []string
	for name := range data {
		names = append(names, name)
	}
	return names
}

// entry returns the plain text of one entry of a Secret.
func entry(t testing.TB, secret *stacktest.Resource, name string) string {
	t.Helper()
	plain, ok := secret.SecretData(t)[name]
	require.True(t, ok, "%s has no entry %s", secret.Name, name)
	return plain
}

// generated returns the text of a secret that a provider made up.
func generated(t testing.TB, run *stacktest.Run, name, property string) string {
	t.Helper()
	for _, secret := range run.Generated {
		if secret.Resource == name && secret.Property == property {
			return secret.Text
		}
	}
	require.Fail(t, "nothing generated", "%s of %s; there is %s", property, name, strings.Join(names(run.Resources), ", "))
	return ""
}

func names(resources []*stacktest.Resource) []string {
	var all []string
	for _, r := range resources {
		all = append(all, r.Name)
	}
	return all
}

func volumeNamed(t testing.TB, deployment *stacktest.Resource, name string) map[string]any {
	t.Helper()
	volumes, _ := deployment.Get(t, "spec.template.spec.volumes").([]any)
	for _, volume := range volumes {
		if volume, ok := volume.(map[string]any); ok && volume["name"] == name {
			return volume
		}
	}
	require.Fail(t, "no such volume", "%s has no volume %s", deployment.Name, name)
	return nil
}
