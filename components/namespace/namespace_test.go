package namespace

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheck(t *testing.T) {
	require.NoError(t, (&Args{Name: "risk"}).check())
	require.ErrorContains(t, (&Args{}).check(), "args.Name is empty")
	require.ErrorContains(t, (*Args)(nil).check(), "args is nil")
}

func TestNewRefusesBadArgs(t *testing.T) {
	_, err := New(nil, "namespace", nil)
	assert.EqualError(t, err, `namespace "namespace": args is nil`)
}
