package release

import (
	"context"
	"errors"
	"fmt"
	"time"

	"helm.sh/helm/v3/pkg/action"
	helm "helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/kube"
)

// connection is Helm in one namespace of the cluster.
type connection struct {
	client *kube.Client
	config *action.Configuration
}

func (r *Releases) helm(namespace string) (*connection, error) {
	client, err := r.client()
	if err != nil {
		return nil, err
	}
	getter, err := client.Getter(namespace)
	if err != nil {
		return nil, err
	}
	config := &action.Configuration{}
	// Helm's debug log shows manifests, and with them secrets.
	silent := func(string, ...any) {}
	if err := config.Init(getter, namespace, "secrets", silent); err != nil {
		return nil, fmt.Errorf("set up Helm for namespace %s of %s: %w", namespace, client.Server(), err)
	}
	return &connection{client: client, config: config}, nil
}

// last returns the newest revision of the release, nil if there is none.
func (c *connection) last(name string) (*helm.Release, error) {
	last, err := c.config.Releases.Last(name)
	if errors.Is(err, driver.ErrReleaseNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read Helm release %s from %s: %w", name, c.client.Server(), err)
	}
	return last, nil
}

// deployed returns the revision that was last installed or upgraded to successfully, nil if there is none.
func (c *connection) deployed(name string) (*helm.Release, error) {
	deployed, err := c.config.Releases.Deployed(name)
	if errors.Is(err, driver.ErrNoDeployedReleases) || errors.Is(err, driver.ErrReleaseNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the deployed revision of Helm release %s from %s: %w", name, c.client.Server(), err)
	}
	return deployed, nil
}

// uninstall removes the release and waits for its objects to be gone. A release that does not exist is no error.
func (c *connection) uninstall(ctx context.Context, release args, timeout time.Duration) error {
	uninstall := action.NewUninstall(c.config)
	uninstall.IgnoreNotFound = true
	uninstall.DisableHooks = release.DisableWebhooks
	uninstall.Wait = !release.SkipAwait
	uninstall.Timeout = timeout
	err := cancellable(ctx, func() error {
		_, err := uninstall.Run(release.Name)
		return err
	})
	if err != nil {
		return fmt.Errorf("uninstall %s: %w", release, err)
	}
	return nil
}

// rollback returns to a revision, without waiting for it to be ready: it will be upgraded next, or has been ready.
func (c *connection) rollback(ctx context.Context, release args, revision int, wait bool, timeout time.Duration) error {
	rollback := action.NewRollback(c.config)
	rollback.Version = revision
	rollback.Wait = wait
	rollback.Timeout = timeout
	rollback.DisableHooks = release.DisableWebhooks
	rollback.Recreate = release.RecreatePods
	rollback.Force = release.ForceUpdate
	rollback.CleanupOnFail = true
	rollback.MaxHistory = release.MaxHistory
	if err := cancellable(ctx, func() error { return rollback.Run(release.Name) }); err != nil {
		return fmt.Errorf("roll %s back to revision %d: %w", release, revision, err)
	}
	return nil
}

// cancellable runs one of Helm's operations that take no context, and leaves it behind when ctx ends.
func cancellable(ctx context.Context, run func() error) error {
	result := make(chan error, 1)
	go func() { result <- run() }()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
