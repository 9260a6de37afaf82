package tests

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

func TestWarnings(t *testing.T) {
	const (
		noBackup = "is not backed up"
		noCNI    = "federated-risk:policy.podSecurity"
	)
	for name, check := range map[string]struct {
		stack string
		set   map[string]string
		want  []string
	}{
		"development":                   {"dev", nil, nil},
		"production without a backup":   {"prod", nil, []string{noBackup}},
		"production with a backup":      {"prod", map[string]string{"postgres.backup.destination": "s3://backups", "postgres.backup.region": "eu-west-1"}, nil},
		"Istio without its node agent":  {"dev", map[string]string{"releases.istiod.install": "true"}, []string{noCNI}},
		"Istio, and pods that may have": {"dev", map[string]string{"releases.istiod.install": "true", "policy.podSecurity": "privileged"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			config := stacktest.Load(t, check.stack)
			for path, value := range check.set {
				config.Set(t, path, value)
			}
			logs := deploy(t, config, false).Logs
			require.Len(t, logs, len(check.want), "%v", logs)
			for i, part := range check.want {
				assert.Contains(t, logs[i], part)
			}
		})
	}
}
