package charts_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestChartsAcceptTheValuesOfTheProgram renders each chart with the values of every release of every stack, schema
// first. The program's own tests (tests/values_test.go) keep the file equal to what the program sets.
func TestChartsAcceptTheValuesOfTheProgram(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "..", "testdata", "release-values.json"))
	require.NoError(t, err)
	var stacks map[string]map[string]struct {
		Chart  string          `json:"chart"`
		Values json.RawMessage `json:"values"`
	}
	require.NoError(t, json.Unmarshal(content, &stacks))
	require.Contains(t, stacks, "prod with everything")
	tested := map[string]bool{}
	for stack, releases := range stacks {
		for name, release := range releases {
			require.True(t, slices.Contains(chartNames, release.Chart), "%s: %s has the chart %s, which is not here", stack, name, release.Chart)
			found, err := render(t, release.Chart, name, string(release.Values))
			if assert.NoError(t, err, "%s: %s", stack, name) && release.Chart != crdsChart {
				assert.NotEmpty(t, found, "%s: %s", stack, name)
			}
			tested[release.Chart] = true
		}
	}
	for _, chart := range chartNames {
		assert.True(t, tested[chart], "no release of the program uses %s", chart)
	}
}
