package tests

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/stacks"
	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// setting is a key and the values that the schema allows, as the command line gives them.
type setting struct {
	path   string
	values []string
}

// possibleSettings lists every key of the config's schema that has a small choice of values, so that a new one is tried as well.
func possibleSettings(t *testing.T) []setting {
	t.Helper()
	text, err := os.ReadFile("../schema/stack.schema.json")
	require.NoError(t, err)
	var schema map[string]any
	require.NoError(t, json.Unmarshal(text, &schema))
	properties := schema["properties"].(map[string]any)["config"].(map[string]any)["properties"].(map[string]any)
	var found []setting
	for key, node := range properties {
		found = append(found, below(strings.TrimPrefix(key, stacks.Project+":"), node.(map[string]any))...)
	}
	slices.SortFunc(found, func(a, b setting) int { return strings.Compare(a.path, b.path) })
	require.Greater(t, len(found), 80)
	return found
}

func below(path string, node map[string]any) (found []setting) {
	if properties, ok := node["properties"].(map[string]any); ok {
		for name, child := range properties {
			found = append(found, below(path+"."+name, child.(map[string]any))...)
		}
		return found
	}
	var values []string
	switch enum, isEnum := node["enum"].([]any); {
	case isEnum:
		for _, value := range enum {
			values = append(values, value.(string))
		}
	case node["type"] == "boolean":
		values = []string{"true", "false"}
	case node["type"] == "integer":
		least, most := node["minimum"].(float64), node["maximum"].(float64)
		for _, value := range []float64{least, least + 1, 3, 10, 100, most - 1, most} {
			if value >= least && value <= most && value < 1e9 {
				values = append(values, strconv.FormatInt(int64(value), 10))
			}
		}
	case strings.HasSuffix(path, ".cpu"), strings.HasSuffix(path, ".memory"), strings.HasSuffix(path, ".size"):
		values = []string{"250m", "64Mi", "3Gi", "40Gi"}
	case strings.HasSuffix(path, ".image"):
		values = []string{"registry.example.com/risk/other:2", "registry.example.com/risk/other"}
	default:
		return nil
	}
	return []setting{{path, values}}
}

// TestEveryAcceptedConfigDeploys draws configs at random, the same ones at each run. The program either names the faults
// of one before it declares anything, or declares it to the end.
func TestEveryAcceptedConfigDeploys(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // must be the same at each run
	choice := possibleSettings(t)
	accepted, refused := 0, 0
	for round := range 120 {
		stack := stacktest.Stacks()[round%len(stacktest.Stacks())]
		config := stacktest.Load(t, stack)
		var drawn []string
		for range 1 + chance.IntN(5) {
			key := choice[chance.IntN(len(choice))]
			value := key.values[chance.IntN(len(key.values))]
			config.Set(t, key.path, value)
			drawn = append(drawn, key.path+"="+value)
		}
		run := execute(t, config, round%2 == 0)
		var invalid *stacks.InvalidConfigError
		switch {
		case run.Err == nil:
			accepted++
			assert.NotEmpty(t, run.Resources, drawn)
			assert.Empty(t, run.Leaks(), drawn)
		case errors.As(run.Err, &invalid):
			refused++
			assert.Empty(t, run.Resources, drawn)
		default:
			require.NoError(t, run.Err, "stack %s with %s", stack, drawn)
		}
	}
	t.Logf("%d configs deployed, %d refused", accepted, refused)
	assert.Greater(t, accepted, 5)
	assert.Greater(t, refused, 5)
}
