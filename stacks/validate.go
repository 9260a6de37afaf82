package stacks

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// validate adds everything that is wrong with a complete config to faults.
func validate(cfg *Config, faults *faultList) {
	v := validator{faults}
	v.namespace(cfg)
	v.domain(keyPath{"domain"}, cfg.Domain)
	oneOf(v, keyPath{"profile"}, cfg.Profile, profiles...)
	v.cluster(keyPath{"cluster"}, cfg.Cluster)
	v.tls(keyPath{"tls"}, cfg.TLS)
	v.ingress(keyPath{"ingress"}, cfg)
	v.releases(keyPath{"releases"}, cfg.Releases)
	v.sharedReleases(keyPath{"releases"}, cfg)
	v.prometheus(keyPath{"prometheus"}, cfg.Prometheus)
	v.postgres(keyPath{"postgres"}, cfg.Postgres)
	v.redis(keyPath{"redis"}, cfg.Redis)
	v.image(keyPath{"postgres", "clientImage"}, cfg.Postgres.ClientImage, cfg.Profile)
	v.image(keyPath{"redis", "clientImage"}, cfg.Redis.ClientImage, cfg.Profile)
	v.services(keyPath{"services"}, cfg)
	v.app(keyPath{"app"}, cfg.App)
	v.images(keyPath{"images"}, cfg.Images)
	v.policy(keyPath{"policy"}, cfg)
	v.monitoring(keyPath{"monitoring"}, cfg)
	v.rotation(keyPath{"rotation"}, cfg.Rotation)
	v.incident(keyPath{"incident"}, cfg)
	v.storesReachable(cfg)
}

// validator has a method for each type of the config, and one for each kind of value.
type validator struct {
	*faultList
}

func (v validator) namespace(cfg *Config) {
	path := keyPath{"namespace"}
	operator := cfg.Releases.PostgresOperator
	switch name := cfg.Namespace; {
	case name == "default" || strings.HasPrefix(name, "kube-"):
		v.add(path, name, "must be a namespace of the stack's own, which it makes and deletes")
	case name == operator.Namespace:
		v.add(path, name, "must differ from %s: the operator outlives the stack's namespace, and would be cut off in it",
			keyPath{"releases", "postgresOperator", "namespace"})
	default:
		v.dnsLabel(path, name)
	}
}

// longestDomain in characters: the server certificate's common name is "*." and the domain, and a common name has at
// most 64 (RFC 5280, ub-common-name).
const longestDomain = 64 - len("*.")

func (v validator) domain(path keyPath, domain string) {
	labels := strings.Split(domain, ".")
	valid := len(domain) <= longestDomain && len(labels) > 1
	for _, label := range labels {
		valid = valid && len(validation.IsDNS1123Label(label)) == 0
	}
	// No top-level domain is a number; four of them would be an IP address.
	if !valid || strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		v.add(path, domain, "must be a DNS domain such as risk.example.com: two or more labels of lower-case letters, "+
			`digits and "-", at most %d characters`, longestDomain)
	}
}

func (v validator) cluster(path keyPath, cluster Cluster) {
	if strings.ContainsAny(cluster.Kubeconfig, "\n{") {
		// It holds credentials, so it is not shown.
		v.add(path.key("kubeconfig"), nil, "must be the path of a kubeconfig, not its content")
	}
	if strings.TrimSpace(cluster.Context) != cluster.Context {
		v.add(path.key("context"), cluster.Context, "must not begin or end with a space")
	}
}

func (v validator) between(path keyPath, value, least, most int) {
	if value < least || value > most {
		v.add(path, value, "must be %d to %d", least, most)
	}
}

func (v validator) dnsLabel(path keyPath, value string) {
	if len(validation.IsDNS1123Label(value)) > 0 {
		v.add(path, value, "must be 1 to %d lower-case letters, digits and \"-\", with a letter or digit at both ends",
			validation.DNS1123LabelMaxLength)
	}
}

// objectName checks the name of a Kubernetes object of the kind.
func (v validator) objectName(path keyPath, name, kind string) {
	if len(validation.IsDNS1123Subdomain(name)) > 0 {
		v.add(path, name, `must be the name of a %s: lower-case letters, digits, "-" and "."`, kind)
	}
}

// oneOf adds a fault when value is none of those allowed.
func oneOf[T ~string](v validator, path keyPath, value T, allowed ...T) {
	names := make([]string, len(allowed))
	for i, name := range allowed {
		if value == name {
			return
		}
		names[i] = string(name)
	}
	v.add(path, string(value), "must be one of %s", strings.Join(names, ", "))
}
