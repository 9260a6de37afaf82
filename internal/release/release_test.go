package release_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/internal/release"
)

func TestCheckReportsEveryFaultAtOnce(t *testing.T) {
	require.NoError(t, release.Chart{Name: "./chart", TimeoutSeconds: 1}.Check("args.Chart"))
	err := release.Chart{TimeoutSeconds: -1}.Check("args.Chart")
	require.ErrorContains(t, err, "args.Chart.Name is empty")
	assert.ErrorContains(t, err, "args.Chart.TimeoutSeconds is -1")
}
