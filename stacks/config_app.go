package stacks

// App holds the settings that the services share (the runbook's app-config). A change of any rolls their pods.
type App struct {
	Cache    AppCache    `json:"cache"`
	Security AppSecurity `json:"security"`
}

// AppCache says how the services use Redis.
type AppCache struct {
	// Enabled is true unless config says otherwise; without it the services compute every answer anew.
	Enabled bool `json:"enabled"`
	// TTLSeconds of an entry that has no row in TTLs, 1 to 604800 (a week).
	TTLSeconds int `json:"ttlSeconds"`
	// TTLs is the runbook's table.
	TTLs CacheTTLs `json:"ttls"`
}

// CacheTTLs are the times to live of the kinds of entries, in seconds, 1 to 604800 (a week).
type CacheTTLs struct {
	// UserFeatures are features of a user, 1 to 604800 seconds.
	UserFeatures int `json:"userFeatures"`
	// ModelCache holds models and their answers, 1 to 604800 seconds.
	ModelCache int `json:"modelCache"`
	// PSIResults are results of intersections, 1 to 604800 seconds.
	PSIResults int `json:"psiResults"`
	// ConsentTokens is also how long a withdrawn consent may go unnoticed.
	ConsentTokens int `json:"consentTokens"`
}

// SecurityMode says how the services treat a doubtful request.
type SecurityMode string

// Security modes.
const (
	SecurityStandard SecurityMode = "standard"
	// SecurityStrict is the runbook's answer to a security incident.
	SecurityStrict SecurityMode = "strict"
)

// AuditLevel says how much the services write into their audit logs.
type AuditLevel string

// Audit levels.
const (
	AuditStandard AuditLevel = "standard"
	AuditVerbose  AuditLevel = "verbose"
)

// AppSecurity says how strict the services are with their callers.
type AppSecurity struct {
	// Mode is standard or strict.
	Mode SecurityMode `json:"mode"`
	// AuthRequired is true unless config says otherwise; false, which mode strict rules out, lets requests without a
	// token in.
	AuthRequired bool `json:"authRequired"`
	// AuditLevel is standard or verbose.
	AuditLevel AuditLevel `json:"auditLevel"`
}
