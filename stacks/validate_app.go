package stacks

// longestCacheTTL is a week, in seconds: what is older than that is a store, not a cache.
const longestCacheTTL = 7 * 24 * 60 * 60

func (v validator) app(path keyPath, app App) {
	cache := path.key("cache")
	v.between(cache.key("ttlSeconds"), app.Cache.TTLSeconds, 1, longestCacheTTL)
	ttls := cache.key("ttls")
	v.between(ttls.key("userFeatures"), app.Cache.TTLs.UserFeatures, 1, longestCacheTTL)
	v.between(ttls.key("modelCache"), app.Cache.TTLs.ModelCache, 1, longestCacheTTL)
	v.between(ttls.key("psiResults"), app.Cache.TTLs.PSIResults, 1, longestCacheTTL)
	v.between(ttls.key("consentTokens"), app.Cache.TTLs.ConsentTokens, 1, longestCacheTTL)
	security := path.key("security")
	oneOf(v, security.key("mode"), app.Security.Mode, SecurityStandard, SecurityStrict)
	oneOf(v, security.key("auditLevel"), app.Security.AuditLevel, AuditStandard, AuditVerbose)
	if app.Security.Mode == SecurityStrict && !app.Security.AuthRequired {
		v.add(security.key("authRequired"), false, "must be true while %s is %s", security.key("mode"), SecurityStrict)
	}
}
