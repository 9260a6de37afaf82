package stacks

import "github.com/federated-risk/federated-risk/components/appconfig"

// deployAppConfig declares the settings that the services share.
func (p *platform) deployAppConfig() (err error) {
	cache, security := p.config.App.Cache, p.config.App.Security
	p.appConfig, err = appconfig.New(p.ctx, "app-config", &appconfig.Args{
		Namespace: p.namespace.Name,
		Cache: appconfig.Cache{
			Enabled:       cache.Enabled,
			TTL:           cache.TTLSeconds,
			UserFeatures:  cache.TTLs.UserFeatures,
			ModelCache:    cache.TTLs.ModelCache,
			PSIResults:    cache.TTLs.PSIResults,
			ConsentTokens: cache.TTLs.ConsentTokens,
		},
		Security: appconfig.Security{
			Mode: string(security.Mode), AuditLevel: string(security.AuditLevel), AuthRequired: security.AuthRequired,
		},
	}, p.providers)
	return err
}
