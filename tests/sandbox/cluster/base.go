package cluster

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

//go:embed base/*.yaml
var baseManifests embed.FS

const (
	fieldManager = "federated-risk-sandbox"
	applyTimeout = 60 * time.Second
	readyTimeout = 60 * time.Second

	applyConcurrency = 4
)

// resources are the kinds that the base consists of; all of them are cluster-scoped.
var resources = map[schema.GroupVersionKind]schema.GroupVersionResource{
	crdKind: crdResource,
	{Group: "kwok.x-k8s.io", Version: "v1alpha1", Kind: "Stage"}:   {Group: "kwok.x-k8s.io", Version: "v1alpha1", Resource: "stages"},
	{Group: "storage.k8s.io", Version: "v1", Kind: "StorageClass"}: {Group: "storage.k8s.io", Version: "v1", Resource: "storageclasses"},
	{Version: "v1", Kind: "Node"}:                                  nodeResource,
	{Version: "v1", Kind: "Namespace"}:                             {Version: "v1", Resource: "namespaces"},
}

var (
	crdKind      = schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}
	crdResource  = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	nodeKind     = schema.GroupVersionKind{Version: "v1", Kind: "Node"}
	nodeResource = schema.GroupVersionResource{Version: "v1", Resource: "nodes"}
)

// RESTConfig returns the administrator's access to the cluster, without client-side rate limits.
func (c *Cluster) RESTConfig() (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", c.config.Kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("kubeconfig %s: %w", c.config.Kubeconfig, err)
	}
	config.QPS = -1
	return config, nil
}

// applyBase brings the CRDs, the stages, the StorageClass and the nodes to what the sandbox declares, and
// waits until the CRDs are established and the nodes ready.
func (c *Cluster) applyBase(ctx context.Context) error {
	config, err := c.RESTConfig()
	if err != nil {
		return err
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("client: %w", err)
	}
	// The CRDs go first and must be established: kwok watches the kinds that its stages name.
	if err := c.applyCRDs(ctx, client); err != nil {
		return err
	}
	objects, err := c.readManifests(ctx, stageSources)
	if err != nil {
		return err
	}
	own, err := embeddedManifests()
	if err != nil {
		return err
	}
	var nodes []*unstructured.Unstructured
	for _, object := range own {
		if object.GroupVersionKind() == nodeKind {
			nodes = append(nodes, object)
		} else {
			objects = append(objects, object)
		}
	}
	if err := applyAll(ctx, client, append(objects, nodes...)); err != nil {
		return err
	}
	if err := waitFor(ctx, client, nodeResource, "Ready", names(nodes)); err != nil {
		return err
	}
	// Again: a stage that found a new node before its size was applied has given it an enormous one. It
	// leaves nodes that are ready alone.
	return applyAll(ctx, client, nodes)
}

// applyCRDs applies the CRDs unless this cluster got the same ones before: they are megabytes of schema,
// which cost the API server seconds even when nothing changes.
func (c *Cluster) applyCRDs(ctx context.Context, client dynamic.Interface) error {
	files, err := c.manifestFiles(ctx, crdSources)
	if err != nil {
		return err
	}
	// A module's directory carries its version and the Go command keeps it from changing.
	applied := []byte(strings.Join(files, "\n"))
	marker := filepath.Join(c.config.Dir, "crds")
	if before, err := os.ReadFile(marker); err == nil && bytes.Equal(before, applied) {
		return nil
	}
	crds, err := readFiles(files)
	if err != nil {
		return err
	}
	if err := applyAll(ctx, client, crds); err != nil {
		return err
	}
	if err := waitFor(ctx, client, crdResource, "Established", names(crds)); err != nil {
		return err
	}
	return writeFile(marker, applied)
}

func (c *Cluster) readManifests(ctx context.Context, sources []manifestSource) ([]*unstructured.Unstructured, error) {
	files, err := c.manifestFiles(ctx, sources)
	if err != nil {
		return nil, err
	}
	return readFiles(files)
}

func readFiles(files []string) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("manifest: %w", err)
		}
		found, err := decode(content)
		if err != nil {
			return nil, fmt.Errorf("manifest %s: %w", file, err)
		}
		objects = append(objects, found...)
	}
	return objects, nil
}

func embeddedManifests() ([]*unstructured.Unstructured, error) {
	entries, err := baseManifests.ReadDir("base")
	if err != nil {
		return nil, err
	}
	var objects []*unstructured.Unstructured
	for _, entry := range entries {
		content, err := baseManifests.ReadFile("base/" + entry.Name())
		if err != nil {
			return nil, err
		}
		found, err := decode(content)
		if err != nil {
			return nil, fmt.Errorf("manifest base/%s: %w", entry.Name(), err)
		}
		objects = append(objects, found...)
	}
	return objects, nil
}

// decode splits a YAML stream into objects; documents without a kind (comments) are left out.
func decode(content []byte) ([]*unstructured.Unstructured, error) {
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
	var objects []*unstructured.Unstructured
	for {
		object := &unstructured.Unstructured{}
		if err := decoder.Decode(&object.Object); errors.Is(err, io.EOF) {
			return objects, nil
		} else if err != nil {
			return nil, err
		}
		if object.GetKind() != "" {
			objects = append(objects, object)
		}
	}
}

// applyAll applies the objects server-side. The sandbox owns them: a manual edit is overwritten.
func applyAll(ctx context.Context, client dynamic.Interface, objects []*unstructured.Unstructured) error {
	ctx, cancel := context.WithTimeout(ctx, applyTimeout)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(applyConcurrency)
	for _, object := range objects {
		group.Go(func() error {
			if err := apply(ctx, client, object); err != nil {
				return fmt.Errorf("apply %s %s: %w", object.GetKind(), object.GetName(), err)
			}
			return nil
		})
	}
	return group.Wait()
}

func apply(ctx context.Context, client dynamic.Interface, object *unstructured.Unstructured) error {
	resource, known := resources[object.GroupVersionKind()]
	if !known {
		return fmt.Errorf("%s is not a kind the sandbox's base may hold", object.GroupVersionKind())
	}
	// Generated CRDs carry a status of nulls, which the API server would refuse or ignore.
	status, hasStatus := object.Object["status"]
	main := object.DeepCopy()
	unstructured.RemoveNestedField(main.Object, "status")
	options := metav1.ApplyOptions{FieldManager: fieldManager, Force: true}
	if err := retryUnready(ctx, func() error {
		_, err := client.Resource(resource).Apply(ctx, object.GetName(), main, options)
		return err
	}); err != nil {
		return err
	}
	if !hasStatus || resource != nodeResource {
		return nil
	}
	statusOnly := &unstructured.Unstructured{Object: map[string]any{"status": status}}
	statusOnly.SetGroupVersionKind(object.GroupVersionKind())
	statusOnly.SetName(object.GetName())
	_, err := client.Resource(resource).ApplyStatus(ctx, object.GetName(), statusOnly, options)
	return err
}

// retryUnready repeats an apply that the API server refused because it has not yet begun to serve the
// object's kind.
func retryUnready(ctx context.Context, apply func() error) error {
	var last error
	err := wait.PollUntilContextCancel(ctx, healthInterval, true, func(context.Context) (bool, error) {
		last = apply()
		if apierrors.IsNotFound(last) || apierrors.IsServiceUnavailable(last) || apierrors.IsTooManyRequests(last) {
			return false, nil
		}
		return true, last
	})
	if err != nil && last != nil {
		return last
	}
	return err
}

// waitFor waits until the named objects carry the condition with status True.
func waitFor(ctx context.Context, client dynamic.Interface, resource schema.GroupVersionResource, condition string, names []string) error {
	deadline, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	var current, seen string
	err := wait.PollUntilContextCancel(deadline, healthInterval, true, func(ctx context.Context) (bool, error) {
		for len(names) > 0 {
			current = names[0]
			object, err := client.Resource(resource).Get(ctx, current, metav1.GetOptions{})
			if err != nil {
				seen = err.Error()
				return false, nil //nolint:nilerr // not there yet, or the API server is not: the deadline decides
			}
			conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
			if !hasCondition(conditions, condition) {
				description, _ := json.Marshal(conditions)
				seen = "conditions " + string(description)
				return false, nil
			}
			names = names[1:]
		}
		return true, nil
	})
	if err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("wait for %s %s to become %s: %w (%s)", resource.Resource, current, condition, ctx.Err(), seen)
		}
		return fmt.Errorf("%s %s did not become %s within %s: %s", resource.Resource, current, condition, readyTimeout, seen)
	}
	return nil
}

func hasCondition(conditions []any, name string) bool {
	for _, entry := range conditions {
		if condition, ok := entry.(map[string]any); ok && condition["type"] == name && condition["status"] == "True" {
			return true
		}
	}
	return false
}

func names(objects []*unstructured.Unstructured) []string {
	var names []string
	for _, object := range objects {
		names = append(names, object.GetName())
	}
	return names
}
