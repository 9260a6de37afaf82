package random

import (
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc64"
	"math/big"
	mathrand "math/rand"
	"strconv"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/federated-risk/federated-risk/tests/sandbox/localonly"
)

// maxInteger bounds min and max: a Pulumi number holds every whole number up to here.
const maxInteger = 1 << 53

// integer is RandomInteger. The ID is the number. With a seed it draws the same number as the official provider.
func integer() localonly.Resource {
	return localonly.Resource{
		Inputs: []localonly.Field{
			keepers,
			{Name: "min", Type: localonly.Number, Required: true, Min: new(-maxInteger), Max: new(maxInteger)},
			{Name: "max", Type: localonly.Number, Required: true, Min: new(-maxInteger), Max: new(maxInteger)},
			{Name: "seed", Type: localonly.Text},
		},
		Outputs: []localonly.Output{{Name: "result"}},
		Rules: func(inputs localonly.Values) []string {
			if inputs.Known("min", "max") && inputs.Int("max") < inputs.Int("min") {
				return []string{fmt.Sprintf("max: must be at least min, %d, is %d", inputs.Int("min"), inputs.Int("max"))}
			}
			return nil
		},
		Create: func(inputs localonly.Values, _ time.Time) (resource.ID, resource.PropertyMap, error) {
			drawn, err := drawInteger(inputs.Int("min"), inputs.Int("max"), inputs.Text("seed"))
			return resource.ID(strconv.Itoa(drawn)), resource.PropertyMap{"result": resource.NewProperty(float64(drawn))}, err
		},
		Import: importInteger,
	}
}

// drawInteger returns a number from lowest up to highest.
func drawInteger(lowest, highest int, seed string) (int, error) {
	size := highest - lowest + 1
	if seed == "" {
		drawn, err := rand.Int(rand.Reader, big.NewInt(int64(size)))
		if err != nil {
			return 0, fmt.Errorf("draw a number: %w", err)
		}
		return lowest + int(drawn.Int64()), nil
	}
	source := mathrand.NewSource(int64(crc64.Checksum([]byte(seed), crc64.MakeTable(crc64.ISO)))) //nolint:gosec // A seed asks for a repeatable number.
	return lowest + mathrand.New(source).Intn(size), nil
}

func importInteger(id string) (*localonly.Imported, error) {
	parts := strings.SplitN(id, ",", 4)
	if len(parts) < 3 {
		return nil, fmt.Errorf("the ID must be RESULT,MIN,MAX or RESULT,MIN,MAX,SEED, is %q", id)
	}
	numbers := make([]float64, 3)
	var faults []error
	for i, name := range []string{"RESULT", "MIN", "MAX"} {
		number, err := strconv.ParseInt(parts[i], 10, 64)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s of the ID must be a whole number: %w", name, err))
		}
		numbers[i] = float64(number)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	inputs := resource.PropertyMap{"min": resource.NewProperty(numbers[1]), "max": resource.NewProperty(numbers[2])}
	if len(parts) == 4 {
		inputs["seed"] = resource.NewProperty(parts[3])
	}
	return &localonly.Imported{
		ID:      resource.ID(parts[0]),
		Inputs:  inputs,
		Outputs: resource.PropertyMap{"result": resource.NewProperty(numbers[0])},
	}, nil
}
