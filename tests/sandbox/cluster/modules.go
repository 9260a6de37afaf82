package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// manifestSource is a folder inside a Go module that holds Kubernetes manifests.
type manifestSource struct {
	// pins is the folder, below the sandbox module, whose go.mod pins the module's version.
	pins   string
	module string
	// glob selects the files inside the module.
	glob string
}

const prometheusOperator = "github.com/prometheus-operator/prometheus-operator"

// crdSources are the custom resources the platform declares.
var crdSources = []manifestSource{
	{"crds", "istio.io/api", "kubernetes/customresourcedefinitions.gen.yaml"},
	{"crds", "github.com/cloudnative-pg/cloudnative-pg", "config/crd/bases/*.yaml"},
	{"crds", "github.com/cert-manager/cert-manager", "deploy/crds/cert-manager.io_*.yaml"},
	// Of the Prometheus operator's ten kinds those that the platform or a chart of the sandbox declares: the
	// others are three megabytes of schema for nothing.
	{"crds", prometheusOperator, "example/prometheus-operator-crd/monitoring.coreos.com_alertmanagers.yaml"},
	{"crds", prometheusOperator, "example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml"},
	{"crds", prometheusOperator, "example/prometheus-operator-crd/monitoring.coreos.com_prometheuses.yaml"},
	{"crds", prometheusOperator, "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml"},
	{"crds", prometheusOperator, "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml"},
}

// stageSources make kwok play kubelets and a volume provisioner. Some of these folders hold other kinds
// too: the StorageClass is wanted, the RBAC beside it is not since kwok has the administrator's rights.
var stageSources = []manifestSource{
	{"tools/kwok", "sigs.k8s.io/kwok", "kustomize/stage/node/fast/*.yaml"},
	{"tools/kwok", "sigs.k8s.io/kwok", "kustomize/stage/node/heartbeat-with-lease/*.yaml"},
	{"tools/kwok", "sigs.k8s.io/kwok", "kustomize/stage/pod/fast/*.yaml"},
	{"tools/kwok", "sigs.k8s.io/kwok", "kustomize/stage/volume/fast/*.yaml"},
}

// manifestFiles downloads the modules where needed and returns the files of the sources.
func (c *Cluster) manifestFiles(ctx context.Context, sources []manifestSource) ([]string, error) {
	modules := map[string][]string{}
	for _, source := range sources {
		modules[source.pins] = append(modules[source.pins], source.module)
	}
	directories := map[string]string{}
	for pins, names := range modules {
		if err := moduleDirectories(ctx, filepath.Join(c.config.Source, pins), names, directories); err != nil {
			return nil, err
		}
	}
	var files []string
	for _, source := range sources {
		directory := directories[source.module]
		found, err := fs.Glob(os.DirFS(directory), source.glob)
		if err != nil {
			return nil, fmt.Errorf("manifests %s of module %s: %w", source.glob, source.module, err)
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("module %s pinned in %s/go.mod holds no %s: its layout has changed with its version",
				source.module, source.pins, source.glob)
		}
		for _, file := range found {
			if path.Base(file) != "kustomization.yaml" {
				files = append(files, filepath.Join(directory, filepath.FromSlash(file)))
			}
		}
	}
	return files, nil
}

// moduleDirectories adds to directories where the Go command keeps the modules' sources.
func moduleDirectories(ctx context.Context, dir string, modules []string, directories map[string]string) error {
	command := exec.CommandContext(ctx, "go", append([]string{"mod", "download", "-json"}, modules...)...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		return fmt.Errorf("download the modules pinned in %s (%s): %w\n%s%s",
			filepath.Join(dir, "go.mod"), strings.Join(modules, ", "), err, lastLines(string(output), logTail), lastLines(stderr.String(), logTail))
	}
	decoder := json.NewDecoder(bytes.NewReader(output))
	for {
		var module struct{ Path, Dir, Error string }
		if err := decoder.Decode(&module); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read what `go mod download` says of %s: %w", strings.Join(modules, ", "), err)
		}
		if module.Error != "" {
			return fmt.Errorf("download module %s: %s", module.Path, module.Error)
		}
		directories[module.Path] = module.Dir
	}
}
