package stacks

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/federated-risk/federated-risk/components/rotation"
	"github.com/federated-risk/federated-risk/components/secrets"
	"github.com/federated-risk/federated-risk/internal/catalogue"
	"github.com/federated-risk/federated-risk/internal/jobs"
)

// deployRotation declares the record of the generations, which everything after it waits for: a config that goes back is
// refused before anything changes. The record is of what the config says, not of what an incident makes of it for a while.
func (p *platform) deployRotation(declared *Config) error {
	config := declared.Rotation
	recorded, err := rotation.New(p.ctx, "rotation", &rotation.Args{
		Path:        Project + ":rotation",
		Generations: config.byKey(),
		Thresholds:  map[string]int{"jwtRevoked": config.JWTRevoked},
		Retired:     map[string][]int{"encryptionRetired": config.EncryptionRetired},
		Locked:      p.config.lockedRotations(),
		MayRetire:   p.mayRetire,
	})
	if err != nil {
		return err
	}
	// A component stands for its children to whom depends on it, and this one has none: what is waited for is its URN.
	after := recorded.URN().ApplyT(func(pulumi.URN) []pulumi.Resource { return nil }).(pulumi.ResourceArrayOutput)
	p.providers = pulumi.Composite(p.providers, pulumi.DependsOnInputs(after))
	return nil
}

// byKey are the generations by their keys in the config.
func (rotation Rotation) byKey() map[string]int {
	return map[string]int{
		"jwt": rotation.JWT, "database": rotation.Database, "encryption": rotation.Encryption, "tls": rotation.TLS, "redis": rotation.Redis,
	}
}

// lockedRotations are those that cannot be completed now, with the reason.
func (config *Config) lockedRotations() map[string]string {
	if !config.Policy.Isolated {
		return nil
	}
	const reason = "the stack is isolated: a rotation would roll the pods, which are evidence and could not start. End the isolation first"
	locked := map[string]string{}
	for key := range config.Rotation.byKey() {
		locked[key] = reason
	}
	return locked
}

// mayRetire wants the re-encryption of the generation in use to have succeeded. Only the cluster knows, so it is asked.
func (p *platform) mayRetire(_ string, generations []int) error {
	cluster := jobs.Cluster{Kubeconfig: p.config.Cluster.Kubeconfig, Context: p.config.Cluster.Context}
	for _, name := range catalogue.Names() {
		entry, _ := catalogue.Lookup(name)
		if !entry.Reencryption {
			continue
		}
		job := catalogue.ReencryptionJob(name, p.config.Rotation.Encryption)
		if err := cluster.Succeeded(p.ctx.Context(), p.config.Namespace, job); err != nil {
			return fmt.Errorf("%v: data may still be encrypted with it, because %w. Take it out, update the stack, and add it "+
				"once kubectl -n %s wait --for=condition=Complete job/%s says so", generations, err, p.config.Namespace, job)
		}
	}
	return nil
}

func (rotation Rotation) generations() secrets.Generations {
	return secrets.Generations{
		JWT: rotation.JWT, JWTRevoked: rotation.JWTRevoked, Database: rotation.Database, Redis: rotation.Redis,
		Encryption: rotation.Encryption, EncryptionRetired: rotation.EncryptionRetired, TLS: rotation.TLS,
	}
}
