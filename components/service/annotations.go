package service

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The sidecar serves its own metrics and the service's on this port and path. It does not capture the port, so that it is
// scraped in the clear, whatever the namespace's mTLS mode: Prometheus, outside the mesh, could not speak it (istio.io,
// "Metrics merging").
const (
	MetricsPort = 15020
	MetricsPath = "/stats/prometheus"
)

// annotations of a pod that answers requests, for its sidecar.
func (p *pod) annotations() pulumi.StringMap {
	set := pulumi.StringMap{
		// The sidecar is an init container that keeps running: up before the service starts, and down after it has ended.
		"sidecar.istio.io/nativeSidecar": pulumi.String("true"),
		// The same for an Istio that does not know the annotation above (before 1.24), as near as it gets.
		"proxy.istio.io/config": pulumi.String(fmt.Sprintf(
			`{"holdApplicationUntilProxyStarts":true,"terminationDrainDuration":"%ds"}`, p.args.drainSeconds())),
	}
	if path := p.args.Service.MetricsPath; path != "" {
		// The sidecar reads them: it merges the service's metrics with its own, and serves both on MetricsPort.
		set["prometheus.io/scrape"] = pulumi.String("true")
		set["prometheus.io/port"] = pulumi.String(strconv.Itoa(p.args.Service.Port))
		set["prometheus.io/path"] = pulumi.String(path)
	}
	return set
}

// accepted marks checks of kube-score that an object does not pass, for reasons that docs/decisions.md gives.
func accepted(checks ...string) pulumi.StringMap {
	return pulumi.StringMap{"kube-score/ignore": pulumi.String(strings.Join(checks, ","))}
}
