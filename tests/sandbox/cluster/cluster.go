// Package cluster runs a Kubernetes control plane on this machine: etcd, the API server, the controller
// manager, the scheduler and kwok in the place of the kubelets, put together by kwokctl's binary runtime.
//
// A component is recognised by its command line, which names the cluster's own directory, never by a
// process id that a file remembers: ids are reused.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/federated-risk/federated-risk/tests/sandbox/filelock"
	"github.com/federated-risk/federated-risk/tests/sandbox/process"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

// Deadlines of the life cycle. A healthy machine needs a tenth of each.
const (
	ensureTimeout  = 3 * time.Minute
	startTimeout   = 60 * time.Second
	healthyTimeout = 40 * time.Second
	stopTimeout    = 30 * time.Second
)

// Config describes one cluster.
type Config struct {
	// Name is the kwok cluster's name; the kubeconfig context is "kwok-<Name>".
	Name string
	// Dir belongs to the cluster alone. Stop removes it.
	Dir string
	// Bin holds etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl, kwok and kwokctl.
	Bin string
	// Source is the sandbox module's directory: tools/kwok and crds are looked up in it.
	Source string
	// Kubeconfig is the file the administrator's credentials are written to (mode 0600). Stop removes it.
	Kubeconfig string
	// Environment is the environment of the components; nil means the caller's own.
	Environment []string
	// Arguments are given to components beside kwokctl's own, by component and flag, such as kube-controller-manager and
	// horizontal-pod-autoscaler-sync-period. They count when the cluster is created.
	Arguments map[string]map[string]string
	// Progress is told, a line at a time, what takes long or was found broken. It may be nil.
	Progress func(line string)
}

// ConfigFor returns the configuration of a workspace's cluster.
func ConfigFor(w workspace.Workspace, progress func(line string)) Config {
	return Config{
		Name:        workspace.ClusterName,
		Dir:         w.ClusterDir(),
		Bin:         w.Bin,
		Source:      w.Source(),
		Kubeconfig:  w.Kubeconfig(),
		Environment: w.ClusterEnvironment(),
		Progress:    progress,
	}
}

// Cluster is one control plane. Its methods exclude one another, also between processes.
type Cluster struct{ config Config }

// New returns the cluster that config describes. It starts nothing.
func New(config Config) (*Cluster, error) {
	for field, value := range map[string]string{
		"Name": config.Name, "Dir": config.Dir, "Bin": config.Bin, "Source": config.Source, "Kubeconfig": config.Kubeconfig,
	} {
		if value == "" {
			return nil, fmt.Errorf("cluster: %s is empty", field)
		}
	}
	for _, path := range []*string{&config.Dir, &config.Bin, &config.Source, &config.Kubeconfig} {
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return nil, fmt.Errorf("cluster: %w", err)
		}
		*path = absolute
	}
	if config.Progress == nil {
		config.Progress = func(string) {}
	}
	return &Cluster{config: config}, nil
}

// Context is the kubeconfig context's name.
func (c *Cluster) Context() string { return "kwok-" + c.config.Name }

// Kubeconfig is the path of the administrator's kubeconfig.
func (c *Cluster) Kubeconfig() string { return c.config.Kubeconfig }

// Ensure makes the cluster run: it creates it, or restarts what has died or hangs, and applies the base
// objects (CRDs, stages, StorageClass, nodes). It returns once every component answers and every node is
// ready. A cluster that was never finished is created anew; one that was, is never thrown away.
//
// When ctx ends early, what runs keeps running and the next Ensure goes on from there.
func (c *Cluster) Ensure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, ensureTimeout)
	defer cancel()
	lock, err := c.lock(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release() }()

	if err := c.killLeftovers(ctx); err != nil {
		return err
	}
	if c.Created() {
		err = c.recover(ctx)
	} else {
		err = c.create(ctx)
	}
	if err != nil {
		return fmt.Errorf("cluster %s: %w", c.config.Name, err)
	}
	if err := c.writeKubeconfig(); err != nil {
		return fmt.Errorf("cluster %s: %w", c.config.Name, err)
	}
	if err := c.applyBase(ctx); err != nil {
		return fmt.Errorf("cluster %s: %w", c.config.Name, err)
	}
	return nil
}

// Stop kills the cluster's processes, waits until they are gone and removes the cluster's directory and
// kubeconfig. It does not mind a cluster that is half dead or not there.
func (c *Cluster) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	lock, err := c.lock(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release() }()
	if err := c.remove(ctx); err != nil {
		return fmt.Errorf("stop cluster %s: %w", c.config.Name, err)
	}
	return nil
}

// remove needs the lock.
func (c *Cluster) remove(ctx context.Context) error {
	if err := c.killLeftovers(ctx); err != nil {
		return err
	}
	components, err := c.componentProcesses()
	if err != nil {
		return err
	}
	if err := process.KillAll(ctx, components); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(c.config.Dir), os.RemoveAll(c.config.Kubeconfig))
}

func (c *Cluster) lock(ctx context.Context) (*filelock.Lock, error) {
	return filelock.Acquire(ctx, c.config.Dir+".lock", func() {
		c.config.Progress("waiting: another process is starting or stopping this cluster")
	})
}

func (c *Cluster) kwokDir() string { return filepath.Join(c.config.Dir, ".kwok") }

// workDir is where kwokctl keeps this cluster, by its own convention.
func (c *Cluster) workDir() string { return filepath.Join(c.kwokDir(), "clusters", c.config.Name) }

// createdMarker exists once kwokctl has created the cluster and all of it has been healthy.
func (c *Cluster) createdMarker() string { return filepath.Join(c.config.Dir, "created") }

// Created reports whether there is a cluster, running or not, whose creation was finished: Ensure keeps its
// objects. Where it is false, Ensure makes an empty one.
func (c *Cluster) Created() bool {
	_, err := os.Stat(c.createdMarker())
	return err == nil
}
