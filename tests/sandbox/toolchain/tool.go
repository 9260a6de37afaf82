// Package toolchain builds the programs a sandbox runs from Go modules pinned in this repository.
//
// A tool is built when its content key has no installed counterpart: the key covers the module's pins,
// the Go toolchain, the platform and the build flags, for tools of this module also their source. What
// was built is kept in a cache outside the checkout too, which is used when it is sound and never needed.
package toolchain

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// Tool is a set of programs that one Go module builds in one go.
type Tool struct {
	// Name is unique among the tools.
	Name string
	// Dir is the module's directory, relative to the sandbox module.
	Dir string
	// Pins is the go.mod, relative to the sandbox module, that pins Module.
	Pins string
	// Module is the module whose pinned version is the tool's version.
	Module string
	// Programs maps the packages to build to the programs' files, as slash-separated paths inside Bin.
	Programs map[string]string
	// Stamps returns the string variables that the linker sets for a version such as "v1.2.3".
	Stamps func(version string) map[string]string
	// Tags are the build tags, such as those that leave out what the sandbox never uses and takes minutes to compile.
	Tags []string
	// OwnSource says that the packages are part of the module in Dir, whose source belongs to the key.
	OwnSource bool
}

const k8sVersion = "k8s.io/component-base/version."

// The tools. Their versions stand in the go.mod files alone.
var (
	Etcd = Tool{
		Name: "etcd", Dir: "tools/etcd", Pins: "tools/etcd/go.mod", Module: "go.etcd.io/etcd/server/v3",
		Programs: map[string]string{"go.etcd.io/etcd/server/v3": "etcd"},
	}
	Kubernetes = Tool{
		Name: "kubernetes", Dir: "tools/kubernetes", Pins: "tools/kubernetes/go.mod", Module: "k8s.io/kubernetes",
		Programs: programs("k8s.io/kubernetes/cmd/", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"),
		// Without these, clients cannot parse the server's version.
		Stamps: func(version string) map[string]string {
			major, minor, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
			minor, _, _ = strings.Cut(minor, ".")
			return map[string]string{
				k8sVersion + "gitVersion":                 version,
				k8sVersion + "gitMajor":                   major,
				k8sVersion + "gitMinor":                   minor,
				k8sVersion + "gitCommit":                  "none",
				k8sVersion + "gitTreeState":               "clean",
				"k8s.io/client-go/pkg/version.gitVersion": version,
			}
		},
	}
	Kwok = Tool{
		Name: "kwok", Dir: "tools/kwok", Pins: "tools/kwok/go.mod", Module: "sigs.k8s.io/kwok",
		Programs: programs("sigs.k8s.io/kwok/cmd/", "kwok", "kwokctl"),
		Stamps: func(version string) map[string]string {
			return map[string]string{"sigs.k8s.io/kwok/pkg/consts.Version": strings.TrimPrefix(version, "v")}
		},
	}
	Pulumi = Tool{
		Name: "pulumi", Dir: "tools/pulumi", Pins: "tools/pulumi/go.mod", Module: "github.com/pulumi/pulumi/pkg/v3",
		Programs: map[string]string{"github.com/pulumi/pulumi/pkg/v3/cmd/pulumi": "pulumi"},
		Stamps:   pulumiVersion,
	}
	PulumiLanguageGo = Tool{
		Name: "pulumi-language-go", Dir: "tools/pulumi-language-go", Pins: "tools/pulumi-language-go/go.mod",
		Module: "github.com/pulumi/pulumi/sdk/v3",
		// Not on PATH: the launcher is.
		Programs: map[string]string{"github.com/pulumi/pulumi/sdk/v3/go/pulumi-language-go": "language-host/pulumi-language-go"},
		Stamps:   pulumiVersion,
	}
	// PulumiLanguageGoLauncher starts the language host; it has no version but that of the host.
	PulumiLanguageGoLauncher = Tool{
		Name: "pulumi-language-go-launcher", Dir: ".", Pins: "tools/pulumi-language-go/go.mod",
		Module:    "github.com/pulumi/pulumi/sdk/v3",
		Programs:  map[string]string{"./cmd/pulumi-language-go": "pulumi-language-go"},
		OwnSource: true,
	}
	Prometheus = Tool{
		Name: "prometheus", Dir: "tools/prometheus", Pins: "tools/prometheus/go.mod", Module: "github.com/prometheus/prometheus",
		Programs: programs("github.com/prometheus/prometheus/cmd/", "prometheus", "promtool"),
		Stamps:   prometheusVersion,
		// The SDKs of two dozen clouds.
		Tags: []string{"remove_all_sd", "enable_kubernetes_sd"},
	}
	PrometheusAdapter = Tool{
		Name: "prometheus-adapter", Dir: "tools/prometheus-adapter", Pins: "tools/prometheus-adapter/go.mod",
		Module:   "sigs.k8s.io/prometheus-adapter",
		Programs: map[string]string{"sigs.k8s.io/prometheus-adapter/cmd/adapter": "prometheus-adapter"},
	}
	// Alertmanager comes with amtool, the judge of its configuration.
	Alertmanager = Tool{
		Name: "alertmanager", Dir: "tools/alertmanager", Pins: "tools/alertmanager/go.mod", Module: "github.com/prometheus/alertmanager",
		Programs: programs("github.com/prometheus/alertmanager/cmd/", "alertmanager", "amtool"),
		Stamps:   prometheusVersion,
	}
	// Istio is the mesh's control plane and the linter of its objects. It runs beside a cluster, not in it.
	Istio = Tool{
		Name: "istio", Dir: "tools/istio", Pins: "tools/istio/go.mod", Module: "istio.io/istio",
		Programs: map[string]string{
			"istio.io/istio/istioctl/cmd/istioctl":     "istioctl",
			"istio.io/istio/pilot/cmd/pilot-discovery": "pilot-discovery",
		},
		Stamps: func(version string) map[string]string {
			return map[string]string{"istio.io/istio/pkg/version.buildVersion": strings.TrimPrefix(version, "v")}
		},
	}
	GolangciLint = Tool{
		Name: "golangci-lint", Dir: "tools/golangci-lint", Pins: "tools/golangci-lint/go.mod",
		Module:   "github.com/golangci/golangci-lint/v2",
		Programs: map[string]string{"github.com/golangci/golangci-lint/v2/cmd/golangci-lint": "golangci-lint"},
		Stamps: func(version string) map[string]string {
			return map[string]string{"main.version": strings.TrimPrefix(version, "v")}
		},
	}
	KubeScore = Tool{
		Name: "kube-score", Dir: "tools/kube-score", Pins: "tools/kube-score/go.mod", Module: "github.com/zegl/kube-score",
		Programs: map[string]string{"github.com/zegl/kube-score/cmd/kube-score": "kube-score"},
	}
)

// The provider plugins of this module. They go by the versions of the SDKs that the root module uses,
// since the engine asks for exactly those.
var (
	PluginKubernetes = plugin("kubernetes", "github.com/pulumi/pulumi-kubernetes/sdk/v4")
	PluginRandom     = plugin("random", "github.com/pulumi/pulumi-random/sdk/v4")
	PluginTLS        = plugin("tls", "github.com/pulumi/pulumi-tls/sdk/v5")
)

// Cluster returns the tools a control plane needs.
func Cluster() []Tool { return []Tool{Etcd, Kwok, Kubernetes} }

// CLI returns the Pulumi command line and what it needs to run a Go program.
func CLI() []Tool { return []Tool{PulumiLanguageGo, PulumiLanguageGoLauncher, Pulumi} }

// Plugins returns the stand-in provider plugins.
func Plugins() []Tool { return []Tool{PluginRandom, PluginTLS, PluginKubernetes} }

// Metrics returns what stands between a series and the metrics APIs that autoscalers ask.
func Metrics() []Tool { return []Tool{PrometheusAdapter, Prometheus} }

// Alerting returns what stands between a series and a notification.
func Alerting() []Tool { return []Tool{Prometheus, Alertmanager} }

// All returns every tool.
func All() []Tool {
	return slices.Concat(Cluster(), CLI(), Plugins(), Metrics(), []Tool{Alertmanager, Istio, GolangciLint, KubeScore})
}

// Find returns the tool of that name.
func Find(name string) (Tool, error) {
	var known []string
	for _, tool := range All() {
		if tool.Name == name {
			return tool, nil
		}
		known = append(known, tool.Name)
	}
	return Tool{}, fmt.Errorf("no tool is named %q: expected one of %s", name, strings.Join(known, ", "))
}

// File returns the tool's program below the directory bin, the first one where it has several.
func (t Tool) File(bin string) string {
	return filepath.Join(bin, filepath.FromSlash(t.Files()[0]))
}

// PluginName returns the Pulumi package that a plugin's program serves, and false for other tools.
func (t Tool) PluginName() (string, bool) { return strings.CutPrefix(t.Name, "pulumi-resource-") }

// Files returns the programs' files, as slash-separated paths inside Bin, in order.
func (t Tool) Files() []string {
	var names []string
	for _, name := range t.Programs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Version reads the version of the tool, such as "v1.2.3", from the go.mod that pins it. source is the
// sandbox module's directory.
func (t Tool) Version(source string) (string, error) {
	file := filepath.Join(source, t.Pins)
	content, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("version of %s: %w", t.Name, err)
	}
	parsed, err := modfile.ParseLax(file, content, nil)
	if err != nil {
		return "", fmt.Errorf("version of %s: %w", t.Name, err)
	}
	for _, requirement := range parsed.Require {
		if requirement.Mod.Path == t.Module {
			return requirement.Mod.Version, nil
		}
	}
	return "", fmt.Errorf("version of %s: %s does not require %s", t.Name, file, t.Module)
}

func programs(prefix string, names ...string) map[string]string {
	programs := map[string]string{}
	for _, name := range names {
		programs[prefix+name] = name
	}
	return programs
}

func plugin(pkg, sdk string) Tool {
	name := "pulumi-resource-" + pkg
	return Tool{
		Name: name, Dir: ".", Pins: path.Join("..", "..", "go.mod"), Module: sdk,
		// Not beside the other programs: those are on PATH, where the engine warns of plugins.
		Programs: map[string]string{"./cmd/" + name: "plugins/" + name},
		Stamps: func(version string) map[string]string {
			return map[string]string{"main.version": strings.TrimPrefix(version, "v")}
		},
		OwnSource: true,
	}
}

func prometheusVersion(version string) map[string]string {
	return map[string]string{"github.com/prometheus/common/version.Version": strings.TrimPrefix(version, "v")}
}

func pulumiVersion(version string) map[string]string {
	return map[string]string{"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": version}
}
