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
		assert.True(t, hasKey(configModel(t), strings.Split(match[1], ".")), "%s is no config key", match[0])
	}
	files := fileInText.FindAllStringSubmatch(string(content), -1)
	require.NotEmpty(t, files)
	for _, match := range files {
		_, err := os.Stat("../" + match[1])
		assert.NoError(t, err, match[0])
	}
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
