package stacks

import (
	"fmt"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi-tls/sdk/v5/go/tls"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newProviders declares the providers of the stack and returns the option that hands them to a component. Default
// providers are disabled in Pulumi.yaml: a resource that was given no provider fails instead of landing in whatever
// cluster the current kubeconfig context names.
func newProviders(ctx *pulumi.Context, cluster Cluster) (pulumi.ResourceOption, error) {
	cloud, err := kubernetes.NewProvider(ctx, "kubernetes", kubernetesArgs(cluster))
	if err != nil {
		return nil, fmt.Errorf("provider kubernetes: %w", err)
	}
	randomness, err := random.NewProvider(ctx, "random", &random.ProviderArgs{})
	if err != nil {
		return nil, fmt.Errorf("provider random: %w", err)
	}
	certificates, err := tls.NewProvider(ctx, "tls", &tls.ProviderArgs{})
	if err != nil {
		return nil, fmt.Errorf("provider tls: %w", err)
	}
	return pulumi.Providers(cloud, randomness, certificates), nil
}

func kubernetesArgs(cluster Cluster) *kubernetes.ProviderArgs {
	args := &kubernetes.ProviderArgs{
		EnableServerSideApply: pulumi.Bool(true),
		// What the stack declares wins over a manual edit, instead of failing on a field conflict with it.
		EnablePatchForce: pulumi.Bool(true),
		// An update that is killed between the API call and the checkpoint leaves an object that the state does not
		// know: the next update takes it over instead of failing on it.
		UpsertExistingObjects: pulumi.Bool(true),
		// Objects with a fixed name change in place. Those that roll pods have generated names and ask for a
		// replacement themselves (internal/kubesecret).
		EnableSecretMutable:    pulumi.Bool(true),
		EnableConfigMapMutable: pulumi.Bool(true),
		// Set also when it is empty: the SDK would fill in $KUBECONFIG, and so one machine's path would get into the state,
		// where the provider cannot read it from another machine, nor several paths in one. Empty, it finds them itself.
		Kubeconfig: pulumi.String(cluster.Kubeconfig),
	}
	if cluster.Context != "" {
		args.Context = pulumi.String(cluster.Context)
		// Without a kubeconfig in the state the provider cannot tell by itself that a stack moves to another cluster.
		args.ClusterIdentifier = pulumi.String(cluster.Context)
	}
	return args
}
