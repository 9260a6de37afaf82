package localonly_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/random"
	"github.com/federated-risk/federated-risk/tests/sandbox/tls"
)

// Whatever a program gives, Check answers without a panic, and what it lets through can be created.
func FuzzCheck(f *testing.F) {
	providers := map[tokens.Type]plugin.Provider{
		"random:index/randomPassword:RandomPassword":    random.NewProvider(),
		"random:index/randomString:RandomString":        random.NewProvider(),
		"random:index/randomBytes:RandomBytes":          random.NewProvider(),
		"random:index/randomId:RandomId":                random.NewProvider(),
		"random:index/randomUuid:RandomUuid":            random.NewProvider(),
		"random:index/randomInteger:RandomInteger":      random.NewProvider(),
		"tls:index/privateKey:PrivateKey":               tls.NewProvider(time.Now),
		"tls:index/certRequest:CertRequest":             tls.NewProvider(time.Now),
		"tls:index/selfSignedCert:SelfSignedCert":       tls.NewProvider(time.Now),
		"tls:index/locallySignedCert:LocallySignedCert": tls.NewProvider(time.Now),
	}
	key, err := providers["tls:index/privateKey:PrivateKey"].Create(f.Context(), plugin.CreateRequest{
		Type: "tls:index/privateKey:PrivateKey", Properties: resource.NewPropertyMapFromMap(map[string]any{"algorithm": "ED25519"}),
	})
	require.NoError(f, err)
	pem, err := json.Marshal(key.Properties["privateKeyPem"].SecretValue().Element.StringValue())
	require.NoError(f, err)
	for _, seed := range []string{
		`{}`, `[]`, `null`, `{"length": 8, "keepers": {"a": null, "b": [1]}}`, `{"length": 1e300}`, `{"length": -0.5, "minUpper": 1e15}`,
		`{"length": 3, "overrideSpecial": "\u0000\ud800", "minSpecial": 3}`, `{"min": -9007199254740992, "max": 9007199254740992, "seed": "x"}`,
		`{"byteLength": 1, "prefix": {}}`, `{"algorithm": "ECDSA", "ecdsaCurve": null}`,
		`{"privateKeyPem": ` + string(pem) + `, "validityPeriodHours": 2540400, "allowedUses": ["any_extended", "cert_signing"], "isCaCertificate": true, "maxPathLength": 255, "subject": {"commonName": "\u0000", "streetAddresses": [null], "emailAddress": "é"}, "dnsNames": ["a"], "uris": ["::"], "ipAddresses": ["::1", "10.0.0.300"]}`,
		`{"privateKeyPem": ` + string(pem) + `, "subject": {"serialNumber": "` + "\xff" + `"}}`,
		`{"caPrivateKeyPem": ` + string(pem) + `, "caCertPem": "", "certRequestPem": [], "validityPeriodHours": 1, "allowedUses": {}}`,
	} {
		for wrapping := range byte(4) {
			f.Add([]byte(seed), wrapping)
		}
	}
	f.Fuzz(func(t *testing.T, given []byte, wrapping byte) {
		var decoded any
		if json.Unmarshal(given, &decoded) != nil {
			return
		}
		properties, ok := decoded.(map[string]any)
		if !ok {
			return
		}
		news := resource.NewPropertyMapFromMap(properties)
		for name, value := range news {
			news[name] = wrap(value, wrapping)
		}
		for kind, provider := range providers {
			urn := resource.NewURN("stack", "project", "", kind, "fuzzed")
			checked, err := provider.Check(t.Context(), plugin.CheckRequest{URN: urn, Type: kind, News: news})
			require.NoError(t, err)
			if len(checked.Failures) > 0 {
				continue
			}
			if number := checked.Properties["rsaBits"]; number.IsNumber() && number.NumberValue() > 2048 {
				continue
			}
			preview := checked.Properties.ContainsUnknowns()
			created, err := provider.Create(t.Context(), plugin.CreateRequest{URN: urn, Type: kind, Properties: checked.Properties, Preview: preview})
			if err != nil {
				continue
			}
			diff, err := provider.Diff(t.Context(), plugin.DiffRequest{URN: urn, Type: kind, OldInputs: checked.Properties, OldOutputs: created.Properties, NewInputs: checked.Properties})
			require.NoError(t, err)
			if checked.Properties["validityPeriodHours"].IsNull() && !preview {
				require.Equal(t, plugin.DiffNone, diff.Changes, "%v", checked.Properties)
			}
		}
	})
}

// wrap dresses a value up as the engine may.
func wrap(value resource.PropertyValue, wrapping byte) resource.PropertyValue {
	switch wrapping % 4 {
	case 1:
		return resource.MakeSecret(value)
	case 2:
		return resource.NewProperty(resource.Output{Element: value, Known: true, Secret: true})
	case 3:
		if value.IsNumber() {
			return resource.NewProperty(math.NaN())
		}
		return resource.MakeComputed(resource.NewProperty(""))
	default:
		return value
	}
}
