package catalogue

const (
	logDir      = "/app/logs"
	metricsPath = "/metrics"
	feastDir    = "/app/data/feast"
)

// Services returns every service, callees before their callers.
func Services() []Service {
	return []Service{
		{
			Name: ConsentService, Port: 7002, HealthPath: "/health", RedisDB: database(0), Postgres: true,
			SigningKeys: true, VerificationKeys: true, Certificates: true, LogDir: logDir, MetricsPath: metricsPath,
			Exposure: Exposure{Host: HostAPI, PathPrefix: "/consent"}, AppConfig: true, Reencryption: true,
		},
		{
			Name: PSIService, Port: 7001, HealthPath: "/health", RedisDB: database(1),
			VerificationKeys: true, Certificates: true, LogDir: logDir, MetricsPath: metricsPath,
			Upstreams: map[string]string{"CONSENT_SERVICE_URL": ConsentService},
			Exposure:  Exposure{Host: HostAPI, PathPrefix: "/psi"}, AppConfig: true,
		},
		{
			Name: ModelServing, Port: 7003, HealthPath: "/health", RedisDB: database(2), Postgres: true,
			VerificationKeys: true, Certificates: true, LogDir: logDir, MetricsPath: metricsPath,
			Upstreams: map[string]string{"CONSENT_SERVICE_URL": ConsentService},
			Volume: &Volume{
				Name: "feast", MountPath: feastDir,
				Variables: map[string]string{"FEAST_REGISTRY_PATH": feastDir + "/registry.db"},
			},
			Exposure: Exposure{Host: HostAPI, PathPrefix: "/score"}, AppConfig: true, Standby: true,
		},
		{
			Name: Frontend, Port: 80, HealthPath: "/", PublicURLVariable: "REACT_APP_API_BASE_URL",
			Exposure: Exposure{Host: HostApp, PathPrefix: "/"},
		},
	}
}

func database(n int) *int { return &n }
