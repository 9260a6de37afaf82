package mesh

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/federated-risk/federated-risk/tests/sandbox/istio"
	"github.com/federated-risk/federated-risk/tests/sandbox/rendertest"
)

// accepted are the findings that a stack may have, "<code> <kind>" with the reason.
var accepted = map[string]string{}

// TestStacksPassIstioctlAnalyze has Istio's linter judge the manifests of each stack: no error and no warning.
func TestStacksPassIstioctlAnalyze(t *testing.T) {
	for _, stack := range []string{"dev", "prod", "local"} {
		t.Run(stack, func(t *testing.T) {
			assert.Empty(t, findings(t, analyzed(t, stack)))
		})
	}
}

// TestIstioctlAnalyzeFinds breaks a stack's manifests, one fault at a time: a judge that finds nothing proves nothing.
func TestIstioctlAnalyzeFinds(t *testing.T) {
	for name, fault := range map[string]struct {
		kind   string
		change func(t *testing.T, object *unstructured.Unstructured) (keep bool)
		want   string
	}{
		"a destination that is no Service": {"VirtualService", func(t *testing.T, object *unstructured.Unstructured) bool {
			editDestinations(t, object, func(destination map[string]any) { destination["host"] = "nobody.federated-risk.svc.cluster.local" })
			return true
		}, "IST0101"},
		"a subset that no DestinationRule has": {"VirtualService", func(t *testing.T, object *unstructured.Unstructured) bool {
			editDestinations(t, object, func(destination map[string]any) { destination["subset"] = "missing" })
			return true
		}, "IST0101"},
		"no Gateway": {"Gateway", func(*testing.T, *unstructured.Unstructured) bool { return false }, "IST0101"},
		"a weight below zero": {"VirtualService", func(t *testing.T, object *unstructured.Unstructured) bool {
			editShares(t, object, func(share map[string]any) { share["weight"] = int64(-1) })
			return true
		}, "IST0106"},
	} {
		t.Run(name, func(t *testing.T) {
			var objects []*unstructured.Unstructured
			changed := 0
			for _, object := range analyzed(t, "local") {
				keep := true
				if object.GetKind() == fault.kind {
					keep = fault.change(t, object)
					changed++
				}
				if keep {
					objects = append(objects, object)
				}
			}
			require.NotZero(t, changed)
			assert.Contains(t, strings.Join(findings(t, objects), "\n"), fault.want)
		})
	}
}

// TestGatewaysHaveTheirCertificates makes up for istioctl, which has an analyzer for it that stays silent on files.
func TestGatewaysHaveTheirCertificates(t *testing.T) {
	for _, stack := range []string{"dev", "prod", "local"} {
		t.Run(stack, func(t *testing.T) {
			objects := rendertest.Objects(t, stack)
			names := credentials(t, objects)
			require.NotEmpty(t, names)
			for _, name := range names {
				assert.True(t, slices.ContainsFunc(objects, func(object *unstructured.Unstructured) bool {
					kind, _, _ := unstructured.NestedString(object.Object, "type")
					return object.GetKind() == "Secret" && kind == "kubernetes.io/tls" && object.GetName() == name && object.GetNamespace() == gatewayNamespace
				}), "no Secret %s for the gateway in %s", name, gatewayNamespace)
			}
		})
	}
}

// credentials are the names of the Secrets that the Gateways serve with.
func credentials(t *testing.T, objects []*unstructured.Unstructured) []string {
	t.Helper()
	var names []string
	for _, object := range objects {
		servers, _, err := unstructured.NestedSlice(object.Object, "spec", "servers")
		if object.GetKind() != "Gateway" {
			continue
		}
		require.NoError(t, err)
		for _, server := range servers {
			if name, found, _ := unstructured.NestedString(server.(map[string]any), "tls", "credentialName"); found {
				names = append(names, name)
			}
		}
	}
	return names
}

// analyzed are a stack's objects and those of the cluster that they refer to.
func analyzed(t *testing.T, stack string) []*unstructured.Unstructured {
	t.Helper()
	objects := append(rendertest.Objects(t, stack), manifest(t, gatewayManifest)...)
	for _, object := range objects {
		if kind, _, _ := unstructured.NestedString(object.Object, "type"); object.GetKind() == "Secret" && kind == "kubernetes.io/tls" {
			require.NoError(t, unstructured.SetNestedMap(object.Object, certificate(t), "data"))
		}
	}
	return objects
}

// findings are the errors and warnings that are not accepted.
func findings(t *testing.T, objects []*unstructured.Unstructured) []string {
	t.Helper()
	messages, err := istio.Analyze(t.Context(), start(t).settings, objects)
	require.NoError(t, err)
	var found []string
	for _, message := range messages {
		kind, _, _ := strings.Cut(message.Origin, " ")
		if _, known := accepted[message.Code+" "+kind]; !known && message.Level != "Info" {
			found = append(found, fmt.Sprintf("%s %s: %s: %s", message.Level, message.Code, message.Origin, message.Text))
		}
	}
	return found
}

// certificate stands for those that the renderer leaves out because they are secret.
func certificate(t *testing.T) map[string]any {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), NotBefore: time.Now().Add(-time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	encode := func(kind string, content []byte) string {
		return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}))
	}
	return map[string]any{"tls.crt": encode("CERTIFICATE", certificate), "tls.key": encode("PRIVATE KEY", private)}
}
