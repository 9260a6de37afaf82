package stacks_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	keyInText  = regexp.MustCompile("`federated-risk:([^`]+)`")
	fileInText = regexp.MustCompile("`((?:stacks|components|internal|tests|docs|schema)/[A-Za-z0-9_./-]+)`")
)

// TestRunbookMapNamesWhatExists: a config key or file that docs/runbook-map.md names is there.
func TestRunbookMapNamesWhatExists(t *testing.T) {
	content, err := os.ReadFile("../docs/runbook-map.md")
	require.NoError(t, err)
	keys := keyInText.FindAllStringSubmatch(string(content), -1)
	require.Greater(t, len(keys), 20)
	for _, match := range keys {
		if path := strings.Split(match[1], "."); !arriving(t, path) {
			assert.True(t, hasKey(configModel(t), path), "%s is no config key", match[0])
		}
	}
	files := fileInText.FindAllStringSubmatch(string(content), -1)
	require.NotEmpty(t, files)
	for _, match := range files {
		_, err := os.Stat("../" + match[1])
		assert.NoError(t, err, match[0])
	}
}

// arrivals are trees that the map names ahead of the change that brings them. What is below one is checked as soon as
// the tree is there; then its line here has done its duty.
var arrivals = []string{
	"app", "images", "ingress", "policy", "postgres.backup", "postgres.recovery", "tls.issuer", "tls.publicSecretName",
	"services.<name>.autoscaling", "services.<name>.reencryption", "services.<name>.scratch", "services.<name>.standby",
	"services.<name>.traffic", "services.<name>.canary.mirror", "services.<name>.volume.retain",
}

func arriving(t *testing.T, path []string) bool {
	t.Helper()
	for _, tree := range arrivals {
		root := strings.Split(tree, ".")
		if len(path) >= len(root) && strings.Join(path[:len(root)], ".") == tree {
			return !hasKey(configModel(t), root)
		}
	}
	return false
}

// hasKey says whether a path, with <name> or a real name for the keys of a map, leads to a key at or below k.
func hasKey(k *configKey, path []string) bool {
	if len(path) == 0 {
		return true
	}
	for _, child := range k.children {
		fits := child.name() == path[0]
		if k.kind() == reflect.Map && len(k.path) > 0 {
			fits = fits || len(k.rules.names) == 0 || strings.Contains(" "+strings.Join(k.rules.names, " ")+" ", " "+path[0]+" ")
		}
		if fits && hasKey(child, path[1:]) {
			return true
		}
	}
	return false
}
