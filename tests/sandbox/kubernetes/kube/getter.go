package kube

import (
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Getter hands the client's connection to libraries in the form that k8s.io/cli-runtime calls a RESTClientGetter, with
// a default namespace of its own.
type Getter struct {
	client *Client
	config clientcmd.ClientConfig
}

// Getter returns a Getter whose default namespace is namespace.
func (c *Client) Getter(namespace string) (*Getter, error) {
	settings := c.settings
	settings.Namespace = namespace
	config, err := settings.ClientConfig()
	if err != nil {
		return nil, err
	}
	return &Getter{client: c, config: config}, nil
}

// ToRESTConfig returns a copy of the connection's configuration.
func (g *Getter) ToRESTConfig() (*rest.Config, error) { return g.client.RESTConfig(), nil }

// ToDiscoveryClient returns the list of what the API server serves, from a cache.
func (g *Getter) ToDiscoveryClient() (discovery.CachedDiscoveryInterface, error) {
	return g.client.discovery, nil
}

// ToRESTMapper returns the relation of kinds and the resources that the API server serves them as.
func (g *Getter) ToRESTMapper() (meta.RESTMapper, error) { return g.client.mapper, nil }

// ToRawKubeConfigLoader returns the kubeconfig with the getter's namespace.
func (g *Getter) ToRawKubeConfigLoader() clientcmd.ClientConfig { return g.config }
