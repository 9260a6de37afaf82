package release

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/postrender"
	helm "helm.sh/helm/v3/pkg/release"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/await"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/kube"
	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/property"
)

// cleanupTimeout limits the removal of a release whose installation failed, also after a cancellation.
const cleanupTimeout = time.Minute

// operation is a release to be brought about, by a create or an update.
type operation struct {
	urn     resource.URN
	args    args
	inputs  resource.PropertyMap
	timeout time.Duration
	create  bool
}

// deploy installs the release, or upgrades the one there is, after it has recovered one that a killed process left.
func (r *Releases) deploy(ctx context.Context, o operation) (resource.PropertyMap, error) {
	connection, err := r.helm(o.args.Namespace)
	if err != nil {
		return nil, err
	}
	loaded, _, err := o.args.load()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.args, err)
	}
	exists, err := r.recover(ctx, connection, o)
	if err != nil {
		return nil, err
	}
	if exists && o.create && !r.adopt && !o.args.Replace {
		return nil, fmt.Errorf("%s exists already: import it (`pulumi import`, ID %s), uninstall it, or let the program take "+
			"it over with the provider's upsertExistingObjects", o.args, o.args.id())
	}
	// The chart may have brought custom resource definitions, or changed them.
	defer connection.client.Invalidate()
	if exists && (!o.create || !o.args.Replace) {
		r.host.LogStatus(ctx, diag.Info, o.urn, "upgrading the release")
		return connection.upgrade(ctx, o, loaded)
	}
	r.host.LogStatus(ctx, diag.Info, o.urn, "installing the release")
	return connection.install(ctx, o, loaded)
}

// recover returns whether there is a release to upgrade. One that never got deployed is removed; an upgrade or rollback
// that failed or was cut off is rolled back to the last good revision.
func (r *Releases) recover(ctx context.Context, c *connection, o operation) (bool, error) {
	last, err := c.last(o.args.Name)
	if last == nil || err != nil {
		return false, err
	}
	deployed, err := c.deployed(o.args.Name)
	if err != nil {
		return false, err
	}
	warn := func(format string, a ...any) { r.host.Log(ctx, diag.Warning, o.urn, fmt.Sprintf(format, a...)) }
	switch status := last.Info.Status; {
	case deployed == nil:
		warn("%s was left %s and never deployed: removing it", o.args, status)
		return false, c.uninstall(ctx, o.args, o.timeout)
	case status == helm.StatusUninstalling:
		warn("%s was left %s: finishing that first", o.args, status)
		return false, c.uninstall(ctx, o.args, o.timeout)
	case status.IsPending(), status == helm.StatusFailed:
		// Helm compares with the deployed revision alone: what a failed upgrade has changed would stay.
		warn("%s was left %s: rolling it back to revision %d first", o.args, status, deployed.Version)
		return true, c.rollback(ctx, o.args, deployed.Version, false, o.timeout)
	default:
		return true, nil
	}
}

func (c *connection) install(ctx context.Context, o operation, loaded *chart.Chart) (resource.PropertyMap, error) {
	install := action.NewInstall(c.config)
	install.ReleaseName, install.Namespace = o.args.Name, o.args.Namespace
	install.CreateNamespace = o.args.CreateNamespace
	install.Description = o.args.Description
	install.Timeout = o.timeout
	install.Wait = !o.args.SkipAwait || o.args.Atomic
	install.WaitForJobs = install.Wait && o.args.WaitForJobs
	install.DisableHooks = o.args.DisableWebhooks
	install.DisableOpenAPIValidation = o.args.DisableOpenapiValidation
	install.SkipCRDs = o.args.SkipCrds
	install.SubNotes = o.args.RenderSubchartNotes
	install.Replace = o.args.Replace
	install.TakeOwnership = o.args.TakeOwnership
	install.Force = o.args.ForceUpdate
	var err error
	if install.PostRenderer, err = o.args.postRenderer(); err != nil {
		return nil, err
	}
	installed, err := install.RunWithContext(ctx, loaded, merge(o.args.Values, nil))
	if err == nil {
		return toOutputs(o.inputs, installed), nil
	}
	err = fmt.Errorf("install %s: %w", o.args, c.explain(ctx, err, installed))
	if installed == nil || installed.Info.Status == helm.StatusUnknown {
		return nil, err
	}
	cleanupCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	if cleanupErr := c.uninstall(cleanupCtx, o.args, cleanupTimeout); cleanupErr != nil {
		return nil, errors.Join(err, fmt.Errorf("and what had been installed was not removed: %w", cleanupErr))
	}
	return nil, fmt.Errorf("%w\n  (what had been installed has been removed)", err)
}

func (c *connection) upgrade(ctx context.Context, o operation, loaded *chart.Chart) (resource.PropertyMap, error) {
	deployed, err := c.deployed(o.args.Name)
	if err != nil {
		return nil, err
	}
	upgrade := action.NewUpgrade(c.config)
	upgrade.Namespace = o.args.Namespace
	upgrade.Description = o.args.Description
	upgrade.Timeout = o.timeout
	upgrade.Wait = !o.args.SkipAwait || o.args.Atomic
	upgrade.WaitForJobs = upgrade.Wait && o.args.WaitForJobs
	upgrade.DisableHooks = o.args.DisableWebhooks
	upgrade.DisableOpenAPIValidation = o.args.DisableOpenapiValidation
	upgrade.SkipCRDs = o.args.SkipCrds
	upgrade.SubNotes = o.args.RenderSubchartNotes
	upgrade.Force = o.args.ForceUpdate
	upgrade.Recreate = o.args.RecreatePods
	// Helm deletes what a failed upgrade has created before anybody can ask it what was wrong: done below instead. Only
	// Helm can tell what was created from what was taken over.
	upgrade.CleanupOnFail = o.args.CleanupOnFail && o.args.TakeOwnership
	upgrade.MaxHistory = o.args.MaxHistory
	upgrade.TakeOwnership = o.args.TakeOwnership
	// Helm would keep the old values if the new ones are empty; the program's are all there are.
	upgrade.ReuseValues = o.args.ReuseValues && !o.args.ResetValues
	upgrade.ResetValues = !upgrade.ReuseValues
	if upgrade.PostRenderer, err = o.args.postRenderer(); err != nil {
		return nil, err
	}
	upgraded, err := upgrade.RunWithContext(ctx, o.args.Name, loaded, merge(o.args.Values, nil))
	if err == nil {
		return toOutputs(o.inputs, upgraded), nil
	}
	err = fmt.Errorf("upgrade %s: %w", o.args, c.explain(ctx, err, upgraded))
	if upgraded == nil {
		return nil, err // nothing was changed
	}
	if o.args.CleanupOnFail && !o.args.TakeOwnership {
		cleanupCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
		defer cancel()
		err = errors.Join(err, c.removeCreated(cleanupCtx, deployed, upgraded))
	}
	if o.args.Atomic && deployed != nil {
		cleanupCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.timeout)
		defer cancel()
		if rollbackErr := c.rollback(cleanupCtx, o.args, deployed.Version, true, o.timeout); rollbackErr != nil {
			return nil, errors.Join(err, rollbackErr)
		}
		return nil, fmt.Errorf("%w\n  (the release has been rolled back to revision %d)", err, deployed.Version)
	}
	outputs := toOutputs(o.inputs, upgraded)
	reason := redact(err, o.inputs).Error()
	return outputs, property.InitFailed(o.args.id(), o.inputs, outputs, reason)
}

func (a args) postRenderer() (postrender.PostRenderer, error) {
	if a.Postrender == "" {
		return nil, nil
	}
	renderer, err := postrender.NewExec(a.Postrender)
	if err != nil {
		return nil, fmt.Errorf("%s: postrender: %w", a, err)
	}
	return renderer, nil
}

// explain adds to Helm's error, which says only that something was not ready, what that is and why.
func (c *connection) explain(ctx context.Context, err error, failed *helm.Release) error {
	if failed == nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	var reasons []string
	for _, object := range objectsOf(failed.Manifest) {
		key, err := c.key(object, failed.Namespace)
		if err != nil {
			continue
		}
		live, err := c.client.Get(ctx, key)
		if err != nil {
			continue
		}
		var notReady *await.NotReadyError
		if errors.As(await.Now(ctx, c.client, live), &notReady) {
			reasons = append(reasons, notReady.Error())
		}
	}
	if len(reasons) == 0 {
		return err
	}
	return fmt.Errorf("%w\n%s", err, strings.Join(reasons, "\n"))
}

// removeCreated deletes the objects of a failed upgrade that the deployed revision does not have.
func (c *connection) removeCreated(ctx context.Context, deployed, failed *helm.Release) error {
	if deployed == nil {
		return nil
	}
	kept := map[kube.Key]bool{}
	for _, object := range objectsOf(deployed.Manifest) {
		if key, err := c.key(object, deployed.Namespace); err == nil {
			kept[key] = true
		}
	}
	var errs []error
	for _, object := range objectsOf(failed.Manifest) {
		key, err := c.key(object, failed.Namespace)
		if err != nil || kept[key] {
			continue
		}
		live, err := c.client.Get(ctx, key)
		if apierrors.IsNotFound(err) {
			continue
		}
		if err == nil {
			err = c.client.Delete(ctx, key, live.GetUID())
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("remove what the failed upgrade had created: %w", err))
		}
	}
	return errors.Join(errs...)
}

// key is where an object of a manifest is: in the release's namespace if it does not say.
func (c *connection) key(object *unstructured.Unstructured, namespace string) (kube.Key, error) {
	key := kube.KeyOf(object)
	mapping, err := c.client.Mapping(key.Kind)
	if err != nil {
		return kube.Key{}, err
	}
	if mapping.Scope.Name() != meta.RESTScopeNameNamespace {
		key.Namespace = ""
	} else if key.Namespace == "" {
		key.Namespace = namespace
	}
	return key, nil
}
