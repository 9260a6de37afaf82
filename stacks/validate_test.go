package stacks_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/federated-risk/federated-risk/stacks"
)

// rule is a config, given by what it changes in leastConfig, and the faults it must have; none means valid.
type rule struct {
	name  string
	edits tree
	want  []string
}

// checkRules expects faults without the namespace, for brevity. A rule is about its own values, so there is no quota
// unless the rule sets one: the extremes of most values are beyond every profile's.
func checkRules(t *testing.T, rules []rule) {
	t.Helper()
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			values := leastConfig()
			edit(values, "policy.quota.enabled", false)
			// In the order of the paths, so that a section is set before a key in it.
			for _, path := range slices.Sorted(maps.Keys(rule.edits)) {
				edit(values, path, rule.edits[path])
			}
			_, err := stacks.Parse(source(t, values))
			var want []string
			for _, line := range rule.want {
				want = append(want, stacks.Project+":"+line)
			}
			assert.Equal(t, want, faultLines(t, err))
		})
	}
}

// sameFault makes a rule for each value at path: all have the fault, or none if it is empty.
func sameFault(path, fault string, values ...string) []rule {
	var rules []rule
	for _, value := range values {
		rule := rule{name: path + "=" + value, edits: tree{path: value}}
		if fault != "" {
			rule.want = []string{path + `: "` + strings.ReplaceAll(value, `"`, `\"`) + `": ` + fault}
		}
		rules = append(rules, rule)
	}
	return rules
}

func TestValidateTopLevel(t *testing.T) {
	const (
		badDomain = "must be a DNS domain such as risk.example.com: two or more labels of lower-case letters, digits " +
			`and "-", at most 62 characters`
		ownNamespace = "must be a namespace of the stack's own, which it makes and deletes"
		badLabel     = `must be 1 to 63 lower-case letters, digits and "-", with a letter or digit at both ends`
	)
	long := strings.Repeat("a", 58)
	checkRules(t, slices.Concat(
		sameFault("namespace", "", "a", "risk-2", strings.Repeat("n", 45)),
		sameFault("namespace", badLabel, "", "-a", "a-", "A", "a.b", "a_b", strings.Repeat("n", 64)),
		sameFault("namespace", ownNamespace, "default", "kube-public"),
		sameFault("domain", "", "a.b", "risk.example.com", "3.de", long+".com"),
		sameFault("domain", badDomain, "", "local", "10.0.0.1", "a..b", ".a.b", "a.b.", "*.a.b", "A.b", "a_b.c", long+".info"),
		sameFault("profile", "", "minimum", "recommended"),
		sameFault("profile", "must be one of minimum, recommended, production", "", "Minimum", "prod"),
		sameFault("cluster.context", "must not begin or end with a space", " a", "a "),
		[]rule{{
			"kubeconfig given as content", tree{"cluster.kubeconfig": "apiVersion: v1\nclusters: []\n"},
			[]string{"cluster.kubeconfig: must be the path of a kubeconfig, not its content"},
		}, {
			"the operator in the stack's namespace",
			tree{"namespace": "risk", "releases.postgresOperator.namespace": "risk"},
			[]string{`namespace: "risk": must differ from federated-risk:releases.postgresOperator.namespace: ` +
				"the operator outlives the stack's namespace, and would be cut off in it"},
		}, {
			"no room for the operator's namespace", tree{"namespace": strings.Repeat("n", 46)},
			[]string{`releases.postgresOperator.namespace: "` + strings.Repeat("n", 46) + `-postgres-operator": ` + badLabel},
		}, {
			"another's operator in the stack's namespace",
			tree{"namespace": "cnpg-system", "releases.postgresOperator": tree{"install": false, "namespace": "cnpg-system"}},
			[]string{`namespace: "cnpg-system": must differ from federated-risk:releases.postgresOperator.namespace: ` +
				"the operator outlives the stack's namespace, and would be cut off in it"},
		}},
	))
}

func TestValidateTLS(t *testing.T) {
	const (
		renewal = "must be at least 1 and less than federated-risk:tls.validityHours"
		tooLong = "must be 1 to 64 characters"
	)
	checkRules(t, slices.Concat(
		sameFault("tls.mode", "must be one of selfSigned, certManager, existing", "", "certmanager"),
		sameFault("tls.organization", tooLong, "", strings.Repeat("o", 65)),
		sameFault("tls.secretName", "must not be set unless federated-risk:tls.mode is existing", "tls"),
		[]rule{
			{"existing", tree{"tls": tree{"mode": "existing", "secretName": "risk.tls"}}, nil},
			{"existing without Secret", tree{"tls.mode": "existing"}, []string{
				"tls.secretName: is not set: name the kubernetes.io/tls Secret, or set federated-risk:tls.mode to selfSigned",
			}},
			{"existing with a bad name", tree{"tls": tree{"mode": "existing", "secretName": "TLS"}}, []string{
				`tls.secretName: "TLS": must be the name of a Secret: lower-case letters, digits, "-" and "."`,
			}},
			{"shortest validity", tree{"tls": tree{"validityHours": 24, "renewBeforeHours": 23}}, nil},
			{"longest validity", tree{"tls.validityHours": 19800}, nil},
			{"validity too short", tree{"tls": tree{"validityHours": 23, "renewBeforeHours": 1}}, []string{
				"tls.validityHours: 23: must be 24 to 19800",
			}},
			{"validity too long", tree{"tls.validityHours": 19801}, []string{"tls.validityHours: 19801: must be 24 to 19800"}},
			{"renewal never", tree{"tls.renewBeforeHours": 0}, []string{"tls.renewBeforeHours: 0: " + renewal}},
			{"renewal at once", tree{"tls.renewBeforeHours": 8760}, []string{"tls.renewBeforeHours: 8760: " + renewal}},
			{"renewal longer than a short validity", tree{"tls.validityHours": 48}, []string{
				"tls.renewBeforeHours: 720: " + renewal,
			}},
		},
	))
}

func TestValidateReleases(t *testing.T) {
	named := tree{"chart": "redis", "repository": "https://charts.example.com/stable", "version": "1.2.3"}
	oci := tree{"chart": "oci://registry.example.com/charts/redis", "version": "v1.2.3-rc.1+build"}
	with := func(release tree, key string, value any) tree {
		release = maps.Clone(release)
		edit(release, key, value)
		return tree{"releases.redis": release}
	}
	const (
		badChart   = "must be a chart name, an oci:// address, or a path that begins with ./, ../ or /"
		badOCI     = "must be oci://<registry>/<repository>, without a tag or digest"
		badVersion = "must be one exact version, such as 1.2.3"
		badURL     = "must be an https:// or http:// address"
		noVersion  = "releases.redis.version: is not set: pin the chart's version, such as 1.2.3"
		needless   = "must not be set for an oci:// address or a path"
	)
	checkRules(t, []rule{
		{"chart in a repository", tree{"releases.redis": named}, nil},
		{"chart in a registry", tree{"releases.redis": oci}, nil},
		{"no chart", tree{"releases.redis": tree{}}, []string{
			"releases.redis.chart: is not set: give a chart name with its repository, an oci:// address, or a path such as ./charts/name",
		}},
		{"relative path without ./", with(named, "chart", "charts/redis"), []string{
			`releases.redis.chart: "charts/redis": ` + badChart,
		}},
		{"address of an archive", with(named, "chart", "https://example.com/redis.tgz"), []string{
			`releases.redis.chart: "https://example.com/redis.tgz": ` + badChart,
		}},
		{"path above the project", with(tree{}, "chart", "../charts/redis"), nil},
		{"absolute path", with(tree{}, "chart", "/charts/redis"), nil},
		{"path with repository and version", with(named, "chart", "./redis"), []string{
			`releases.redis.repository: "https://charts.example.com/stable": ` + needless,
			`releases.redis.version: "1.2.3": must not be set for a path, whose Chart.yaml says the version`,
		}},
		{"registry with repository", with(oci, "repository", "https://example.com"), []string{
			`releases.redis.repository: "https://example.com": ` + needless,
		}},
		{"registry without version", with(oci, "version", removed{}), []string{noVersion}},
		{"registry with tag", with(oci, "chart", "oci://example.com/redis:1"), []string{
			`releases.redis.chart: "oci://example.com/redis:1": ` + badOCI,
		}},
		{"registry alone", with(oci, "chart", "oci://example.com"), []string{
			`releases.redis.chart: "oci://example.com": ` + badOCI,
		}},
		{"no repository", with(named, "repository", removed{}), []string{
			"releases.redis.repository: is not set: give the https:// address of the chart's repository",
		}},
		{"registry as repository", with(named, "repository", "oci://example.com/charts"), []string{
			`releases.redis.repository: "oci://example.com/charts": ` + badURL,
		}},
		{"repository without host", with(named, "repository", "https://"), []string{
			`releases.redis.repository: "https://": ` + badURL,
		}},
		{"repository that is no address", with(named, "repository", "https://a b%"), []string{
			`releases.redis.repository: "https://a b%": ` + badURL,
		}},
		{"password in the repository", with(named, "repository", "https://me:hush@example.com"), []string{
			"releases.redis.repository: must not contain a user or password",
		}},
		{"no version", with(named, "version", removed{}), []string{noVersion}},
		{"range of versions", with(named, "version", "^1.2.3"), []string{`releases.redis.version: "^1.2.3": ` + badVersion}},
		{"part of a version", with(named, "version", "1.2"), []string{`releases.redis.version: "1.2": ` + badVersion}},
		{"shortest timeout", with(named, "timeoutSeconds", 1), nil},
		{"longest timeout", with(named, "timeoutSeconds", 3600), nil},
		{"no timeout", with(named, "timeoutSeconds", 0), []string{"releases.redis.timeoutSeconds: 0: must be 1 to 3600"}},
		{"endless timeout", with(named, "timeoutSeconds", 3601), []string{"releases.redis.timeoutSeconds: 3601: must be 1 to 3600"}},
		{"every release", tree{"releases": tree{}}, []string{
			"releases.kubePrometheusStack.chart: is not set: give a chart name with its repository, an oci:// address, or a path such as ./charts/name",
			"releases.postgres.chart: is not set: give a chart name with its repository, an oci:// address, or a path such as ./charts/name",
			"releases.postgresOperator.chart: is not set: give a chart name with its repository, an oci:// address, or a path such as ./charts/name",
			"releases.prometheusOperatorCRDs.chart: is not set: give a chart name with its repository, an oci:// address, or a path such as ./charts/name",
			"releases.redis.chart: is not set: give a chart name with its repository, an oci:// address, or a path such as ./charts/name",
		}},
		{"operator installed by another", tree{"releases.postgresOperator": tree{"install": false}}, nil},
		{"operator's namespace", tree{"releases.postgresOperator.namespace": "CNPG"}, []string{
			`releases.postgresOperator.namespace: "CNPG": must be 1 to 63 lower-case letters, digits and "-", with a letter or digit at both ends`,
		}},
	})
}
