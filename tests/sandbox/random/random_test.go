package random_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"testing"

	googleuuid "github.com/google/uuid"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"github.com/federated-risk/federated-risk/tests/sandbox/localonly/localonlytest"
	"github.com/federated-risk/federated-risk/tests/sandbox/random"
)

const (
	password tokens.Type = "random:index/randomPassword:RandomPassword"
	text     tokens.Type = "random:index/randomString:RandomString"
	bytes    tokens.Type = "random:index/randomBytes:RandomBytes"
	id       tokens.Type = "random:index/randomId:RandomId"
	uuid     tokens.Type = "random:index/randomUuid:RandomUuid"
	integer  tokens.Type = "random:index/randomInteger:RandomInteger"
)

const (
	upper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower   = "abcdefghijklmnopqrstuvwxyz"
	numeric = "0123456789"
	special = "!@#$%&*()-_=+[]{}<>:?"
)

type inputs = map[string]any

func properties(from inputs) resource.PropertyMap { return resource.NewPropertyMapFromMap(from) }

func connect(t *testing.T) *localonlytest.Engine {
	t.Helper()
	return localonlytest.Connect(t, random.NewProvider())
}

func count(text, chars string) int {
	n := 0
	for _, r := range text {
		if strings.ContainsRune(chars, r) {
			n++
		}
	}
	return n
}

func TestTextDrawsFromTheClassesAskedFor(t *testing.T) {
	engine := connect(t)
	for name, test := range map[string]struct {
		given   inputs
		charset string
		minimum map[string]int
	}{
		"defaults":         {inputs{"length": 200}, upper + lower + numeric + special, nil},
		"no special":       {inputs{"length": 200, "special": false}, upper + lower + numeric, nil},
		"override":         {inputs{"length": 200, "overrideSpecial": "-_~"}, upper + lower + numeric + "-_~", nil},
		"override ignored": {inputs{"length": 200, "overrideSpecial": "~", "special": false}, upper + lower + numeric, nil},
		"empty override":   {inputs{"length": 200, "overrideSpecial": ""}, upper + lower + numeric + special, nil},
		"digits":           {inputs{"length": 200, "special": false, "upper": false, "lower": false}, numeric, nil},
		"number is old":    {inputs{"length": 200, "number": false, "special": false}, upper + lower, nil},
		"minimums": {inputs{"length": 20, "minUpper": 5, "minLower": 5, "minNumeric": 5, "minSpecial": 5}, upper + lower + numeric + special,
			map[string]int{upper: 5, lower: 5, numeric: 5, special: 5}},
		"minimum of one": {inputs{"length": 8, "minNumeric": 7}, upper + lower + numeric + special, map[string]int{numeric: 7}},
		"beyond ASCII":   {inputs{"length": 200, "overrideSpecial": "äé漢"}, upper + lower + numeric + "äé漢", nil},
	} {
		t.Run(name, func(t *testing.T) {
			state := engine.Up(text, properties(test.given))
			result := state.Output("result").(string)
			assert.Len(t, []rune(result), test.given["length"].(int))
			assert.Equal(t, len([]rune(result)), count(result, test.charset), "a character from elsewhere in %q", result)
			for chars, minimum := range test.minimum {
				assert.GreaterOrEqual(t, count(result, chars), minimum, "too few of %s in %q", chars, result)
			}
			if test.minimum == nil {
				for _, class := range []string{upper, lower, numeric} {
					if strings.Contains(test.charset, class) {
						assert.Positive(t, count(result, class), "none of %s in 200 characters", class)
					}
				}
			}
		})
	}
}

// Each of 62 characters is expected 1000 times: chi-squared with 61 degrees of freedom stays below 130 but for one run
// in a million. Drawing a byte modulo 62 gives over 1500.
func TestTextIsUnbiased(t *testing.T) {
	result := connect(t).Up(text, properties(inputs{"length": 62_000, "special": false})).Output("result").(string)
	chiSquared := 0.0
	for _, char := range upper + lower + numeric {
		difference := float64(strings.Count(result, string(char)) - 1000)
		chiSquared += difference * difference / 1000
	}
	assert.Less(t, chiSquared, 130.0)
	assert.Greater(t, chiSquared, 20.0, "too even to be random")
}

// The guaranteed characters must not sit in fixed places.
func TestTextShufflesMinimums(t *testing.T) {
	engine := connect(t)
	first := 0
	for range 200 {
		result := engine.Up(text, properties(inputs{"length": 10, "minUpper": 5, "upper": true, "lower": true, "numeric": false, "special": false, "minLower": 5})).Output("result").(string)
		first += count(result[:1], upper)
	}
	assert.InDelta(t, 100, first, 50, "the first character is a capital %d times of 200", first)
}

func TestPasswordIsSecret(t *testing.T) {
	engine := connect(t)
	for _, length := range []int{1, 32, 72, 73, 128} {
		state := engine.Up(password, properties(inputs{"length": length}))
		assert.EqualValues(t, "none", state.ID)
		assert.True(t, state.Outputs["result"].IsSecret())
		assert.True(t, state.Outputs["bcryptHash"].IsSecret())
		assert.False(t, state.Outputs["length"].IsSecret())
		result := state.Output("result").(string)
		require.Len(t, result, length)
		require.NoError(t, bcrypt.CompareHashAndPassword([]byte(state.Output("bcryptHash").(string)), []byte(result)[:min(72, length)]))
	}
	assert.False(t, engine.Up(text, properties(inputs{"length": 8})).Outputs["result"].IsSecret(), "RandomString is not secret")
}

func TestPreviewLeavesOutputsUnknown(t *testing.T) {
	engine := connect(t)
	for kind, test := range map[tokens.Type]struct {
		given           inputs
		outputs, secret []resource.PropertyKey
	}{
		password: {inputs{"length": 8}, []resource.PropertyKey{"result", "bcryptHash"}, []resource.PropertyKey{"result", "bcryptHash"}},
		text:     {inputs{"length": 8}, []resource.PropertyKey{"result"}, nil},
		bytes:    {inputs{"length": 8}, []resource.PropertyKey{"base64", "hex"}, []resource.PropertyKey{"base64", "hex"}},
		id:       {inputs{"byteLength": 8}, []resource.PropertyKey{"b64Url", "b64Std", "hex", "dec"}, nil},
		uuid:     {inputs{}, []resource.PropertyKey{"result"}, nil},
		integer:  {inputs{"min": 1, "max": 6}, []resource.PropertyKey{"result"}, nil},
	} {
		state, err := engine.Create(kind, properties(test.given), true)
		require.NoError(t, err)
		assert.Empty(t, state.ID)
		for _, name := range test.outputs {
			assert.True(t, state.Outputs[name].ContainsUnknowns(), "%s.%s", kind, name)
		}
		for _, name := range test.secret {
			assert.True(t, state.Outputs[name].IsSecret(), "%s.%s", kind, name)
		}
	}
}

func TestBytes(t *testing.T) {
	state := connect(t).Up(bytes, properties(inputs{"length": 33}))
	assert.EqualValues(t, "none", state.ID, "an ID is never encrypted")
	assert.True(t, state.Outputs["base64"].IsSecret())
	assert.True(t, state.Outputs["hex"].IsSecret())
	drawn, err := base64.StdEncoding.DecodeString(state.Output("base64").(string))
	require.NoError(t, err)
	assert.Len(t, drawn, 33)
	assert.Equal(t, hex.EncodeToString(drawn), state.Output("hex"))
}

func TestID(t *testing.T) {
	state := connect(t).Up(id, properties(inputs{"byteLength": 9, "prefix": "risk-"}))
	drawn, err := base64.RawURLEncoding.DecodeString(string(state.ID))
	require.NoError(t, err)
	require.Len(t, drawn, 9)
	assert.Equal(t, "risk-"+string(state.ID), state.Output("b64Url"))
	assert.Equal(t, "risk-"+base64.StdEncoding.EncodeToString(drawn), state.Output("b64Std"))
	assert.Equal(t, "risk-"+hex.EncodeToString(drawn), state.Output("hex"))
	assert.Equal(t, "risk-"+new(big.Int).SetBytes(drawn).String(), state.Output("dec"))
}

func TestUUID(t *testing.T) {
	state := connect(t).Up(uuid, properties(inputs{}))
	parsed, err := googleuuid.Parse(state.Output("result").(string))
	require.NoError(t, err)
	assert.EqualValues(t, 4, parsed.Version())
	assert.EqualValues(t, state.Output("result"), state.ID)
}

func TestInteger(t *testing.T) {
	engine := connect(t)
	seen := map[float64]bool{}
	for range 300 {
		state := engine.Up(integer, properties(inputs{"min": -2, "max": 2}))
		result := state.Output("result").(float64)
		assert.EqualValues(t, fmt.Sprint(result), state.ID)
		seen[result] = true
	}
	assert.Equal(t, map[float64]bool{-2: true, -1: true, 0: true, 1: true, 2: true}, seen)

	seeded := inputs{"min": 1, "max": 50000, "seed": "12345"}
	first := engine.Up(integer, properties(seeded)).Output("result")
	assert.Equal(t, first, engine.Up(integer, properties(seeded)).Output("result"))
	assert.EqualValues(t, 7, engine.Up(integer, properties(inputs{"min": 7, "max": 7})).Output("result"))
	engine.Up(integer, properties(inputs{"min": -(1 << 53), "max": 1 << 53}))
}
