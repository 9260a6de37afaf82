package catalogue_test

import (
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/federated-risk/federated-risk/internal/catalogue"
)

func TestServicesAreConsistent(t *testing.T) {
	ports, databases, before := map[int]string{}, map[int]string{}, map[string]bool{}
	exposures := map[catalogue.Exposure]string{}
	for _, service := range catalogue.Services() {
		assert.Empty(t, validation.IsDNS1035Label(service.Name), "%q names a Service", service.Name)
		assert.Empty(t, validation.IsDNS1123Label(service.Name), service.Name)
		assert.NotContains(t, before, service.Name, "listed twice")
		assert.Empty(t, validation.IsValidPortNum(service.Port), service.Name)
		assert.NotContains(t, ports, service.Port, "%s and %s share port %d", service.Name, ports[service.Port], service.Port)
		ports[service.Port] = service.Name
		if database := service.RedisDB; database != nil {
			assert.True(t, *database >= 0 && *database <= 15, "%s: Redis has databases 0 to 15, not %d", service.Name, *database)
			assert.NotContains(t, databases, *database, "%s and %s share Redis database %d", service.Name, databases[*database], *database)
			databases[*database] = service.Name
		}
		for variable, upstream := range service.Upstreams {
			assert.Contains(t, before, upstream, "%s: %s names %s, which must come earlier in the list", service.Name, variable, upstream)
			assertVariable(t, variable)
		}
		if service.PublicURLVariable != "" {
			assertVariable(t, service.PublicURLVariable)
		}
		for _, absolute := range []string{service.HealthPath, service.LogDir, service.MetricsPath} {
			assert.True(t, absolute == "" || path.IsAbs(absolute) && path.Clean(absolute) == absolute, "%s: %q", service.Name, absolute)
		}
		assert.NotEmpty(t, service.HealthPath, service.Name)
		if volume := service.Volume; volume != nil {
			assert.Empty(t, validation.IsDNS1123Label(volume.Name), volume.Name)
			assert.Empty(t, validation.IsDNS1123Label(service.Name+"-"+volume.Name), "the name of the claim")
			assert.True(t, path.IsAbs(volume.MountPath), volume.MountPath)
			for variable, file := range volume.Variables {
				assertVariable(t, variable)
				assert.True(t, strings.HasPrefix(file, volume.MountPath+"/"), "%s: %s is not on the volume", variable, file)
			}
		}
		assert.Contains(t, []catalogue.Host{catalogue.HostAPI, catalogue.HostApp}, service.Exposure.Host, service.Name)
		prefix := service.Exposure.PathPrefix
		assert.True(t, path.IsAbs(prefix) && path.Clean(prefix) == prefix, "%s: %q", service.Name, prefix)
		assert.NotContains(t, exposures, service.Exposure, "%s and %s share a public path", service.Name, exposures[service.Exposure])
		for other, owner := range exposures {
			assert.False(t, other.Host == service.Exposure.Host && (below(prefix, other.PathPrefix) || below(other.PathPrefix, prefix)),
				"%s and %s: one public path is below the other, and no order says whose requests those are", service.Name, owner)
		}
		exposures[service.Exposure] = service.Name
		before[service.Name] = true
	}
}

func TestLookupFindsEveryServiceAndNoOther(t *testing.T) {
	names := catalogue.Names()
	require.Len(t, names, len(catalogue.Services()))
	for i, service := range catalogue.Services() {
		assert.Equal(t, service.Name, names[i])
		found, ok := catalogue.Lookup(service.Name)
		assert.True(t, ok)
		assert.Equal(t, service, found)
	}
	for _, name := range []string{"", "Frontend", "billing"} {
		found, ok := catalogue.Lookup(name)
		assert.False(t, ok, name)
		assert.Zero(t, found)
	}
}

// TestServicesIsACopy lets a caller change what it got.
func TestServicesIsACopy(t *testing.T) {
	mine := catalogue.Services()
	*mine[0].RedisDB = 9
	mine[1].Upstreams["X"] = "y"
	assert.NotEqual(t, mine[0], catalogue.Services()[0])
	assert.NotContains(t, catalogue.Services()[1].Upstreams, "X")
}

func TestPublicHosts(t *testing.T) {
	assert.Equal(t, "api.risk.example.com", catalogue.HostAPI.In("risk.example.com"))
	assert.Equal(t, "app.risk.example.com", catalogue.HostApp.In("risk.example.com"))
}

// below says whether a path is in the tree of another one.
func below(inner, outer string) bool {
	return strings.HasPrefix(inner, strings.TrimSuffix(outer, "/")+"/")
}

func assertVariable(t *testing.T, name string) {
	t.Helper()
	assert.Empty(t, validation.IsCIdentifier(name), "%q names an environment variable", name)
}
