// Package appconfig holds the settings that all services of the platform share: the runbook's app-config.
package appconfig

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/internal/configmap"
	"github.com/federated-risk/federated-risk/internal/labels"
)

// appLabel of the object: it belongs to no service.
const appLabel = "app-config"

// Args describe the settings.
type Args struct {
	Namespace pulumi.StringInput
	Cache     Cache
	Security  Security
}

// Cache says how the services use Redis. Times to live are in seconds, 1 or more.
type Cache struct {
	Enabled bool
	// TTL of whatever has no TTL of its own.
	TTL int
	// UserFeatures, ModelCache, PSIResults and ConsentTokens are the rows of the runbook's table, "cache optimization".
	UserFeatures, ModelCache, PSIResults, ConsentTokens int
}

// Security says how strict the services are with their callers.
type Security struct {
	// Mode and AuditLevel are words that the services know.
	Mode, AuditLevel string
	// AuthRequired refuses a request without a token.
	AuthRequired bool
}

// AppConfig is the component.
type AppConfig struct {
	pulumi.ResourceState

	// Name of the ConfigMap, whose entries are environment variables. It changes with the settings.
	Name pulumi.StringOutput `pulumi:"name"`
}

// New declares the settings. A change of any rolls the pods that read them (internal/configmap).
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*AppConfig, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("appconfig %q: %w", name, err)
	}
	component := &AppConfig{}
	if err := ctx.RegisterComponentResource("federated-risk:appconfig:AppConfig", name, component, opts...); err != nil {
		return nil, err
	}
	var err error
	component.Name, err = configmap.New(ctx, name, configmap.Args{
		Namespace: args.Namespace, Labels: labels.Object(appLabel), Data: pulumi.ToStringMap(args.variables()),
	}, pulumi.Parent(component))
	if err != nil {
		return nil, fmt.Errorf("appconfig %q: %w", name, err)
	}
	return component, ctx.RegisterResourceOutputs(component, pulumi.Map{"name": component.Name})
}

// Variables are the names of all entries. Source: runbook, "emergency response" and "cache optimization".
func Variables() []string {
	var names []string
	for name := range (&Args{}).variables() {
		names = append(names, name)
	}
	return names
}

func (args *Args) variables() map[string]string {
	return map[string]string{
		"CACHE_ENABLED":            strconv.FormatBool(args.Cache.Enabled),
		"CACHE_TTL":                strconv.Itoa(args.Cache.TTL),
		"CACHE_TTL_USER_FEATURES":  strconv.Itoa(args.Cache.UserFeatures),
		"CACHE_TTL_MODEL_CACHE":    strconv.Itoa(args.Cache.ModelCache),
		"CACHE_TTL_PSI_RESULTS":    strconv.Itoa(args.Cache.PSIResults),
		"CACHE_TTL_CONSENT_TOKENS": strconv.Itoa(args.Cache.ConsentTokens),
		"SECURITY_MODE":            args.Security.Mode,
		"AUTH_REQUIRED":            strconv.FormatBool(args.Security.AuthRequired),
		"AUDIT_LEVEL":              args.Security.AuditLevel,
	}
}

func (args *Args) check() error {
	if args == nil {
		return errors.New("args is nil")
	}
	var faults []error
	if args.Namespace == nil {
		faults = append(faults, errors.New("args.Namespace is not set"))
	}
	for _, ttl := range []struct {
		argument string
		seconds  int
	}{
		{"TTL", args.Cache.TTL}, {"UserFeatures", args.Cache.UserFeatures}, {"ModelCache", args.Cache.ModelCache},
		{"PSIResults", args.Cache.PSIResults}, {"ConsentTokens", args.Cache.ConsentTokens},
	} {
		if ttl.seconds < 1 {
			faults = append(faults, fmt.Errorf("args.Cache.%s is %d: expected 1 or more seconds", ttl.argument, ttl.seconds))
		}
	}
	if args.Security.Mode == "" {
		faults = append(faults, errors.New("args.Security.Mode is empty"))
	}
	if args.Security.AuditLevel == "" {
		faults = append(faults, errors.New("args.Security.AuditLevel is empty"))
	}
	return errors.Join(faults...)
}
