package stacks

// The rows of the runbook's table, "cache optimization", in seconds.
var defaultCacheTTLs = CacheTTLs{UserFeatures: 3600, ModelCache: 7200, PSIResults: 1800, ConsentTokens: 900}

// defaultCacheTTL, in seconds, is the shortest row, so that nothing without a row stays longer than what has one.
const defaultCacheTTL = 900

func defaultApp() App {
	return App{
		Cache:    AppCache{Enabled: true, TTLSeconds: defaultCacheTTL, TTLs: defaultCacheTTLs},
		Security: AppSecurity{Mode: SecurityStandard, AuthRequired: true, AuditLevel: AuditStandard},
	}
}
