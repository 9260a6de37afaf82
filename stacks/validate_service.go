package stacks

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/distribution/reference"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/federated-risk/federated-risk/internal/catalogue"
)

// mostReplicas of a Deployment: five times the upper bound of the runbook's autoscaler.
const mostReplicas = 100

// derivedVariable matches the variables that the program sets on services whatever the catalogue says of them:
// connections, keys, and the version label.
var derivedVariable = regexp.MustCompile(`^(DATABASE_URL|REDIS_URL|VERSION|JWT_.*|ENCRYPTION_KEY.*)$`)

func (v validator) services(path keyPath, cfg *Config) {
	for _, name := range slices.Sorted(maps.Keys(cfg.Services)) {
		service, known := catalogue.Lookup(name)
		if !known {
			v.add(path.key(name), nil, "unknown service%s", suggestion(name, catalogue.Names()))
			continue
		}
		v.service(path.key(name), service, cfg.Services[name], cfg.Profile)
	}
}

func (v validator) service(path keyPath, service catalogue.Service, config Service, profile Profile) {
	image := path.key("image")
	if config.Image == "" {
		v.add(image, nil, "is not set: give the image of %s with its registry and a tag or digest", service.Name)
	} else {
		v.image(image, config.Image, profile)
	}
	v.between(path.key("replicas"), config.Replicas, 1, mostReplicas)
	v.resources(path.key("resources"), config.Resources)
	v.env(path.key("env"), service, config.Env)
	v.volume(path.key("volume"), service, config)
	v.canary(path.key("canary"), config.Canary, profile)
	v.mirror(path.key("canary"), config.Canary)
	v.traffic(path.key("traffic"), config.Traffic)
	// Inherited ones have been checked where they were set.
	if config.Canary.Resources != config.Resources {
		v.resources(path.key("canary").key("resources"), config.Canary.Resources)
	}
}

func (v validator) image(path keyPath, image string, profile Profile) {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		v.add(path, image, "must be an image reference such as registry.example.com/federated-risk/name:1.0.0")
		return
	}
	// Without a registry the container runtime would pull from a public one, where anyone may own the name.
	registry, _, _ := strings.Cut(image, "/")
	if registry == image || (!strings.ContainsAny(registry, ".:") && registry != "localhost") {
		v.add(path, image, "must begin with the host of its registry")
	}
	if _, pinned := named.(reference.Digested); pinned || profile != ProfileProduction {
		return
	}
	if tagged, ok := named.(reference.Tagged); !ok || tagged.Tag() == "latest" {
		v.add(path, image, "must have a tag other than latest, or a digest, in the %s profile", ProfileProduction)
	}
}

func (v validator) env(path keyPath, service catalogue.Service, env map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(env)) {
		switch {
		case len(validation.IsEnvVarName(name)) > 0:
			v.add(path.key(name), nil, `is no name for a variable: use letters, digits, "_", "-" and ".", not a digit first`)
		case isDerived(service, name):
			v.add(path.key(name), nil, "must not be set: the program derives this variable")
		}
	}
}

func isDerived(service catalogue.Service, name string) bool {
	_, upstream := service.Upstreams[name]
	inVolume := false
	if service.Volume != nil {
		_, inVolume = service.Volume.Variables[name]
	}
	return upstream || inVolume || name == service.PublicURLVariable || derivedVariable.MatchString(name)
}

func (v validator) volume(path keyPath, service catalogue.Service, config Service) {
	if config.Volume == nil {
		return
	}
	if service.Volume == nil {
		v.add(path, nil, "must not be set: %s has no volume of its own", service.Name)
		return
	}
	v.storage(path, config.Volume.Storage)
	accessMode := path.key("accessMode")
	oneOf(v, accessMode, config.Volume.AccessMode, ReadWriteOnce, ReadWriteMany)
	if config.Volume.AccessMode == ReadWriteOnce && (config.Replicas > 1 || config.Canary.Image != "") {
		v.add(accessMode, string(ReadWriteOnce),
			"must be %s with more than one replica or a canary: their pods may be on different nodes", ReadWriteMany)
	}
}

// unmatchableHeaders are ignored by Istio in a header match (istio.io/api, HTTPMatchRequest.headers).
var unmatchableHeaders = []string{"uri", "scheme", "method", "authority"}

func (v validator) canary(path keyPath, canary Canary, profile Profile) {
	weight := path.key("weight")
	v.between(weight, canary.Weight, 0, 100)
	if canary.Image != "" {
		v.image(path.key("image"), canary.Image, profile)
	} else if canary.Weight > 0 {
		v.add(weight, canary.Weight, "must be 0 without a canary: set %s", path.key("image"))
	}
	v.between(path.key("replicas"), canary.Replicas, 1, mostReplicas)
	header := path.key("header")
	name := canary.Header.Name
	if len(validation.IsHTTPHeaderName(name)) > 0 || strings.ToLower(name) != name || slices.Contains(unmatchableHeaders, name) {
		v.add(header.key("name"), name, `must be the name of a request header: lower-case letters, digits and "-", not %s`,
			strings.Join(unmatchableHeaders, ", "))
	}
	if !headerValue.MatchString(canary.Header.Value) {
		v.add(header.key("value"), canary.Header.Value, "must be one or more printable ASCII characters, no space at the ends")
	}
}

// headerValue is what HTTP keeps as it is on its way (RFC 9110, 5.5).
var headerValue = regexp.MustCompile(`^[!-~]([ -~]*[!-~])?$`)
