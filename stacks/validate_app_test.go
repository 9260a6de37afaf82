package stacks_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/stacks"
)

func TestValidateApp(t *testing.T) {
	var ttls []rule
	for _, path := range []string{
		"app.cache.ttlSeconds", "app.cache.ttls.userFeatures", "app.cache.ttls.modelCache", "app.cache.ttls.psiResults",
		"app.cache.ttls.consentTokens",
	} {
		for _, seconds := range []int{-1, 0, 1, 604800, 604801} {
			rule := rule{name: path + "=" + strconv.Itoa(seconds), edits: tree{path: seconds}}
			if seconds < 1 || seconds > 604800 {
				rule.want = []string{path + ": " + strconv.Itoa(seconds) + ": must be 1 to 604800"}
			}
			ttls = append(ttls, rule)
		}
	}
	const authRequired = "app.security.authRequired"
	checkRules(t, slices.Concat(
		ttls,
		sameFault("app.security.mode", "", "standard", "strict"),
		sameFault("app.security.mode", "must be one of standard, strict", "", "Strict", "off"),
		sameFault("app.security.auditLevel", "", "standard", "verbose"),
		sameFault("app.security.auditLevel", "must be one of standard, verbose", "", "debug"),
		[]rule{
			{"open, standard", tree{authRequired: false}, nil},
			{"open, strict", tree{authRequired: false, "app.security.mode": "strict"}, []string{
				authRequired + ": false: must be true while federated-risk:app.security.mode is strict",
			}},
			{"unknown row", tree{"app.cache.ttls.psiResult": 5}, []string{
				`app.cache.ttls.psiResult: unknown key: did you mean "psiResults"? (known: consentTokens, modelCache, psiResults, userFeatures)`,
			}},
		},
	))
}

func TestDefaultsOfApp(t *testing.T) {
	app := stacks.App{
		Cache: stacks.AppCache{
			Enabled: true, TTLSeconds: 900,
			TTLs: stacks.CacheTTLs{UserFeatures: 3600, ModelCache: 7200, PSIResults: 1800, ConsentTokens: 900},
		},
		Security: stacks.AppSecurity{Mode: "standard", AuthRequired: true, AuditLevel: "standard"},
	}
	for _, profile := range []string{"minimum", "recommended", "production"} {
		assert.Equal(t, app, parse(t, tree{"profile": profile}).App, profile)
	}
	app.Cache.Enabled, app.Cache.TTLs.ModelCache, app.Security.AuthRequired = false, 60, false
	assert.Equal(t, app, parse(t, tree{
		"app.cache.enabled": false, "app.cache.ttls.modelCache": 60, "app.security.authRequired": false,
	}).App, "one value leaves the others alone")
}
