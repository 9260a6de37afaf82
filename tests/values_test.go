package tests

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// releaseValues is what a release of a stack gives to its chart.
type releaseValues struct {
	Chart  string `json:"chart"`
	Values any    `json:"values"`
}

// everything is a stack with all that config can turn on in a release.
func everything(t testing.TB, stack string) *stacktest.Config {
	t.Helper()
	config := installEverything(t, stack)
	for path, value := range map[string]string{
		"postgres.storage.storageClass":        "nvme",
		"postgres.backup.destination":          "s3://backups/new",
		"postgres.backup.endpointURL":          "https://minio.example.com",
		"postgres.backup.credentialsSecret":    "backup-keys",
		"postgres.recovery.enabled":            "true",
		"postgres.recovery.destination":        "s3://backups/old",
		"postgres.recovery.region":             "eu-west-1",
		"postgres.recovery.targetTime":         "2026-01-31T18:30:00Z",
		"redis.storage.storageClass":           "ssd",
		"monitoring.storage.storageClass":      "ssd",
		"monitoring.alerting.slack.secretName": "slack",
		"monitoring.alerting.slack.channel":    "#risk",
		"monitoring.alerting.sms.secretName":   "sms",
		"monitoring.alerting.sms.token":        "true",
		"monitoring.alerting.email.secretName": "mail",
		"monitoring.alerting.email.username":   "risk",
		"monitoring.alerting.email.server":     "smtp.example.com:587",
		"monitoring.alerting.email.from":       "risk@example.com",
		"monitoring.alerting.email.to[0]":      "oncall@example.com",
		"redis.storage.retain":                 "false",
		"services.frontend.image":              "registry.example.com/federated-risk/frontend:1.0.0",
		"services.model-serving.canary.image":  "registry.example.com/federated-risk/model-serving:1.1.0",
	} {
		config.Set(t, path, value)
	}
	return config
}

// TestReleaseValues keeps a file with the values of every release equal to the program's. tests/sandbox/charts, which has
// Helm, validates the file against the schemas of the charts.
func TestReleaseValues(t *testing.T) {
	stacks := map[string]*stacktest.Config{"prod with everything": everything(t, "prod"), "local with everything": everything(t, "local")}
	for _, stack := range stacktest.Stacks() {
		stacks[stack] = stacktest.Load(t, stack)
	}
	found := map[string]map[string]releaseValues{}
	for stack, config := range stacks {
		found[stack] = map[string]releaseValues{}
		for _, release := range deploy(t, config, false).OfKind("Release") {
			chart := path.Base(release.Get(t, "chart").(string))
			found[stack][release.Get(t, "name").(string)] = releaseValues{Chart: chart, Values: release.Get(t, "values")}
		}
	}
	got, err := json.MarshalIndent(found, "", "  ")
	require.NoError(t, err)
	file := filepath.Join("testdata", "release-values.json")
	if *update {
		require.NoError(t, os.WriteFile(file, append(got, '\n'), 0o600))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.JSONEq(t, string(want), string(got),
		"if the change is what you want: go test ./tests -run TestReleaseValues -update, then the tests of tests/sandbox/charts")
}
