// Package kube talks to the API server of one Kubernetes cluster: objects of any kind, applied on the server, with the
// kinds' scopes and schemas as that server has them.
package kube

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// Settings say which cluster to talk to, and how fast. The zero value means what kubectl takes it to mean.
type Settings struct {
	// Kubeconfig is the content of a kubeconfig file, or the path of one, or several paths as in KUBECONFIG. Empty: the
	// variable KUBECONFIG, then ~/.kube/config.
	Kubeconfig string
	// Context and Cluster name entries of the kubeconfig. Empty: its current context, and the cluster of the context.
	Context, Cluster string
	// Namespace is the default for objects that name none. Empty: that of the context, then "default".
	Namespace string
	// QPS is the number of requests a second, Burst how many may exceed it for a moment. 0: 50 and 120.
	QPS   float32
	Burst int
	// Timeout limits a single request. 0: 32 s.
	Timeout time.Duration
}

// Defaults of the official provider's kubeClientSettings.
const (
	defaultQPS     = 50
	defaultBurst   = 120
	defaultTimeout = 32 * time.Second
)

// ClientConfig returns the kubeconfig that s describes. It fails on content that is no kubeconfig; a file that does not
// exist is found out later, when the cluster is needed.
func (s Settings) ClientConfig() (clientcmd.ClientConfig, error) {
	overrides := &clientcmd.ConfigOverrides{CurrentContext: s.Context}
	overrides.Context.Cluster = s.Cluster
	overrides.Context.Namespace = s.Namespace
	if s.isContent() {
		config, err := clientcmd.Load([]byte(s.Kubeconfig))
		if err != nil {
			return nil, fmt.Errorf("the provider's kubeconfig holds no valid kubeconfig: %w", err)
		}
		return clientcmd.NewDefaultClientConfig(*config, overrides), nil
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	if s.Kubeconfig != "" {
		paths, err := expand(filepath.SplitList(s.Kubeconfig))
		if err != nil {
			return nil, err
		}
		rules.Precedence = paths
		rules.DefaultClientConfig = nil
	}
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides), nil
}

// isContent tells a kubeconfig from the path of one: only the former spans lines or is a JSON object.
func (s Settings) isContent() bool {
	text := strings.TrimSpace(s.Kubeconfig)
	return strings.Contains(text, "\n") || strings.HasPrefix(text, "{")
}

func expand(paths []string) ([]string, error) {
	for i, path := range paths {
		if path != "~" && !strings.HasPrefix(path, "~/") {
			continue
		}
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, fmt.Errorf("expand the provider's kubeconfig path %q: %w", path, err)
		}
		paths[i] = filepath.Join(home, path[1:])
	}
	return paths, nil
}

// ActiveCluster returns the kubeconfig's entry for the cluster that s selects, without the place it was read from. It
// returns nil if there is none.
func (s Settings) ActiveCluster() (*api.Cluster, error) {
	config, err := s.ClientConfig()
	if err != nil {
		return nil, err
	}
	raw, err := config.RawConfig()
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	name := s.Cluster
	if name == "" {
		context := raw.Contexts[cmp.Or(s.Context, raw.CurrentContext)]
		if context == nil {
			return nil, nil
		}
		name = context.Cluster
	}
	cluster := raw.Clusters[name]
	if cluster == nil {
		return nil, nil
	}
	cluster = cluster.DeepCopy()
	cluster.LocationOfOrigin = ""
	return cluster, nil
}

func (s Settings) restConfig(config clientcmd.ClientConfig) (*rest.Config, error) {
	result, err := config.ClientConfig()
	if err != nil {
		return nil, err
	}
	result.QPS = cmp.Or(s.QPS, defaultQPS)
	result.Burst = cmp.Or(s.Burst, defaultBurst)
	result.Timeout = cmp.Or(s.Timeout, defaultTimeout)
	return result, nil
}
