// Package catalogue lists the services of the platform and the facts about each that never differ between
// environments: names, ports, probe paths, data stores, callers. Everything else that needs one of these facts
// derives it from here.
package catalogue

import "slices"

// Names of the services, as they appear in Kubernetes, in stack config and in the runbook.
const (
	ConsentService = "consent-service"
	PSIService     = "psi-service"
	ModelServing   = "model-serving"
	Frontend       = "frontend"
)

// Service is what the platform knows about one of its services, whatever the environment.
// Source: runbook sections "Docker Compose" and "Kubernetes" (ports, paths, variables, volumes).
type Service struct {
	// Name of the Deployment, the Service, the ServiceAccount and the key under `services` in stack config.
	Name string
	// Port that the container and the Service listen on, 1–65535.
	Port int
	// HealthPath answers 200 over HTTP while the service can work.
	HealthPath string
	// RedisDB is the logical Redis database, 0–15, or nil when the service does not use Redis.
	RedisDB *int
	// Postgres says whether the service gets DATABASE_URL.
	Postgres bool
	// SigningKeys says whether the service holds the JWT key pair and the data encryption key.
	SigningKeys bool
	// Certificates says whether the TLS certificate is mounted at CertificateDir.
	Certificates bool
	// LogDir is where the service writes log files, or empty when it logs to standard output only.
	LogDir string
	// MetricsPath is where Prometheus scrapes, or empty.
	MetricsPath string
	// Upstreams maps a variable of the service's environment to the name of the service whose base URL it holds.
	Upstreams map[string]string
	// PublicURLVariable names the variable that holds the public API base URL, or is empty.
	PublicURLVariable string
	// Volume is the service's own file volume, or nil.
	Volume *Volume
}

// Volume is a directory that outlives the pods of a service.
type Volume struct {
	// Name of the volume in the pod; the claim is called <service>-<name>.
	Name string
	// MountPath inside the container.
	MountPath string
	// Variables are set to paths inside the volume.
	Variables map[string]string
}

// CertificateDir is where services read tls.crt, tls.key and ca.crt, read-only.
const CertificateDir = "/app/certs"

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
			SigningKeys: true, Certificates: true, LogDir: logDir, MetricsPath: metricsPath,
		},
		{
			Name: PSIService, Port: 7001, HealthPath: "/health", RedisDB: database(1),
			Certificates: true, LogDir: logDir, MetricsPath: metricsPath,
			Upstreams: map[string]string{"CONSENT_SERVICE_URL": ConsentService},
		},
		{
			Name: ModelServing, Port: 7003, HealthPath: "/health", RedisDB: database(2), Postgres: true,
			Certificates: true, LogDir: logDir, MetricsPath: metricsPath,
			Upstreams: map[string]string{"CONSENT_SERVICE_URL": ConsentService},
			Volume: &Volume{
				Name: "feast", MountPath: feastDir,
				Variables: map[string]string{"FEAST_REGISTRY_PATH": feastDir + "/registry.db"},
			},
		},
		{
			Name: Frontend, Port: 80, HealthPath: "/", PublicURLVariable: "REACT_APP_API_BASE_URL",
		},
	}
}

// Lookup finds a service by name.
func Lookup(name string) (Service, bool) {
	services := Services()
	i := slices.IndexFunc(services, func(s Service) bool { return s.Name == name })
	if i < 0 {
		return Service{}, false
	}
	return services[i], true
}

// Names returns the names of all services in the order of Services.
func Names() []string {
	var names []string
	for _, s := range Services() {
		names = append(names, s.Name)
	}
	return names
}

// APIHost is the public host of the HTTP APIs, AppHost that of the frontend.
func APIHost(domain string) string { return "api." + domain }

// AppHost is the public host of the frontend.
func AppHost(domain string) string { return "app." + domain }

func database(n int) *int { return &n }
