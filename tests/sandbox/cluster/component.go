package cluster

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/federated-risk/federated-risk/tests/sandbox/process"
)

// componentProcesses are the live components of this cluster. kwokctl starts each as
// <cluster's directory>/bin/<component>, a path nothing else runs under, and in the cluster's directory,
// where the kernel still finds it after the checkout was moved.
func (c *Cluster) componentProcesses() ([]process.Process, error) {
	const bin = "bin"
	path := filepath.Join(c.workDir(), bin)
	return process.Find(func(p process.Process) bool {
		dir := filepath.Dir(p.Arguments[0])
		if dir == path {
			return true
		}
		startedByKwokctl := filepath.Base(dir) == bin && filepath.Base(filepath.Dir(dir)) == c.config.Name
		return startedByKwokctl && p.WorkingDirectory() == c.workDir()
	})
}

// killLeftovers kills a kwokctl of this cluster that outlived the process which started it: it would go
// on starting components. The caller holds the lock, so no kwokctl is rightly at work.
func (c *Cluster) killLeftovers(ctx context.Context) error {
	leftovers, err := process.Find(func(p process.Process) bool {
		return p.Name() == "kwokctl" && slices.Contains(p.Arguments, c.configFile())
	})
	if err != nil {
		return err
	}
	return process.KillAll(ctx, leftovers)
}
