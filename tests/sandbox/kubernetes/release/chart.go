package release

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/cli"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/registry"

	"github.com/federated-risk/federated-risk/tests/sandbox/kubernetes/kube"
)

// load returns the release's chart, from a folder or archive on this machine, a chart repository, or an OCI registry,
// and the place of its files.
func (a args) load() (*chart.Chart, string, error) {
	settings := cli.New()
	client, err := registry.NewClient(
		registry.ClientOptWriter(io.Discard), registry.ClientOptCredentialsFile(settings.RegistryConfig),
		registry.ClientOptBasicAuth(a.RepositoryOpts.Username, a.RepositoryOpts.Password))
	if err != nil {
		return nil, "", fmt.Errorf("set up the registry client: %w", err)
	}
	// An install action is Helm's only way to give the options a registry.
	locator := action.NewInstall(&action.Configuration{})
	locator.SetRegistryClient(client)
	locator.Version = a.Version
	if locator.Version == "" && a.Devel {
		locator.Version = ">0.0.0-0"
	}
	locator.RepoURL = a.RepositoryOpts.Repo
	locator.CaFile = a.RepositoryOpts.CaFile
	locator.CertFile = a.RepositoryOpts.CertFile
	locator.KeyFile = a.RepositoryOpts.KeyFile
	locator.Username = a.RepositoryOpts.Username
	locator.Password = a.RepositoryOpts.Password
	locator.Verify = a.Verify
	locator.Keyring = cmp.Or(a.Keyring, os.ExpandEnv("$HOME/.gnupg/pubring.gpg"))
	path, err := locator.LocateChart(a.Chart, settings)
	if err != nil {
		return nil, "", fmt.Errorf("find chart %q: %w", a.Chart, err)
	}
	loaded, err := loader.Load(path)
	if err != nil {
		return nil, "", fmt.Errorf("load chart %q from %s: %w", a.Chart, path, err)
	}
	if kind := loaded.Metadata.Type; kind != "" && kind != "application" {
		return nil, "", fmt.Errorf("chart %q is of type %q, which cannot be installed", a.Chart, kind)
	}
	if err := action.CheckDependencies(loaded, loaded.Metadata.Dependencies); err != nil {
		return nil, "", fmt.Errorf("chart %q lacks dependencies in its charts folder: %w", a.Chart, err)
	}
	return loaded, path, nil
}

// isLocal tells whether the chart is a folder or archive on this machine.
func (a args) isLocal() bool {
	if a.RepositoryOpts.Repo != "" || registry.IsOCI(a.Chart) {
		return false
	}
	_, err := os.Stat(a.Chart)
	return err == nil || filepath.IsAbs(a.Chart)
}

// checksum is that of all the chart's files, in hexadecimal.
func checksum(of *chart.Chart) string {
	files := map[string][]byte{}
	for _, file := range of.Raw {
		files[file.Name] = file.Data
	}
	hash := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		content := sha256.Sum256(files[name])
		hash.Write([]byte(name + "\x00"))
		hash.Write(content[:])
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// render returns the manifests that the release would consist of, its custom resource definitions first. It fails on
// values that the chart's schema refuses.
func (a args) render(client *kube.Client, of *chart.Chart) (string, error) {
	version, err := client.Discovery().ServerVersion()
	if err != nil {
		return "", fmt.Errorf("ask %s for its version: %w", client.Server(), err)
	}
	capabilities := *chartutil.DefaultCapabilities
	capabilities.KubeVersion = chartutil.KubeVersion{Version: version.GitVersion, Major: version.Major, Minor: version.Minor}
	if capabilities.APIVersions, err = action.GetVersionSet(client.Discovery()); err != nil {
		return "", fmt.Errorf("ask %s for its kinds: %w", client.Server(), err)
	}
	if want := of.Metadata.KubeVersion; want != "" && !chartutil.IsCompatibleRange(want, version.GitVersion) {
		return "", fmt.Errorf("the chart needs Kubernetes %s, %s is %s", want, client.Server(), version.GitVersion)
	}
	values := merge(a.Values, nil)
	if err := chartutil.ProcessDependenciesWithMerge(of, values); err != nil {
		return "", fmt.Errorf("process the chart's dependencies: %w", err)
	}
	complete, err := chartutil.ToRenderValues(of, values, chartutil.ReleaseOptions{
		Name: a.Name, Namespace: a.Namespace, Revision: 1, IsInstall: true,
	}, &capabilities)
	if err != nil {
		return "", err
	}
	rendered, err := engine.New(client.RESTConfig()).Render(of, complete)
	if err != nil {
		return "", err
	}
	var manifest strings.Builder
	for _, definition := range of.CRDObjects() {
		if !a.SkipCrds {
			fmt.Fprintf(&manifest, "---\n%s\n", definition.File.Data)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rendered)) {
		if extension := filepath.Ext(name); extension == ".yaml" || extension == ".yml" {
			fmt.Fprintf(&manifest, "---\n%s\n", rendered[name])
		}
	}
	return manifest.String(), nil
}

// lint returns what Helm's linter calls an error.
func (a args) lint(path string) error {
	if result := action.NewLint().Run([]string{path}, merge(a.Values, nil)); len(result.Errors) > 0 {
		texts := make([]string, len(result.Errors))
		for i, err := range result.Errors {
			texts[i] = err.Error()
		}
		return fmt.Errorf("the chart's lint found: %s", strings.Join(texts, "; "))
	}
	return nil
}
