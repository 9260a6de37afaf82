package stacks

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/components/secrets"
	"github.com/federated-risk/federated-risk/components/service"
	"github.com/federated-risk/federated-risk/internal/catalogue"
	"github.com/federated-risk/federated-risk/internal/dns"
)

// unlimitedDrainSeconds is what a pod that ends leaves to requests without a limit: as much as the default limit does.
const unlimitedDrainSeconds = 30

// deployService declares one service of the catalogue and the routes to it.
func (p *platform) deployService(entry catalogue.Service) error {
	config := p.config.Services[entry.Name]
	args := &service.Args{
		Namespace: p.meshNamespace,
		Service:   entry,
		Stable: service.Deployment{
			Image: config.Image, Replicas: config.Replicas, Autoscaled: config.Autoscaling.Horizontal.Enabled,
			Stopped: p.config.Incident.stops(), Resources: config.Resources.quantities(),
		},
		Env:                   p.serviceEnv(entry, config),
		SecretEnv:             p.serviceSecretEnv(entry),
		CertificateSecretName: p.secrets.CertificateSecretName,
		SigningSecretName:     p.secrets.JWT.SigningSecretName,
		VerificationKeysName:  p.secrets.JWT.KeysName,
		AppConfigName:         p.appConfig.Name,
		PullSecretNames:       p.config.Images.PullSecrets,
		Scratch:               service.Scratch(config.Scratch),
		RequestTimeoutSeconds: cmp.Or(config.Traffic.TimeoutSeconds, unlimitedDrainSeconds),
		Standby:               config.standby(),
		Reencryption:          config.reencryption(entry, p.config.Rotation.Encryption),
	}
	if volume := config.Volume; volume != nil {
		args.Volume = &service.Volume{Size: volume.Size, StorageClass: volume.StorageClass, AccessMode: string(volume.AccessMode), Retain: volume.Retain, Protect: volume.Protect}
	}
	if canary := config.Canary; canary.Image != "" {
		args.Canary = &service.Deployment{
			Image: canary.Image, Replicas: canary.Replicas, Stopped: p.config.Incident.stops(), Resources: canary.Resources.quantities(),
		}
	}
	if args.Standby != nil {
		args.Standby.Stopped = p.config.Incident.stops()
	}
	declared, err := service.New(p.ctx, entry.Name, args, p.providers)
	if err != nil {
		return err
	}
	if err := p.deployAutoscaling(entry.Name, config.Autoscaling, declared.StableName); err != nil {
		return err
	}
	return p.deployRoutes(entry, declared)
}

func (p *platform) serviceEnv(entry catalogue.Service, config Service) map[string]pulumi.StringInput {
	env := map[string]pulumi.StringInput{}
	for name, value := range config.Env {
		env[name] = pulumi.String(value)
	}
	for variable, name := range entry.Upstreams {
		upstream, _ := catalogue.Lookup(name)
		env[variable] = pulumi.String(fmt.Sprintf("http://%s:%s", dns.Host(name, p.config.Namespace), strconv.Itoa(upstream.Port)))
	}
	if entry.PublicURLVariable != "" {
		env[entry.PublicURLVariable] = pulumi.String("https://" + catalogue.HostAPI.In(p.config.Domain))
	}
	if entry.SigningKeys {
		env["JWT_ALGORITHM"] = pulumi.String(secrets.JWTAlgorithm)
		env["JWT_KEY_ID"] = p.secrets.JWT.KeyID
	}
	return env
}

func (p *platform) serviceSecretEnv(entry catalogue.Service) map[string]pulumi.StringInput {
	env := map[string]pulumi.StringInput{}
	if entry.Postgres {
		role := p.secrets.DatabaseLogin
		env["DATABASE_URL"] = p.postgres.URL(role.Name, role.Value)
	}
	if entry.RedisDB != nil {
		env["REDIS_URL"] = p.redis.URL(*entry.RedisDB, p.secrets.Redis.Value)
	}
	if entry.SigningKeys {
		env["ENCRYPTION_KEY"] = p.secrets.Encryption.Key
		env["ENCRYPTION_KEYRING"] = p.secrets.Encryption.Keyring
	}
	return env
}
