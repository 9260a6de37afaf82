package tests

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/tests/stacktest"
)

// settings are the runbook's: the names from "emergency response", the times from the table of "cache optimization".
var settings = map[string]any{
	"CACHE_ENABLED": "true", "CACHE_TTL": "900",
	"CACHE_TTL_USER_FEATURES": "3600", "CACHE_TTL_MODEL_CACHE": "7200",
	"CACHE_TTL_PSI_RESULTS": "1800", "CACHE_TTL_CONSENT_TOKENS": "900",
	"SECURITY_MODE": "standard", "AUTH_REQUIRED": "true", "AUDIT_LEVEL": "standard",
}

func TestSettingsAreTheRunbooks(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		assert.Equal(t, settings, run.Find(t, "ConfigMap", "app-config").Get(t, "data"))
	})
}

// TestSettingsRollThePodsThatReadThem: a ConfigMap that changes in place would reach no pod that runs already.
func TestSettingsRollThePodsThatReadThem(t *testing.T) {
	everywhere(t, func(t *testing.T, _ string, run *stacktest.Run) {
		object := run.Find(t, "ConfigMap", "app-config")
		assert.Nil(t, object.Get(t, "metadata.name"), "with a fixed name, a change rolls no pods")
		assert.Equal(t, []string{"data"}, object.Request.GetReplaceOnChanges())
		assert.Equal(t, true, object.Get(t, "immutable"))
		assert.Equal(t, "app-config", object.Get(t, "metadata.labels.app"))
	})
}

func TestConfigReachesTheSettings(t *testing.T) {
	config := stacktest.Load(t, "prod")
	want := maps.Clone(settings)
	for path, change := range map[string][2]string{
		"app.cache.enabled":            {"CACHE_ENABLED", "false"},
		"app.cache.ttlSeconds":         {"CACHE_TTL", "1"},
		"app.cache.ttls.userFeatures":  {"CACHE_TTL_USER_FEATURES", "2"},
		"app.cache.ttls.modelCache":    {"CACHE_TTL_MODEL_CACHE", "3"},
		"app.cache.ttls.psiResults":    {"CACHE_TTL_PSI_RESULTS", "4"},
		"app.cache.ttls.consentTokens": {"CACHE_TTL_CONSENT_TOKENS", "5"},
		"app.security.mode":            {"SECURITY_MODE", "strict"},
		"app.security.auditLevel":      {"AUDIT_LEVEL", "verbose"},
	} {
		config.Set(t, path, change[1])
		want[change[0]] = change[1]
	}
	run := deploy(t, config, false)
	assert.Equal(t, want, run.Find(t, "ConfigMap", "app-config").Get(t, "data"))
	assert.Equal(t, []string{"app-config"}, changed(t, deployFile(t, "prod", false), run),
		"the pods roll on the new name, which the provider decides")
	open := deploy(t, stacktest.Load(t, "dev").Set(t, "app.security.authRequired", "false"), false)
	assert.Equal(t, "false", open.Find(t, "ConfigMap", "app-config").Get(t, "data.AUTH_REQUIRED"))
}
