// Package workspace knows where a sandbox keeps its files and what its child processes may see.
//
// Nothing of a sandbox lives outside its directory: the user's own Pulumi, Kubernetes, Helm and kwok
// files are neither read nor written.
package workspace

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ClusterName is the kwok cluster's name in every sandbox. It need not be unique: each sandbox has its
// own kwok directory and its own kubeconfig.
const ClusterName = "federated-risk"

// Context is the kubeconfig context of a sandbox's cluster.
const Context = "kwok-" + ClusterName

// Stack is the stack that a sandbox deploys.
const Stack = "local"

// Passphrase encrypts the secrets in a sandbox's state and in Pulumi.local.yaml. It is public on purpose:
// it protects nothing but a sandbox, and a fixed one lets the stack file keep the matching
// encryptionsalt, so that no command ever has to change that file.
const Passphrase = "federated-risk-sandbox"

// Plugins says which Pulumi CLI and provider plugins deploy the stack.
type Plugins string

// The kinds of plugins.
const (
	// Sandbox is the CLI built by the toolchain with the stand-in plugins of this module.
	Sandbox Plugins = "sandbox"
	// Official is the CLI on the user's PATH with the plugins it downloads.
	Official Plugins = "official"
)

// ParsePlugins returns the kind of that name.
func ParsePlugins(name string) (Plugins, error) {
	switch kind := Plugins(name); kind {
	case Sandbox, Official:
		return kind, nil
	}
	return "", fmt.Errorf("plugins %q: expected %q or %q", name, Sandbox, Official)
}

// Workspace is the layout of one sandbox.
type Workspace struct {
	// Root is the checkout: the directory of the root module.
	Root string
	// Dir holds everything that `make down` removes. Created with mode 0700.
	Dir string
	// Bin holds the built tools. Several sandboxes of a checkout share it.
	Bin string
	// Plugins is the kind of CLI and plugins; each kind has its own state and Pulumi home.
	Plugins Plugins
}

// User returns the workspace of `make up` in the checkout at root.
func User(root string, plugins Plugins) Workspace {
	dir := filepath.Join(root, ".sandbox")
	return Workspace{Root: root, Dir: dir, Bin: filepath.Join(dir, "bin"), Plugins: plugins}
}

// Isolated returns a workspace in dir that shares nothing with the user's one but the built tools.
func Isolated(root, dir string) Workspace {
	w := User(root, Sandbox)
	w.Dir = dir
	return w
}

// FindRoot returns the checkout that contains the directory start, without symbolic links: processes are
// recognised by the paths they were started with, whichever way the checkout is entered next.
func FindRoot(start string) (string, error) {
	dir, err := filepath.Abs(start)
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return "", fmt.Errorf("find the checkout of %s: %w", start, err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "tests", "sandbox", "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("no directory above %s holds tests/sandbox/go.mod: run this in a checkout of federated-risk", start)
		}
		dir = parent
	}
}

// Source is the directory of the sandbox's Go module.
func (w Workspace) Source() string { return filepath.Join(w.Root, "tests", "sandbox") }

// ClusterDir holds the control plane's data, keys and logs.
func (w Workspace) ClusterDir() string { return filepath.Join(w.Dir, "cluster") }

// Kubeconfig is the administrator's kubeconfig of the cluster.
func (w Workspace) Kubeconfig() string { return filepath.Join(w.Dir, "kubeconfig") }

// State is the directory of Pulumi's file backend.
func (w Workspace) State() string { return filepath.Join(w.pulumiDir(), "state") }

// PulumiHome is Pulumi's own directory: credentials, plugins, logs.
func (w Workspace) PulumiHome() string { return filepath.Join(w.pulumiDir(), "pulumi-home") }

// HelmDir holds what Helm would keep in the user's home.
func (w Workspace) HelmDir() string { return filepath.Join(w.Dir, "helm") }

// kubeCache holds what kubectl would keep in ~/.kube/cache.
func (w Workspace) kubeCache() string { return filepath.Join(w.Dir, "kube-cache") }

// Lock is the file whose lock excludes two drivers from one sandbox. It stays when the state is
// removed.
func (w Workspace) Lock() string { return filepath.Join(w.Dir, "lock") }

func (w Workspace) pulumiDir() string {
	if w.Plugins == Official {
		return filepath.Join(w.Dir, string(Official))
	}
	return w.Dir
}

// Create makes the workspace's directories, mode 0700 each: the state and the kubeconfig are secrets.
func (w Workspace) Create() error {
	for _, dir := range []string{w.Dir, w.Bin, w.State(), w.PulumiHome(), w.HelmDir()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("create the sandbox's directory: %w", err)
		}
	}
	return nil
}

// RemoveState removes what a deployment leaves in the workspace: state, Pulumi homes, Helm's and kubectl's
// files and the kubeconfig. The tools stay.
func (w Workspace) RemoveState() error {
	var errs []error
	for _, kind := range []Plugins{Sandbox, Official} {
		w.Plugins = kind
		errs = append(errs, os.RemoveAll(w.State()), os.RemoveAll(w.PulumiHome()))
	}
	errs = append(errs,
		os.RemoveAll(filepath.Join(w.Dir, string(Official))),
		os.RemoveAll(w.HelmDir()),
		os.RemoveAll(w.kubeCache()),
		os.RemoveAll(w.Kubeconfig()),
	)
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("remove the sandbox's state: %w", err)
	}
	return nil
}
