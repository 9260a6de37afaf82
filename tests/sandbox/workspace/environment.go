package workspace

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// foreignPrefixes are variables of the user's own tools: a sandbox must see none of them.
var foreignPrefixes = []string{"PULUMI_", "KUBE", "HELM_", "KWOK_"}

// noProxy are the addresses that only exist on this machine; the API server honours proxy variables.
var noProxy = []string{"127.0.0.1", "localhost", "::1", "10.0.0.0/8", ".svc", ".cluster.local"}

// Variables returns the variables a sandbox sets, as NAME=value, sorted by name.
func (w Workspace) Variables() []string {
	backend := url.URL{Scheme: "file", Path: w.State()}
	variables := []string{
		// The program is compiled at every update: as `make` does it, whatever the user's defaults are, and
		// not as part of a go.work that a directory above the checkout may hold.
		"CGO_ENABLED=0",
		"GOWORK=off",
		"HELM_CACHE_HOME=" + filepath.Join(w.HelmDir(), "cache"),
		"HELM_CONFIG_HOME=" + filepath.Join(w.HelmDir(), "config"),
		"HELM_DATA_HOME=" + filepath.Join(w.HelmDir(), "data"),
		"KUBECACHEDIR=" + w.kubeCache(),
		"KUBECONFIG=" + w.Kubeconfig(),
		"KWOK_WORKDIR=" + filepath.Join(w.ClusterDir(), ".kwok"),
		"NO_PROXY=" + w.noProxy(),
		"PATH=" + w.path(),
		"PULUMI_BACKEND_URL=" + backend.String(),
		"PULUMI_CONFIG_PASSPHRASE=" + Passphrase,
		"PULUMI_HOME=" + w.PulumiHome(),
		"PULUMI_SKIP_UPDATE_CHECK=true",
		"no_proxy=" + w.noProxy(),
	}
	if w.Plugins != Official {
		// A plugin that is not installed must be an error that names it, not a download.
		variables = append(variables, "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true")
	}
	slices.Sort(variables)
	return variables
}

// Environment returns the whole environment for Pulumi and what it starts: the caller's own without the
// variables of Pulumi, Kubernetes, Helm and kwok, and with those of the sandbox.
func (w Workspace) Environment() []string { return withVariables(w.Variables()) }

// ClusterEnvironment returns the whole environment for the control plane, which knows nothing of Pulumi:
// who looks for processes of an engine by their environment must not find it.
func (w Workspace) ClusterEnvironment() []string {
	return withVariables([]string{"KUBECACHEDIR=" + w.kubeCache(), "NO_PROXY=" + w.noProxy(), "no_proxy=" + w.noProxy()})
}

// withVariables returns the caller's environment without foreign variables and with the given ones.
func withVariables(variables []string) []string {
	ours := namesOf(variables)
	var environment []string
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if !foreign(name) && !ours[name] {
			environment = append(environment, variable)
		}
	}
	return append(environment, variables...)
}

// Foreign returns the names of the caller's variables, sorted, which Environment leaves out and does not set.
func (w Workspace) Foreign() []string {
	ours := namesOf(w.Variables())
	var names []string
	for name := range namesOf(os.Environ()) {
		if foreign(name) && !ours[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func foreign(name string) bool {
	return slices.ContainsFunc(foreignPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

func namesOf(variables []string) map[string]bool {
	names := map[string]bool{}
	for _, variable := range variables {
		name, _, _ := strings.Cut(variable, "=")
		names[name] = true
	}
	return names
}

// path puts the built tools first, unless the official CLI is to be found: then they are left out, since
// the engine would prefer a language host on PATH to the one it came with.
func (w Workspace) path() string {
	var dirs []string
	if w.Plugins != Official {
		dirs = append(dirs, w.Bin)
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if dir != w.Bin {
			dirs = append(dirs, dir)
		}
	}
	return strings.Join(dirs, string(os.PathListSeparator))
}

func (w Workspace) noProxy() string {
	var addresses []string
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		for address := range strings.SplitSeq(os.Getenv(name), ",") {
			if address = strings.TrimSpace(address); address != "" && !slices.Contains(addresses, address) {
				addresses = append(addresses, address)
			}
		}
	}
	for _, address := range noProxy {
		if !slices.Contains(addresses, address) {
			addresses = append(addresses, address)
		}
	}
	return strings.Join(addresses, ",")
}
