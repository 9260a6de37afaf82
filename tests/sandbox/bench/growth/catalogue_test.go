package growth

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

const catalogueDir = "internal/catalogue"

// The program's own tests of its catalogue judge the grown one.
func TestGrownCatalogueKeepsTheRules(t *testing.T) {
	root := root(t)
	program := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(program, catalogueDir), os.DirFS(filepath.Join(root, catalogueDir))))
	for _, file := range []string{"go.mod", "go.sum"} {
		require.NoError(t, os.WriteFile(filepath.Join(program, file), read(t, root, file), 0o600))
	}
	grown, err := Catalogue(read(t, root, catalogueDir, "services.go"), 200)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(program, catalogueDir, "services.go"), grown, 0o600))

	counts := `package catalogue_test

import (
	"testing"

	"github.com/federated-risk/federated-risk/internal/catalogue"
)

func TestCount(t *testing.T) {
	callers := 0
	for _, service := range catalogue.Services() {
		if service.Upstreams["CONSENT_SERVICE_URL"] != "" {
			callers++
		}
	}
	if len(catalogue.Services()) != 200 || callers != 100 {
		t.Error(len(catalogue.Services()), callers)
	}
	if service, _ := catalogue.Lookup("psi-service-49"); service.Upstreams["CONSENT_SERVICE_URL"] != "consent-service-49" || !service.Postgres {
		t.Errorf("%+v", service)
	}
}
`
	require.NoError(t, os.WriteFile(filepath.Join(program, catalogueDir, "count_test.go"), []byte(counts), 0o600))
	test := exec.CommandContext(t.Context(), "go", "test", "./"+catalogueDir)
	test.Dir = program
	output, err := test.CombinedOutput()
	require.NoError(t, err, "%s", output)
}

func TestTheProgramsOwnNumberOfServicesIsItsOwnCatalogue(t *testing.T) {
	source := read(t, root(t), catalogueDir, "services.go")
	grown, err := Catalogue(source, 4)
	require.NoError(t, err)
	assert.Equal(t, string(source), string(grown))
}

func TestNumbersThatNoCatalogueGrowsTo(t *testing.T) {
	source := read(t, root(t), catalogueDir, "services.go")
	for _, services := range []int{0, 3, 6, -4} {
		_, err := Catalogue(source, services)
		require.ErrorContains(t, err, "expected a multiple of the program's own 4", services)
	}
	_, err := Catalogue([]byte("package catalogue\n\nvar ports = []int{1}\n"), 4)
	require.ErrorContains(t, err, "expected a literal of type []Service")
	_, err = Catalogue([]byte("package catalogue\n\nvar all = []Service{{Port: 1}}\n"), 2)
	require.ErrorContains(t, err, "copy 1 of service 0 of the catalogue")
	_, err = Catalogue([]byte("no Go"), 4)
	require.ErrorContains(t, err, "read the catalogue")
}

func TestGrownStackHasTheConfigOfEachOriginal(t *testing.T) {
	source := read(t, root(t), "Pulumi.local.yaml")
	grown, err := Stack(source, 40)
	require.NoError(t, err)
	var before, after struct {
		Salt   string `json:"encryptionsalt"`
		Config map[string]any
	}
	require.NoError(t, yaml.Unmarshal(source, &before))
	require.NoError(t, yaml.Unmarshal(grown, &after))
	assert.Equal(t, before.Salt, after.Salt)
	services := after.Config[servicesKey].(map[string]any)
	require.Len(t, services, 40)
	for name, settings := range services {
		original := strings.TrimRight(name, "-0123456789")
		assert.Equal(t, before.Config[servicesKey].(map[string]any)[original], settings, name)
	}
	assert.Equal(t, map[string]any{"quota": map[string]any{"enabled": false}}, after.Config[policyKey])
	_, err = Stack(source, 7)
	require.ErrorContains(t, err, "expected a multiple of the 4 under federated-risk:services")
}

func root(t *testing.T) string {
	t.Helper()
	root, err := workspace.FindRoot(".")
	require.NoError(t, err)
	return root
}

func read(t *testing.T, elements ...string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(elements...))
	require.NoError(t, err)
	return content
}
