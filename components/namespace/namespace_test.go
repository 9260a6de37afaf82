package namespace

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheck(t *testing.T) {
	for _, level := range []string{"privileged", "baseline", "restricted"} {
		require.NoError(t, (&Args{Name: "risk", PodSecurity: level}).check())
	}
	err := (&Args{PodSecurity: "strict"}).check()
	require.ErrorContains(t, err, "args.Name is empty")
	require.ErrorContains(t, err, `args.PodSecurity is "strict": expected privileged, baseline, restricted`)
	require.ErrorContains(t, (*Args)(nil).check(), "args is nil")
}

func TestNewRefusesBadArgs(t *testing.T) {
	_, err := New(nil, "namespace", nil)
	assert.EqualError(t, err, `namespace "namespace": args is nil`)
}
