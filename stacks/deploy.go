// Package stacks is one environment: it reads and validates the stack config and declares the platform from it.
package stacks

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/components/appconfig"
	"github.com/federated-risk/federated-risk/components/namespace"
	"github.com/federated-risk/federated-risk/components/postgres"
	"github.com/federated-risk/federated-risk/components/redis"
	"github.com/federated-risk/federated-risk/components/secrets"
	"github.com/federated-risk/federated-risk/internal/catalogue"
	"github.com/federated-risk/federated-risk/internal/login"
)

// Deploy is the Pulumi program: it loads the stack config and declares every resource of the platform. A faulty config
// is refused before any resource is registered.
func Deploy(ctx *pulumi.Context) error {
	config, err := Load(ctx)
	if err != nil {
		return err
	}
	if err := config.warn(ctx.Log); err != nil {
		return err
	}
	providers, err := newProviders(ctx, config.Cluster)
	if err != nil {
		return err
	}
	effective := config.underIncident()
	p := &platform{ctx: ctx, config: &effective, providers: providers}
	if err := p.deployRotation(config); err != nil {
		return err
	}
	if err := p.deployFoundations(); err != nil {
		return err
	}
	if err := p.deployAppConfig(); err != nil {
		return err
	}
	if err := p.deployIngress(); err != nil {
		return err
	}
	for _, service := range catalogue.Services() {
		if err := p.deployService(service); err != nil {
			return err
		}
	}
	if err := p.deployMonitoring(); err != nil {
		return err
	}
	p.export()
	return nil
}

// platform is what has been declared so far.
type platform struct {
	ctx *pulumi.Context
	// config is what the incident makes of the stack's.
	config    *Config
	providers pulumi.ResourceOption

	namespace *namespace.Namespace
	// meshNamespace is the namespace's name for pods with a sidecar and objects of Istio's kinds: they wait for the Istio
	// that the stack installs, if it does.
	meshNamespace pulumi.StringOutput
	// istioInstalled are the releases of the Istio that the stack installs.
	istioInstalled []pulumi.Resource
	// autoscalingNamespace is the namespace's name for the vertical autoscalers: they wait for the VPA that the stack installs.
	autoscalingNamespace pulumi.StringOutput
	// monitoringNamespace is the namespace's name for objects of the Prometheus operator's kinds: they wait for the kinds that
	// the stack installs.
	monitoringNamespace pulumi.StringOutput
	secrets             *secrets.Secrets
	postgres            *postgres.Postgres
	redis               *redis.Redis
	appConfig           *appconfig.AppConfig
}

// deployFoundations declares what the services stand on. The two data releases start side by side.
func (p *platform) deployFoundations() (err error) {
	p.namespace, err = namespace.New(p.ctx, "namespace", &namespace.Args{
		Name: p.config.Namespace, PodSecurity: string(p.config.Policy.PodSecurity), Retain: p.config.retainsData(),
	}, p.providers)
	if err != nil {
		return err
	}
	if err = p.deploySharedReleases(); err != nil {
		return err
	}
	if p.secrets, err = secrets.New(p.ctx, "secrets", p.secretsArgs(), p.providers); err != nil {
		return err
	}
	if p.postgres, err = postgres.New(p.ctx, "postgres", p.postgresArgs(), p.providers); err != nil {
		return err
	}
	if p.redis, err = redis.New(p.ctx, "redis", p.redisArgs(), p.providers); err != nil {
		return err
	}
	return p.deployPolicy()
}

func (p *platform) secretsArgs() *secrets.Args {
	args := &secrets.Args{
		Namespace: p.namespace.Name, Generations: p.config.Rotation.generations(),
		DatabaseRoles: p.config.Postgres.loginRoles(), PublicCertificate: p.publicCertificate(),
	}
	if p.config.TLS.Mode == TLSExisting {
		args.ExistingCertificate = p.config.TLS.SecretName
		return args
	}
	args.ServerCertificate = p.config.certificate()
	return args
}

func (p *platform) postgresArgs() *postgres.Args {
	config := p.config.Postgres
	args := &postgres.Args{
		Namespace:    p.namespace.Name,
		Chart:        p.config.Releases.Postgres.chart(),
		Instances:    config.Instances,
		Version:      config.Version,
		Database:     config.Database,
		Owner:        config.Owner,
		StorageSize:  config.Storage.Size,
		StorageClass: config.Storage.StorageClass,
		Resources:    config.Resources.quantities(),
		Retain:       config.Storage.Retain,
		Protect:      config.Protect,
		Backup:       config.Backup.args(),
		Recovery:     config.Recovery.args(),

		ServiceAccountAnnotations: config.ServiceAccountAnnotations,

		Login: postgres.Login{
			Role: p.secrets.DatabaseLogin.Name, Attempt: p.loginAttempt(p.config.Rotation.Database, config.ClientImage),
		},
	}
	if operator := p.config.Releases.PostgresOperator; operator.Install {
		args.Operator = &postgres.Operator{Chart: operator.chart(), Namespace: operator.Namespace}
	}
	for _, role := range p.secrets.DatabaseRoles {
		args.LoginRoles = append(args.LoginRoles, postgres.LoginRole{Name: role.Name, SecretName: role.SecretName})
	}
	return args
}

func (p *platform) redisArgs() *redis.Args {
	config := p.config.Redis
	return &redis.Args{
		Namespace:  p.namespace.Name,
		Chart:      p.config.Releases.Redis.chart(),
		Replicas:   config.Replicas,
		SecretName: p.secrets.Redis.SecretName,
		Login: redis.Login{
			User: p.secrets.Redis.User, Attempt: p.loginAttempt(p.config.Rotation.Redis, config.ClientImage),
		},
		MaxmemoryPolicy: config.MaxmemoryPolicy,
		StorageSize:     config.Storage.Size,
		StorageClass:    config.Storage.StorageClass,
		Retain:          config.Storage.Retain,
		Resources:       config.Resources.quantities(),
		Protect:         config.Protect,
	}
}

func (p *platform) loginAttempt(generation int, image string) login.Attempt {
	return login.Attempt{Generation: generation, Image: image, PullSecretNames: p.config.Images.PullSecrets}
}

// export publishes what the next person needs: where the platform answers and how traffic is split.
func (p *platform) export() {
	weights := pulumi.IntMap{}
	for name, service := range p.config.Services {
		if service.Canary.Image != "" {
			weights[name] = pulumi.Int(service.Canary.Weight)
		}
	}
	p.ctx.Export("namespace", p.namespace.Name)
	p.ctx.Export("apiURL", pulumi.String(fmt.Sprintf("https://%s", catalogue.HostAPI.In(p.config.Domain))))
	p.ctx.Export("appURL", pulumi.String(fmt.Sprintf("https://%s", catalogue.HostApp.In(p.config.Domain))))
	p.ctx.Export("canaryWeights", weights)
}
