package main

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/stacks"
	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// TestMainDeploysTheStack starts main as the language host does, with everything in the environment. tests/ looks at
// what is deployed; here it only has to be the same.
func TestMainDeploysTheStack(t *testing.T) {
	config := stacktest.Load(t, "local")
	want := stacktest.Execute(t, stacks.Deploy, stacktest.Options{Config: config})
	environment, recorded := stacktest.Environment(t, stacktest.Options{Config: config})
	for variable, value := range environment {
		t.Setenv(variable, value)
	}
	main()
	run := recorded()
	assert.NotEmpty(t, run.Resources)
	assert.Len(t, run.Resources, len(want.Resources))
	for _, r := range want.Resources {
		same := run.ByURN(r.URN)
		if assert.NotNil(t, same, r.URN) {
			assert.True(t, r.Inputs.DeepEquals(same.Inputs), r.URN)
		}
	}
	assert.Equal(t, want.StackOutputs(t), run.StackOutputs(t))
}

// TestMainLinksNoHelm: the program is linked anew at every update; what only riskctl needs must not be in it.
func TestMainLinksNoHelm(t *testing.T) {
	packages, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	assert.Contains(t, string(packages), "github.com/federated-risk/federated-risk/stacks\n")
	assert.NotContains(t, string(packages), "helm.sh/helm")
	assert.NotContains(t, string(packages), "github.com/federated-risk/federated-risk/internal/offline")
}
