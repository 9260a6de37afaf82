package tests

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/components/autoscaling"
	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// TestAutoscalingManifests keeps what the sandbox proves of autoscaling in step with the program: the production objects
// of model-serving with a canary, and the adapter's rules. What differs from production is how long the autoscaler waits.
func TestAutoscalingManifests(t *testing.T) {
	config := withCanary(t, "prod", "10").
		Set(t, canaryPath+".replicas", "2").
		Set(t, autoscalingPath+".horizontal.scaleUp.stabilizationSeconds", "0").
		Set(t, autoscalingPath+".horizontal.scaleUp.periodSeconds", "5").
		Set(t, autoscalingPath+".horizontal.scaleDown.stabilizationSeconds", "1").
		Set(t, autoscalingPath+".horizontal.scaleDown.percent", "100").
		Set(t, autoscalingPath+".horizontal.scaleDown.periodSeconds", "5")
	run := deploy(t, config, false)
	wanted := []string{
		"kubernetes:apps/v1:Deployment model-serving-stable", "kubernetes:apps/v1:Deployment model-serving-canary",
		"kubernetes:core/v1:Service model-serving", "kubernetes:core/v1:ServiceAccount model-serving",
		"kubernetes:core/v1:PersistentVolumeClaim model-serving-feast",
		"kubernetes:autoscaling/v2:HorizontalPodAutoscaler model-serving-hpa",
	}
	var objects []any
	for _, r := range run.Resources {
		// Secrets are generated anew each time, and no simulated pod reads them.
		if slices.Contains(wanted, r.Type+" "+r.Name) {
			objects = append(objects, stacktest.Reveal(resource.NewProperty(r.Inputs)).Mappable())
		}
	}
	require.Len(t, objects, len(wanted))
	sameAsFile(t, "objects.json", objects)
	sameAsFile(t, "rules.json", autoscaling.AdapterRules(config.Value(t, "namespace")))
}

// sameAsFile compares a value with a file of the sandbox's test, or writes that with -update.
func sameAsFile(t *testing.T, name string, value any) {
	t.Helper()
	encoded, err := json.MarshalIndent(value, "", "  ")
	require.NoError(t, err)
	file := filepath.Join("sandbox", "autoscale", "testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(file, append(encoded, '\n'), 0o600))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.JSONEq(t, string(want), string(encoded), "run go test ./tests -run TestAutoscalingManifests -update, and then the sandbox's test")
}
