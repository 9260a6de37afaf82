package e2e

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/federated-risk/federated-risk/tests/sandbox/e2e/platformtest"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

// publicEntries of the platform's Secrets are for everyone to see.
var publicEntries = map[string]bool{"tls.crt": true, "ca.crt": true, "public.pem": true, "username": true}

// leastSecrets are two database roles' passwords, Redis's, Grafana's, the JWT key, the certificate's key, the encryption
// key, and the URLs of three services.
const leastSecrets = 10

// noSecretShows looks for every secret value of the platform wherever somebody without access to secrets might look.
func (s *suite) noSecretShows(t *testing.T) {
	s.noneShows(t, s.secretValues(t))
}

func (s *suite) noneShows(t *testing.T, search needles) {
	t.Helper()
	require.GreaterOrEqual(t, len(search), leastSecrets)
	requireSuccess(t, s.Preview(t.Context(), optpreview.Diff()))
	preview, err := s.CLI.Output(t.Context(), "preview", "--stack", workspace.Stack, "--json", "--show-replacement-steps")
	require.NoError(t, err)
	search.in(t, "pulumi preview --json", preview)
	outputs, err := s.CLI.Output(t.Context(), "stack", "output", "--stack", workspace.Stack, "--json")
	require.NoError(t, err)
	search.in(t, "pulumi stack output --json", outputs)
	search.in(t, "what the engine printed and reported", s.Transcript())
	s.searchFiles(t, search)
	s.searchCluster(t, search)
}

// noSecretInTranscript does the same for what was said since, after everything has been destroyed: the first search
// would have nothing to look for.
func (s *suite) noSecretInTranscript(t *testing.T) {
	for _, mark := range []string{"PRIVATE KEY", base64.StdEncoding.EncodeToString([]byte("-----BEGIN RSA PRIVATE"))} {
		assert.NotContains(t, s.Transcript(), mark, "the engine showed a private key")
	}
}

// needles are the forms in which a secret may show, by where it comes from.
type needles map[string][]string

// add adds others, which may have been there at another time under the same names.
func (n needles) add(others needles) {
	for secret, forms := range others {
		n[secret] = slices.Compact(slices.Sorted(slices.Values(slices.Concat(n[secret], forms))))
	}
}

func (n needles) in(t *testing.T, place, haystack string) {
	t.Helper()
	require.NotEmpty(t, haystack, place)
	for secret, forms := range n {
		for _, form := range forms {
			if strings.Contains(haystack, form) {
				assert.Fail(t, place+" shows "+secret)
				break
			}
		}
	}
}

// secretValues reads the secrets from the cluster and from the decrypted state.
func (s *suite) secretValues(t *testing.T) needles {
	t.Helper()
	secret, public := s.generatedValues(t)
	list, err := s.kube.CoreV1().Secrets(namespace).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	for _, object := range list.Items {
		// What a chart generates for itself is in Helm's record of the release.
		if object.Labels["owner"] == "helm" || object.Labels["app.kubernetes.io/managed-by"] == "Helm" {
			continue
		}
		for entry, value := range object.Data {
			if publicEntries[entry] {
				public += string(value)
			} else {
				secret[fmt.Sprintf("entry %s of Secret %s", entry, object.Name)] = string(value)
			}
		}
	}
	search := needles{}
	for name, value := range secret {
		for _, form := range forms(value) {
			// A private key holds the public one, and some lines of the two are the same.
			if !strings.Contains(public, form) {
				search[name] = append(search[name], form)
			}
		}
		require.NotEmpty(t, search[name], "%s is public", name)
	}
	return search
}

// generatedValues are the secret outputs of the resources that generate something, and all their public ones as one text.
func (s *suite) generatedValues(t *testing.T) (secret map[string]string, public string) {
	t.Helper()
	// This is the one command that is meant to show secrets.
	exported, err := s.CLI.Output(t.Context(), "stack", "export", "--stack", workspace.Stack, "--show-secrets")
	require.NoError(t, err)
	var state struct {
		Deployment struct {
			Resources []struct {
				URN     string         `json:"urn"`
				Type    string         `json:"type"`
				Outputs map[string]any `json:"outputs"`
			} `json:"resources"`
		} `json:"deployment"`
	}
	require.NoError(t, json.Unmarshal([]byte(exported), &state))
	secret = map[string]string{}
	for _, resource := range state.Deployment.Resources {
		if !strings.HasPrefix(resource.Type, "random:") && !strings.HasPrefix(resource.Type, "tls:") {
			continue
		}
		for name, output := range resource.Outputs {
			switch output := output.(type) {
			case string:
				public += output + publicKeyForm(output)
			case map[string]any:
				encoded, isSecret := output["plaintext"].(string)
				if !isSecret {
					continue
				}
				var plain any
				require.NoError(t, json.Unmarshal([]byte(encoded), &plain))
				if text, isText := plain.(string); isText && text != "" {
					secret[fmt.Sprintf("output %s of %s", name, resource.URN)] = text
				}
			}
		}
	}
	require.NotEmpty(t, secret)
	return secret, public
}

// publicKeyForm is how the JSON Web Key Set writes a public key's modulus, with more at both ends: in base64url without
// line breaks. In the PEM of the private key the modulus begins at the same place of a group of three bytes, so that a line
// of it without "+" and "/" is found in the key set, too.
func publicKeyForm(text string) string {
	if !strings.HasPrefix(text, "-----BEGIN PUBLIC KEY-----") {
		return ""
	}
	return strings.NewReplacer("\n", "", "+", "-", "/", "_").Replace(text)
}

// forms are the ways in which a value may be written: plain, in base64, in JSON, in a URL; of a PEM block, whose line
// breaks may be written in many ways, the last full lines.
func forms(value string) []string {
	all := []string{value, base64.StdEncoding.EncodeToString([]byte(value)), url.QueryEscape(value)}
	if quoted, err := json.Marshal(value); err == nil {
		all = append(all, strings.Trim(string(quoted), `"`))
	}
	if strings.Contains(value, "PRIVATE KEY") {
		var full []string
		for line := range strings.Lines(value) {
			if line = strings.TrimSpace(line); len(line) == pemLineLength {
				full = append(full, line)
			}
		}
		all = append(all, full[max(0, len(full)-pemLines):]...)
	}
	return all
}

const (
	pemLineLength = 64
	// pemLines are enough of a key to look for: whoever shows it shows all of them, and there are a thousand files to search.
	pemLines = 4
)

// searchFiles looks into every file of the sandbox but the cluster's own data.
func (s *suite) searchFiles(t *testing.T, search needles) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(s.Workspace.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path == s.Workspace.ClusterDir() || entry.Name() == "plugins" {
			return filepath.SkipDir
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.HasPrefix(path, s.Workspace.State()) && strings.HasSuffix(path, ".gz") {
			content = gunzip(t, content)
		}
		if len(content) > 0 {
			files++
			search.in(t, "file "+strings.TrimPrefix(path, s.Workspace.Dir), string(content))
		}
		return nil
	})
	require.NoError(t, err)
	require.Positive(t, files)
}

// searchCluster looks into every object but the Secrets, and into Helm's records, which are Secrets but hold values.
func (s *suite) searchCluster(t *testing.T, search needles) {
	t.Helper()
	isSecret := func(object platformtest.Object) bool { return object.Kind == "secrets" }
	for key, object := range s.settled(t).Where(func(object platformtest.Object) bool { return !isSecret(object) }) {
		content, err := object.Content.MarshalJSON()
		require.NoError(t, err)
		search.in(t, key, string(content))
	}
	list, err := s.kube.CoreV1().Secrets("").List(t.Context(), metav1.ListOptions{LabelSelector: "owner=helm"})
	require.NoError(t, err)
	require.NotEmpty(t, list.Items)
	for _, secret := range list.Items {
		search.in(t, "release "+secret.Name, string(releaseRecord(t, secret)))
	}
}

// releaseRecord decodes Helm's record of a release: base64 of gzip of JSON.
func releaseRecord(t *testing.T, secret corev1.Secret) []byte {
	t.Helper()
	compressed, err := base64.StdEncoding.DecodeString(string(secret.Data["release"]))
	require.NoError(t, err)
	record := gunzip(t, compressed)
	require.True(t, json.Valid(record), "release %s", secret.Name)
	return record
}

func gunzip(t *testing.T, content []byte) []byte {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(content))
	require.NoError(t, err)
	plain, err := io.ReadAll(reader)
	require.NoError(t, err)
	return plain
}
