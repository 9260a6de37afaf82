// Package catalogue lists the services of the platform and the facts about each that never differ between
// environments: names, ports, probe paths, data stores, callers. Everything else that needs one of these facts
// derives it from here.
package catalogue

import (
	"fmt"
	"slices"
)

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
	// VerificationKeys says whether the service verifies tokens, and gets the public keys for it.
	VerificationKeys bool
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
	// Exposure says where the service answers to the outside.
	Exposure Exposure
	// AppConfig says whether the service reads the platform's shared settings (the runbook's app-config).
	AppConfig bool
	// Standby says whether the service has a warm standby, called <service>-backup, for outages of the service.
	Standby bool
	// Reencryption says whether the service's image holds the Job that encrypts stored data anew.
	Reencryption bool
}

// Host is one of the platform's public hosts.
type Host string

// The public hosts: that of the HTTP APIs, and that of the frontend.
const (
	HostAPI Host = "api"
	HostApp Host = "app"
)

// In returns the host's full name in a domain.
func (host Host) In(domain string) string { return string(host) + "." + domain }

// Exposure is a public host and the path prefix on it that leads to a service.
type Exposure struct {
	Host Host
	// PathPrefix begins with a slash: the service gets this path and all below it, /score/a but not /scores. No prefix is
	// below another one of its host. The service sees the path as the client sent it (runbook, "Ingress").
	PathPrefix string
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

// StandbyName is the name of the Deployment of a service's warm standby.
func StandbyName(service string) string { return service + "-backup" }

// ReencryptionJob is the name of the Job of a service that encrypts stored data anew with the key of a generation.
func ReencryptionJob(service string, generation int) string {
	return fmt.Sprintf("%s-g%d", ReencryptionName(service), generation)
}

// ReencryptionName is the application of the pods of these Jobs.
func ReencryptionName(service string) string { return service + "-reencryption" }
