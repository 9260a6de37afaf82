// Package rendertest gives tests the Kubernetes objects that the program declares for a stack, by running riskctl
// render: no cluster, engine or plugin takes part.
package rendertest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

const (
	// ReleaseNamespace is the annotation with the namespace of the Helm release that an object belongs to. Objects of the
	// program itself have none.
	ReleaseNamespace = "meta.helm.sh/release-namespace"

	releaseAPIVersion = "helm.sh/v3"
)

// Objects returns what the program itself declares for the stack, without what Helm installs, in the order in which
// kubectl needs it. Each of config is a KEY=VALUE as `riskctl render --config` takes it:
//
//	rendertest.Objects(t, "prod", "services.model-serving.canary.weight=25")
func Objects(tb testing.TB, stack string, config ...string) []*unstructured.Unstructured {
	tb.Helper()
	var own []*unstructured.Unstructured
	for _, object := range WithCharts(tb, stack, config...) {
		if _, released := object.GetAnnotations()[ReleaseNamespace]; !released {
			own = append(own, object)
		}
	}
	return own
}

// WithCharts is Objects with what the sandbox's charts render for each of the stack's releases, whichever charts the
// stack names.
func WithCharts(tb testing.TB, stack string, config ...string) []*unstructured.Unstructured {
	tb.Helper()
	root, err := workspace.FindRoot(".")
	require.NoError(tb, err)
	args := []string{
		"render", "--project", root, "--stack", stack, "--output", "json",
		"--charts", filepath.Join(root, "tests", "sandbox", "charts"),
	}
	for _, setting := range config {
		args = append(args, "--config", setting)
	}
	output, err := run(tb, root, args...)
	require.NoError(tb, err)
	var list unstructured.UnstructuredList
	require.NoError(tb, list.UnmarshalJSON(output))
	var objects []*unstructured.Unstructured
	for i := range list.Items {
		if object := &list.Items[i]; object.GetAPIVersion() != releaseAPIVersion {
			objects = append(objects, object)
		}
	}
	require.NotEmpty(tb, objects)
	return objects
}

func run(tb testing.TB, root string, args ...string) ([]byte, error) {
	tb.Helper()
	program, err := build(root)
	require.NoError(tb, err)
	command := exec.CommandContext(tb.Context(), fmt.Sprintf("/proc/self/fd/%d", program.Fd()), args...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("riskctl %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return output, nil
}

var built struct {
	once    sync.Once
	program *os.File
	err     error
}

// build builds riskctl, once in a test binary. The program has no name any more when build returns, just the open
// file: nothing is left behind, however the test binary ends.
func build(root string) (*os.File, error) {
	built.once.Do(func() { built.program, built.err = buildProgram(root) })
	return built.program, built.err
}

func buildProgram(root string) (program *os.File, err error) {
	dir, err := os.MkdirTemp("", "riskctl-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "riskctl")
	command := exec.Command("go", "build", "-ldflags", "-s -w", "-o", path, "./cmd/riskctl") //nolint:noctx // shared by all tests
	command.Dir = root
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly -buildvcs=false", "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build riskctl in %s: %w\n%s", root, err, output)
	}
	return os.Open(path)
}
