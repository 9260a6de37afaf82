package random

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	googleuuid "github.com/google/uuid"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/federated-risk/federated-risk/tests/sandbox/localonly"
)

// draw returns n random bytes. crypto/rand never fails since Go 1.24.
func draw(n int) []byte {
	drawn := make([]byte, n)
	_, _ = rand.Read(drawn)
	return drawn
}

// bytes is RandomBytes. Its ID is "none": the official one is the secret itself, in clear.
func bytes() localonly.Resource {
	encoded := func(drawn []byte) resource.PropertyMap {
		return resource.PropertyMap{
			"base64": resource.NewProperty(base64.StdEncoding.EncodeToString(drawn)),
			"hex":    resource.NewProperty(hex.EncodeToString(drawn)),
		}
	}
	return localonly.Resource{
		Inputs: []localonly.Field{
			keepers,
			{Name: "length", Type: localonly.Number, Required: true, Min: new(1), Max: new(maxLength)},
		},
		Outputs: []localonly.Output{{Name: "base64", Secret: true}, {Name: "hex", Secret: true}},
		Create: func(inputs localonly.Values, _ time.Time) (resource.ID, resource.PropertyMap, error) {
			return "none", encoded(draw(inputs.Int("length"))), nil
		},
		Import: func(id string) (*localonly.Imported, error) {
			drawn, err := base64.StdEncoding.DecodeString(id)
			if err != nil {
				// The decoder's error can quote the secret.
				return nil, errors.New("the ID must be the bytes in base64, with padding")
			}
			return &localonly.Imported{
				ID:      "none",
				Inputs:  resource.PropertyMap{"length": resource.NewProperty(float64(len(drawn)))},
				Outputs: encoded(drawn),
			}, nil
		},
	}
}

// id is RandomId: bytes as text, after a prefix. The ID is the URL-safe form without the prefix.
func id() localonly.Resource {
	encoded := func(drawn []byte, prefix string) (resource.ID, resource.PropertyMap) {
		urlSafe := base64.RawURLEncoding.EncodeToString(drawn)
		return resource.ID(urlSafe), resource.PropertyMap{
			"b64Url": resource.NewProperty(prefix + urlSafe),
			"b64Std": resource.NewProperty(prefix + base64.StdEncoding.EncodeToString(drawn)),
			"hex":    resource.NewProperty(prefix + hex.EncodeToString(drawn)),
			"dec":    resource.NewProperty(prefix + new(big.Int).SetBytes(drawn).String()),
		}
	}
	return localonly.Resource{
		Inputs: []localonly.Field{
			keepers,
			{Name: "byteLength", Type: localonly.Number, Required: true, Min: new(1), Max: new(maxLength)},
			{Name: "prefix", Type: localonly.Text},
		},
		Outputs: []localonly.Output{{Name: "b64Url"}, {Name: "b64Std"}, {Name: "hex"}, {Name: "dec"}},
		Create: func(inputs localonly.Values, _ time.Time) (resource.ID, resource.PropertyMap, error) {
			id, outputs := encoded(draw(inputs.Int("byteLength")), inputs.Text("prefix"))
			return id, outputs, nil
		},
		Import: func(id string) (*localonly.Imported, error) {
			inputs := resource.PropertyMap{}
			prefix := ""
			if comma := strings.LastIndex(id, ","); comma >= 0 {
				prefix, id = id[:comma], id[comma+1:]
			}
			if prefix != "" {
				inputs["prefix"] = resource.NewProperty(prefix)
			}
			drawn, err := base64.RawURLEncoding.DecodeString(id)
			if err != nil {
				return nil, fmt.Errorf("the ID must be the bytes in URL-safe base64 without padding, after an optional prefix and a comma: %w", err)
			}
			inputs["byteLength"] = resource.NewProperty(float64(len(drawn)))
			made := &localonly.Imported{Inputs: inputs}
			made.ID, made.Outputs = encoded(drawn, prefix)
			return made, nil
		},
	}
}

// uuid is RandomUuid, of version 4. The ID is the UUID.
func uuid() localonly.Resource {
	return localonly.Resource{
		Inputs:  []localonly.Field{keepers},
		Outputs: []localonly.Output{{Name: "result"}},
		Create: func(localonly.Values, time.Time) (resource.ID, resource.PropertyMap, error) {
			drawn, err := googleuuid.NewRandom()
			if err != nil {
				return "", nil, fmt.Errorf("draw a UUID: %w", err)
			}
			return resource.ID(drawn.String()), resource.PropertyMap{"result": resource.NewProperty(drawn.String())}, nil
		},
		Import: func(id string) (*localonly.Imported, error) {
			parsed, err := googleuuid.Parse(id)
			if err != nil || len(id) != len(parsed.String()) {
				return nil, fmt.Errorf("the ID must be a UUID such as aabbccdd-eeff-0011-2233-445566778899, is %q", id)
			}
			return &localonly.Imported{
				ID:      resource.ID(parsed.String()),
				Inputs:  resource.PropertyMap{},
				Outputs: resource.PropertyMap{"result": resource.NewProperty(parsed.String())},
			}, nil
		},
	}
}
