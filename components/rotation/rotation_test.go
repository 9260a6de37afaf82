package rotation

import (
	"errors"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func recorded() resource.PropertyMap {
	return resource.NewPropertyMapFromMap(map[string]any{
		generationsInput: map[string]any{"jwt": 3, "database": 2},
		thresholdsInput:  map[string]any{"jwtRevoked": 1},
		retiredInput:     map[string]any{"encryptionRetired": []any{1, 2}},
	})
}

func TestOnlyGrows(t *testing.T) {
	for name, c := range map[string]struct {
		jwt, database, revoked int
		retired                []int
		want                   []string
	}{
		"nothing":             {3, 2, 1, []int{1, 2}, nil},
		"one step each":       {4, 3, 3, []int{1, 2, 3}, nil},
		"another order":       {3, 2, 1, []int{2, 1}, nil},
		"back":                {2, 2, 1, []int{1, 2}, []string{"risk:rotation.jwt: 2: must not be less than 3, which the stack has reached: generations only grow. Set it to 3"}},
		"two steps":           {3, 4, 1, []int{1, 2}, []string{"risk:rotation.database: 4: must be 3 at most"}},
		"a revocation undone": {3, 2, 0, []int{1, 2}, []string{"risk:rotation.jwtRevoked: 0: must not be less than 1"}},
		"a retirement undone": {3, 2, 1, []int{2}, []string{"risk:rotation.encryptionRetired: must contain 1"}},
		"all retirements undone": {3, 2, 1, nil, []string{
			"risk:rotation.encryptionRetired: must contain 1", "risk:rotation.encryptionRetired: must contain 2",
		}},
		"everything at once": {1, 1, 0, []int{1}, []string{
			"risk:rotation.database: 1: must not", "risk:rotation.jwt: 1: must not", "risk:rotation.jwtRevoked: 0", "must contain 2",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			args := &Args{
				Path: "risk:rotation", Generations: map[string]int{"jwt": c.jwt, "database": c.database},
				Thresholds: map[string]int{"jwtRevoked": c.revoked}, Retired: map[string][]int{"encryptionRetired": c.retired},
			}
			err := args.onlyGrows(&pulumi.ResourceHookArgs{OldInputs: recorded()})
			if c.want == nil {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			lines := strings.Split(err.Error(), "\n")
			require.Len(t, lines, len(c.want), err)
			for i, want := range c.want {
				assert.Contains(t, lines[i], want)
			}
		})
	}
}

func TestWhatIsRetiredIsAskedAboutOnce(t *testing.T) {
	var asked [][]int
	args := &Args{
		Path: "risk:rotation", Retired: map[string][]int{"encryptionRetired": {1, 2, 3, 4}},
		MayRetire: func(key string, generations []int) error {
			assert.Equal(t, "encryptionRetired", key)
			asked = append(asked, generations)
			return errors.New("not yet")
		},
	}
	require.EqualError(t, args.onlyGrows(&pulumi.ResourceHookArgs{OldInputs: recorded()}), "risk:rotation.encryptionRetired: not yet")
	assert.Equal(t, [][]int{{3, 4}}, asked, "the first two have been")
	args.Retired["encryptionRetired"] = []int{2, 1}
	require.NoError(t, args.onlyGrows(&pulumi.ResourceHookArgs{OldInputs: recorded()}))
	assert.Len(t, asked, 1)
}

func TestWhatIsLockedStays(t *testing.T) {
	args := &Args{Path: "risk:rotation", Generations: map[string]int{"jwt": 4, "database": 3}, Locked: map[string]string{"database": "not now"}}
	err := args.onlyGrows(&pulumi.ResourceHookArgs{OldInputs: recorded()})
	require.EqualError(t, err, "risk:rotation.database: 3: must stay 2: not now")
	args.Generations["database"] = 2
	require.NoError(t, args.onlyGrows(&pulumi.ResourceHookArgs{OldInputs: recorded()}))
}

// TestWhatWasNotRecordedMayBeAnything: a stack that is older than a key of the record.
func TestWhatWasNotRecordedMayBeAnything(t *testing.T) {
	args := &Args{Path: "risk:rotation", Generations: map[string]int{"tls": 7}, Retired: map[string][]int{"other": {1}}}
	for _, old := range []resource.PropertyMap{nil, {}, recorded(), resource.NewPropertyMapFromMap(map[string]any{generationsInput: "x"})} {
		assert.NoError(t, args.onlyGrows(&pulumi.ResourceHookArgs{OldInputs: old}))
	}
}

func TestCheck(t *testing.T) {
	require.EqualError(t, (*Args)(nil).check(), "args is nil")
	err := (&Args{Generations: map[string]int{"jwt": 0}, Thresholds: map[string]int{"jwtRevoked": -1}}).check()
	for _, want := range []string{"args.Path is empty", `args.Generations["jwt"] is 0`, `args.Thresholds["jwtRevoked"] is -1`} {
		require.ErrorContains(t, err, want)
	}
	_, err = New(nil, "rotation", nil)
	assert.EqualError(t, err, `rotation "rotation": args is nil`)
}
