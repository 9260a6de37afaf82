package stacks

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/distribution/reference"
	"k8s.io/apimachinery/pkg/util/version"
)

const (
	ociScheme = "oci://"
	// longestTimeoutSeconds is an hour: a release that takes longer will not get ready.
	longestTimeoutSeconds = 3600
)

// chartName as Helm lints it.
var chartName = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9])?$`)

func (v validator) releases(path keyPath, releases Releases) {
	operator := path.key("postgresOperator")
	if releases.PostgresOperator.Install {
		v.release(operator, releases.PostgresOperator.Release)
	}
	v.dnsLabel(operator.key("namespace"), releases.PostgresOperator.Namespace)
	v.release(path.key("postgres"), releases.Postgres)
	v.release(path.key("redis"), releases.Redis)
}

func (v validator) release(path keyPath, release Release) {
	chart, repository := path.key("chart"), path.key("repository")
	address, isOCI := strings.CutPrefix(release.Chart, ociScheme)
	switch {
	case release.Chart == "":
		v.add(chart, nil, "is not set: give a chart name with its repository, an oci:// address, or a path such as ./charts/name")
	case isChartPath(release.Chart):
		v.noRepository(repository, release.Repository)
		if release.Version != "" {
			v.add(path.key("version"), release.Version, "must not be set for a path, whose Chart.yaml says the version")
		}
	case isOCI:
		v.ociAddress(chart, address, release.Chart)
		v.noRepository(repository, release.Repository)
		v.chartVersion(path.key("version"), release.Version)
	case chartName.MatchString(release.Chart):
		v.repository(repository, release.Repository)
		v.chartVersion(path.key("version"), release.Version)
	default:
		v.add(chart, release.Chart, "must be a chart name, an oci:// address, or a path that begins with ./, ../ or /")
	}
	v.between(path.key("timeoutSeconds"), release.TimeoutSeconds, 1, longestTimeoutSeconds)
}

func isChartPath(chart string) bool {
	return strings.HasPrefix(chart, "./") || strings.HasPrefix(chart, "../") || strings.HasPrefix(chart, "/")
}

func (v validator) ociAddress(path keyPath, address, shown string) {
	named, err := reference.ParseNamed(address)
	if err != nil || !reference.IsNameOnly(named) {
		v.add(path, shown, "must be oci://<registry>/<repository>, without a tag or digest")
	}
}

func (v validator) noRepository(path keyPath, repository string) {
	if repository != "" {
		v.add(path, repository, "must not be set for an oci:// address or a path")
	}
}

func (v validator) repository(path keyPath, repository string) {
	if repository == "" {
		v.add(path, nil, "is not set: give the https:// address of the chart's repository")
		return
	}
	address, err := url.Parse(repository)
	switch {
	case err != nil || address.Host == "" || (address.Scheme != "https" && address.Scheme != "http"):
		v.add(path, repository, "must be an https:// or http:// address")
	case address.User != nil:
		// Not shown, it holds a password.
		v.add(path, nil, "must not contain a user or password")
	}
}

func (v validator) chartVersion(path keyPath, chartVersion string) {
	if chartVersion == "" {
		v.add(path, nil, "is not set: pin the chart's version, such as 1.2.3")
		return
	}
	if _, err := version.ParseSemantic(chartVersion); err != nil {
		v.add(path, chartVersion, "must be one exact version, such as 1.2.3")
	}
}
