package kube

import (
	"cmp"
	"context"
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// Client is a connection to one cluster. It is safe for concurrent use. Creating one contacts no server: a cluster that
// cannot be reached is an error of the first call that needs it.
type Client struct {
	settings  Settings
	rest      *rest.Config
	dynamic   dynamic.Interface
	discovery discovery.CachedDiscoveryInterface
	mapper    *restmapper.DeferredDiscoveryRESTMapper
	types     *typeCache
	namespace string

	// refresh serialises the invalidation of what discovery has cached.
	refresh sync.Mutex
}

// NewClient returns a client for the cluster of settings. warn gets the warnings that the API server adds to its
// answers (of deprecated versions, say), with the context of the call.
func NewClient(settings Settings, warn func(ctx context.Context, warning string)) (*Client, error) {
	config, err := settings.ClientConfig()
	if err != nil {
		return nil, err
	}
	restConfig, err := settings.restConfig(config)
	if err != nil {
		return nil, fmt.Errorf("no usable kubeconfig for %s: %w", describeContext(settings), err)
	}
	restConfig.UserAgent = "pulumi-resource-kubernetes (sandbox)"
	restConfig.WarningHandlerWithContext = warningHandler(warn)
	client := &Client{settings: settings, rest: restConfig}

	if client.dynamic, err = dynamic.NewForConfig(restConfig); err != nil {
		return nil, fmt.Errorf("set up the client of %s: %w", client.Server(), err)
	}
	direct, err := discovery.NewDiscoveryClientForConfig(restConfig)
	if err != nil {
		return nil, fmt.Errorf("set up the client of %s: %w", client.Server(), err)
	}
	client.discovery = memory.NewMemCacheClient(direct)
	client.mapper = restmapper.NewDeferredDiscoveryRESTMapper(client.discovery)
	client.types = newTypeCache(direct.OpenAPIV3)
	if client.namespace, _, err = config.Namespace(); err != nil {
		return nil, fmt.Errorf("read the default namespace of %s: %w", describeContext(settings), err)
	}
	client.namespace = cmp.Or(client.namespace, "default")
	return client, nil
}

type warningHandler func(ctx context.Context, warning string)

// HandleWarningHeaderWithContext implements rest.WarningHandlerWithContext.
func (h warningHandler) HandleWarningHeaderWithContext(ctx context.Context, code int, _, text string) {
	const miscellaneous = 299 // RFC 7234, 5.5: the only code that the API server uses
	if h != nil && code == miscellaneous && text != "" {
		h(ctx, text)
	}
}

// Namespace is the one for objects that name none.
func (c *Client) Namespace() string { return c.namespace }

// RESTConfig is a copy of the connection's configuration.
func (c *Client) RESTConfig() *rest.Config { return rest.CopyConfig(c.rest) }

// Discovery lists what the API server serves, from a cache.
func (c *Client) Discovery() discovery.CachedDiscoveryInterface { return c.discovery }

// Server names the API server and the kubeconfig context, for messages.
func (c *Client) Server() string {
	return fmt.Sprintf("%s (%s)", c.rest.Host, describeContext(c.settings))
}

func describeContext(s Settings) string {
	name := s.Context
	if name == "" {
		if config, err := s.ClientConfig(); err == nil {
			if raw, err := config.RawConfig(); err == nil {
				name = raw.CurrentContext
			}
		}
	}
	if name == "" {
		return "no kubeconfig context"
	}
	return fmt.Sprintf("kubeconfig context %q", name)
}

// UnknownKindError says that the API server does not serve a kind.
type UnknownKindError struct {
	Kind   schema.GroupVersionKind
	Server string
}

// Error implements error.
func (e *UnknownKindError) Error() string {
	what := "check its apiVersion and kind against `kubectl api-resources`"
	if e.Kind.Group != "" {
		what = fmt.Sprintf("install the custom resource definition of group %q that has it, or correct its apiVersion "+
			"and kind", e.Kind.Group)
	}
	return fmt.Sprintf("the API server %s does not know kind %s of %s: %s",
		e.Server, e.Kind.Kind, e.Kind.GroupVersion(), what)
}

// Mapping returns the resource that serves kind, and its scope. What discovery found earlier may be out of date (a
// custom resource definition may have been created since), so a kind that is not there is looked for once more. The
// error is an *UnknownKindError if the kind does not exist.
func (c *Client) Mapping(kind schema.GroupVersionKind) (*meta.RESTMapping, error) {
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if meta.IsNoMatchError(err) {
		c.Invalidate()
		mapping, err = c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	}
	if meta.IsNoMatchError(err) {
		return nil, &UnknownKindError{Kind: kind, Server: c.Server()}
	}
	if err != nil {
		return nil, c.explain(fmt.Errorf("look up kind %s of %s: %w", kind.Kind, kind.GroupVersion(), err))
	}
	return mapping, nil
}

// Serves tells whether the API server is known to serve kind.
func (c *Client) Serves(kind schema.GroupVersionKind) bool {
	_, err := c.Mapping(kind)
	return err == nil
}

// Invalidate forgets what discovery found and the schemas read so far. Call it when custom resource definitions have
// changed.
func (c *Client) Invalidate() {
	c.refresh.Lock()
	defer c.refresh.Unlock()
	c.mapper.Reset()
	c.types.invalidate()
}
