package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/yaml"
	sigsyaml "sigs.k8s.io/yaml"
)

// Ports are taken from below the range that the kernel hands to outgoing connections, at random, so that
// clusters which start at the same moment do not race for the same ones.
const (
	firstPort = 15000
	lastPort  = 30000
	// createAttempts is how often other ports are tried when one was taken between choosing and listening.
	createAttempts = 3
)

// component is one program of the control plane as kwokctl's configuration records it.
type component struct {
	Name    string   `json:"name"`
	Binary  string   `json:"binary"`
	Args    []string `json:"args"`
	WorkDir string   `json:"workDir"`
	Ports   []struct {
		Name string `json:"name"`
		Port int    `json:"port"`
	} `json:"ports"`
}

// program is the base name of the file that kwokctl starts; its pid and log files are named after it.
func (c component) program() string { return filepath.Base(c.Binary) }

// configFile is what kwokctl is given; its presence on a command line marks a kwokctl of this cluster.
func (c *Cluster) configFile() string { return filepath.Join(c.config.Dir, "kwokctl.yaml") }

func (c *Cluster) logFile(program string) string {
	return filepath.Join(c.workDir(), "logs", program+".log")
}

func (c *Cluster) pidFile(program string) string {
	return filepath.Join(c.workDir(), "pids", program+".pid")
}

// create removes what an unfinished creation left and creates the cluster.
func (c *Cluster) create(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		err := c.createOnce(ctx)
		if err == nil {
			return os.WriteFile(c.createdMarker(), nil, 0o600)
		}
		if attempt == createAttempts || ctx.Err() != nil || !c.lostPort() {
			return err
		}
		c.config.Progress("a port was taken while the cluster started; trying others")
	}
}

func (c *Cluster) createOnce(ctx context.Context) error {
	if err := c.remove(ctx); err != nil {
		return fmt.Errorf("remove what an unfinished creation left: %w", err)
	}
	if err := os.MkdirAll(c.config.Dir, 0o700); err != nil {
		return err
	}
	if err := c.writeConfig(ctx); err != nil {
		return err
	}
	// The empty kubeconfig keeps kwokctl from writing to the user's own.
	if err := c.kwokctl(ctx, "create", "cluster", "--kubeconfig", ""); err != nil {
		return err
	}
	// kwokctl leaves private keys readable by everyone.
	if err := os.Chmod(c.workDir(), 0o700); err != nil {
		return err
	}
	return c.waitHealthy(ctx)
}

// writeConfig writes kwokctl's configuration with freshly chosen ports.
func (c *Cluster) writeConfig(ctx context.Context) error {
	ports, err := freePorts(ctx, 6)
	if err != nil {
		return err
	}
	// kwokctl takes a binary for a URL, "#" in it for a member of an archive: the directories above, whose
	// names are the user's, must not be part of it. It runs in Dir.
	const tools = "tools"
	if err := os.Symlink(c.config.Bin, filepath.Join(c.config.Dir, tools)); err != nil {
		return err
	}
	binary := func(name string) string { return "./" + tools + "/" + name }
	options := map[string]any{
		"runtime":     "binary",
		"bindAddress": "127.0.0.1",
		// Stages as objects: they can be applied, changed and added while the cluster runs.
		"enableCRDs":                  []string{"Stage"},
		"etcdPort":                    ports[0],
		"etcdPeerPort":                ports[1],
		"kubeApiserverPort":           ports[2],
		"kubeControllerManagerPort":   ports[3],
		"kubeSchedulerPort":           ports[4],
		"kwokControllerPort":          ports[5],
		"etcdBinary":                  binary("etcd"),
		"kubeApiserverBinary":         binary("kube-apiserver"),
		"kubeControllerManagerBinary": binary("kube-controller-manager"),
		"kubeSchedulerBinary":         binary("kube-scheduler"),
		"kwokControllerBinary":        binary("kwok"),
		"kubectlBinary":               binary("kubectl"),
	}
	content, err := sigsyaml.Marshal(map[string]any{
		"apiVersion": "config.kwok.x-k8s.io/v1alpha1",
		"kind":       "KwokctlConfiguration",
		"options":    options,
		// They come last on the command line: where kwokctl gives the same flag, these values win.
		"componentsPatches": componentPatches(c.config.Arguments),
	})
	if err != nil {
		return fmt.Errorf("encode kwokctl's configuration: %w", err)
	}
	return os.WriteFile(c.configFile(), content, 0o600)
}

// componentPatches returns the arguments in kwokctl's form, in order.
func componentPatches(arguments map[string]map[string]string) []any {
	patches := []any{}
	for _, component := range slices.Sorted(maps.Keys(arguments)) {
		var flags []any
		for _, flag := range slices.Sorted(maps.Keys(arguments[component])) {
			flags = append(flags, map[string]any{"key": flag, "value": arguments[component][flag]})
		}
		patches = append(patches, map[string]any{"name": component, "extraArgs": flags})
	}
	return patches
}

// kwokctl runs one kwokctl command on this cluster. Without a terminal and a kubectl of its own choice
// it would look for one on PATH or download one.
func (c *Cluster) kwokctl(ctx context.Context, arguments ...string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	arguments = append(arguments, "--name", c.config.Name, "--config", c.configFile())
	command := exec.CommandContext(ctx, filepath.Join(c.config.Bin, "kwokctl"), arguments...)
	command.Env = append(c.environment(),
		// Its directory is ~/.kwok, and KWOK_WORKDIR, which could say another, is cut at the first space.
		"HOME="+c.config.Dir, "KWOK_WORKDIR=",
		"PATH="+c.config.Bin+string(os.PathListSeparator)+os.Getenv("PATH"),
	)
	command.Dir = c.config.Dir
	// A component that inherited the pipe must not keep Wait from returning.
	command.WaitDelay = time.Second
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	if ctxErr := ctx.Err(); ctxErr != nil {
		err = ctxErr
	}
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return fmt.Errorf("kwokctl %s: %w\n%s", strings.Join(arguments[:2], " "), err, lastLines(output.String(), 10))
	}
	return nil
}

func (c *Cluster) environment() []string {
	if c.config.Environment != nil {
		return c.config.Environment
	}
	return os.Environ()
}

// components reads what kwokctl recorded.
func (c *Cluster) components() ([]component, error) {
	path := filepath.Join(c.workDir(), "kwok.yaml")
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the cluster's configuration: %w", err)
	}
	defer func() { _ = file.Close() }()
	decoder := yaml.NewYAMLOrJSONDecoder(file, 4096)
	for {
		var document struct {
			Kind       string      `json:"kind"`
			Components []component `json:"components"`
		}
		if err := decoder.Decode(&document); err != nil {
			return nil, fmt.Errorf("%s: no KwokctlConfiguration with components: %w", path, err)
		}
		if document.Kind == "KwokctlConfiguration" && len(document.Components) > 0 {
			return document.Components, nil
		}
	}
}

// lostPort reports whether a component's log says that its port was taken.
func (c *Cluster) lostPort() bool {
	logs := os.DirFS(filepath.Dir(c.logFile("")))
	names, err := fs.Glob(logs, "*.log")
	if err != nil {
		return false
	}
	for _, name := range names {
		content, err := fs.ReadFile(logs, name)
		if err == nil && bytes.Contains(content, []byte("address already in use")) {
			return true
		}
	}
	return false
}

// freePorts returns n different ports on which nothing listens at this moment.
func freePorts(ctx context.Context, n int) ([]int, error) {
	chosen := map[int]bool{}
	var ports []int
	for attempt := 0; len(ports) < n; attempt++ {
		if attempt == 100*n {
			return nil, fmt.Errorf("no %d free ports between %d and %d on 127.0.0.1", n, firstPort, lastPort)
		}
		port := firstPort + rand.IntN(lastPort-firstPort)
		if chosen[port] || !portFree(ctx, port) {
			continue
		}
		chosen[port] = true
		ports = append(ports, port)
	}
	return ports, nil
}

func portFree(ctx context.Context, port int) bool {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
