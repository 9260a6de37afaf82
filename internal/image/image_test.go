package image_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/internal/image"
)

func TestOnlyDigestsAndTagsOtherThanLatestPin(t *testing.T) {
	digest := "@sha256:" + strings.Repeat("0a", 32)
	for reference, pinned := range map[string]bool{
		"example.com/psi:1.0.0":           true,
		"example.com/psi:latest-1":        true,
		"example.com/psi" + digest:        true,
		"example.com/psi:latest" + digest: true,
		"localhost:5000/psi:1":            true,
		"example.com/psi:latest":          false,
		"example.com/psi":                 false,
		"localhost:5000/psi":              false,
		"example.com/PSI:1":               false,
		"":                                false,
	} {
		assert.Equal(t, pinned, image.Pinned(reference), reference)
	}
}
