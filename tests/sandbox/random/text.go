package random

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"golang.org/x/crypto/bcrypt"

	"github.com/federated-risk/federated-risk/tests/sandbox/localonly"
)

// bcryptLimit is the number of bytes that bcrypt can hash; the official provider hashes as many of a longer password.
const bcryptLimit = 72

// class is a set of characters that a text may draw from, and the inputs that rule it.
type class struct {
	switched resource.PropertyKey
	minimum  resource.PropertyKey
	chars    string
}

// classes returns the four classes with the special characters that the inputs ask for.
func classes(inputs localonly.Values) []class {
	special := "!@#$%&*()-_=+[]{}<>:?"
	if override := inputs.Text("overrideSpecial"); override != "" {
		special = override
	}
	return []class{
		{"upper", "minUpper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
		{"lower", "minLower", "abcdefghijklmnopqrstuvwxyz"},
		{"numeric", "minNumeric", "0123456789"},
		{"special", "minSpecial", special},
	}
}

func textFields() []localonly.Field {
	fields := []localonly.Field{
		keepers,
		{Name: "length", Type: localonly.Number, Required: true, Min: new(1), Max: new(maxLength)},
		{Name: "overrideSpecial", Type: localonly.Text},
		{Name: "number", Type: localonly.Boolean},
	}
	for _, class := range classes(nil) {
		minimum := localonly.Field{Name: class.minimum, Type: localonly.Number, Default: 0, Min: new(0), Max: new(maxLength)}
		switched := localonly.Field{Name: class.switched, Type: localonly.Boolean, Default: true}
		if class.switched == "numeric" {
			// Its default depends on the deprecated input number.
			switched.Default = nil
		}
		fields = append(fields, switched, minimum)
	}
	return fields
}

// normalizeText gives the deprecated input number and its successor numeric the same value, true where neither is set,
// and drops an empty overrideSpecial, which means the same as none.
func normalizeText(inputs resource.PropertyMap) {
	number, hasNumber := inputs["number"]
	numeric, hasNumeric := inputs["numeric"]
	switch {
	case !hasNumber && !hasNumeric:
		inputs["number"], inputs["numeric"] = resource.NewProperty(true), resource.NewProperty(true)
	case !hasNumber:
		inputs["number"] = numeric
	case !hasNumeric:
		inputs["numeric"] = number
	}
	if override := inputs["overrideSpecial"]; override.IsString() && override.StringValue() == "" {
		delete(inputs, "overrideSpecial")
	}
}

func textRules(inputs localonly.Values) []string {
	var faults []string
	if inputs.Known("number", "numeric") && inputs.Bool("number") != inputs.Bool("numeric") {
		faults = append(faults, "number: differs from numeric, its successor: set numeric only")
	}
	sum, sumKnown, anySwitched := 0, inputs.Known("length"), false
	for _, class := range classes(inputs) {
		sum += inputs.Int(class.minimum)
		sumKnown = sumKnown && inputs.Known(class.minimum)
		anySwitched = anySwitched || !inputs.Known(class.switched) || inputs.Bool(class.switched)
	}
	if sumKnown && inputs.Int("length") < sum {
		faults = append(faults, fmt.Sprintf("length: must be at least %d, the sum of minUpper, minLower, minNumeric and minSpecial, is %d",
			sum, inputs.Int("length")))
	}
	if !anySwitched {
		faults = append(faults, "upper: one of upper, lower, numeric and special must be true, no character is left to draw")
	}
	return faults
}

// drawText returns a text of the wanted length with the wanted minimum of each class, its characters in random order.
func drawText(inputs localonly.Values) (string, error) {
	var drawn, alphabet []rune
	for _, class := range classes(inputs) {
		chars := []rune(class.chars)
		if inputs.Bool(class.switched) {
			alphabet = append(alphabet, chars...)
		}
		// As in the official provider, a minimum holds for a class that is switched off as well.
		for range inputs.Int(class.minimum) {
			drawn = append(drawn, chars[index(len(chars))])
		}
	}
	if len(alphabet) == 0 {
		return "", fmt.Errorf("no character to draw from")
	}
	for len(drawn) < inputs.Int("length") {
		drawn = append(drawn, alphabet[index(len(alphabet))])
	}
	for i := len(drawn) - 1; i > 0; i-- {
		j := index(i + 1)
		drawn[i], drawn[j] = drawn[j], drawn[i]
	}
	return string(drawn), nil
}

// index returns a number from 0 up to n-1, each as likely as any other. crypto/rand never fails since Go 1.24.
func index(n int) int {
	drawn, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err)
	}
	return int(drawn.Int64())
}

// text is RandomString: its result is not secret, and is its ID.
func text() localonly.Resource {
	return localonly.Resource{
		Inputs:    textFields(),
		Outputs:   []localonly.Output{{Name: "result"}},
		Normalize: normalizeText,
		Rules:     textRules,
		Create: func(inputs localonly.Values, _ time.Time) (resource.ID, resource.PropertyMap, error) {
			drawn, err := drawText(inputs)
			return resource.ID(drawn), resource.PropertyMap{"result": resource.NewProperty(drawn)}, err
		},
		Import: func(id string) (*localonly.Imported, error) {
			return &localonly.Imported{
				ID:      resource.ID(id),
				Inputs:  resource.PropertyMap{"length": resource.NewProperty(float64(len([]rune(id))))},
				Outputs: resource.PropertyMap{"result": resource.NewProperty(id)},
			}, nil
		},
	}
}

// password is RandomPassword: like RandomString, but secret, with a bcrypt hash, and the ID "none".
func password() localonly.Resource {
	hashed := func(result string) (resource.PropertyMap, error) {
		hash, err := bcrypt.GenerateFromPassword([]byte(result)[:min(len(result), bcryptLimit)], bcrypt.DefaultCost)
		if err != nil {
			return nil, fmt.Errorf("hash the password: %w", err)
		}
		return resource.PropertyMap{
			"result":     resource.NewProperty(result),
			"bcryptHash": resource.NewProperty(string(hash)),
		}, nil
	}
	kind := text()
	fromText, imported := kind.Create, kind.Import
	kind.Outputs = []localonly.Output{{Name: "result", Secret: true}, {Name: "bcryptHash", Secret: true}}
	kind.Create = func(inputs localonly.Values, now time.Time) (resource.ID, resource.PropertyMap, error) {
		result, _, err := fromText(inputs, now)
		if err != nil {
			return "", nil, err
		}
		outputs, err := hashed(string(result))
		return "none", outputs, err
	}
	kind.Import = func(id string) (*localonly.Imported, error) {
		made, err := imported(id)
		if err != nil {
			return nil, err
		}
		made.ID = "none"
		made.Outputs, err = hashed(id)
		return made, err
	}
	return kind
}
