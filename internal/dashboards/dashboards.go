// Package dashboards has the platform's Grafana dashboards. It knows nothing of who loads them: components/monitoring
// puts each into a ConfigMap that the sidecar of kube-prometheus-stack's Grafana finds by its label.
package dashboards

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/federated-risk/federated-risk/internal/rules"
)

// Platform is what the dashboards are about.
type Platform struct {
	// Namespace of the stack: every query is about its series alone.
	Namespace string
	// RunbookURL is the page that explains the alerts; an alert's name in lower case is an anchor on it. Empty: no links.
	RunbookURL string
	// Services that report metrics, in the order in which graphs list them.
	Services []Service
	// Postgres is the name of CloudNativePG's Cluster, Redis that of the Helm release. Empty: no such dashboard.
	Postgres, Redis string
}

// Service is a service that reports metrics.
type Service struct {
	// Name of the service: the job label of its series, and the name of its container and of the stable version's Deployment.
	Name string
	// Measures is what it measures beyond its requests.
	Measures Measure
	// Standby is the job label of its warm standby, and the name of that one's Deployment; empty without one.
	Standby string
	// Autoscaler is the name of its HorizontalPodAutoscaler; empty without one.
	Autoscaler string
}

// Measure is a duration that a service measures by itself, by the name of its metric without _sum and _count.
type Measure string

// Measures of the runbook's services (section "监控告警").
const (
	Requests     Measure = ""
	Intersection Measure = rules.PSIDuration
	Inference    Measure = rules.InferenceDuration
)

// Dashboard is one dashboard.
type Dashboard struct {
	// Name of the file, without .json. The sidecar keeps the files of every namespace in one folder, so it begins with the
	// stack's namespace.
	Name string
	// UID is what Grafana knows it by and what links lead to: at most 40 characters, the same for ever.
	UID string
	// Title is unique too, as Grafana demands within a folder.
	Title string
	// JSON is the file's content.
	JSON string
}

// All returns the platform's dashboards: overview, services, data stores, privacy budget.
func (p Platform) All() []Dashboard {
	all := []Dashboard{p.overview()}
	for _, service := range p.Services {
		all = append(all, p.service(service))
	}
	if p.Postgres != "" {
		all = append(all, p.postgres())
	}
	if p.Redis != "" {
		all = append(all, p.redis())
	}
	return append(all, p.privacyBudget())
}

// page is a dashboard before it is laid out.
type page struct {
	name, description string
	// from is the time that it shows, up to now; refresh is how often it asks again.
	from, refresh string
	sections      []section
}

func (p Platform) dashboard(page page) Dashboard {
	d := Dashboard{
		Name:  p.Namespace + "-" + page.name,
		UID:   uid(p.Namespace, page.name),
		Title: fmt.Sprintf("Federated risk / %s / %s", page.name, p.Namespace),
	}
	var content strings.Builder
	encoder := json.NewEncoder(&content)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	// It cannot fail: strings, booleans and finite numbers alone.
	_ = encoder.Encode(document{
		UID: d.UID, Title: d.Title, Description: page.description, Tags: p.tags(), SchemaVersion: schemaVersion,
		Timezone: "browser", GraphTooltip: sharedCrosshair, Refresh: page.refresh,
		Time:       timeRange{From: "now-" + page.from, To: "now"},
		Links:      p.links(),
		Templating: templating{List: []variable{dataSourceVariable}},
		Panels:     layout(page.sections),
	})
	d.JSON = content.String()
	return d
}

// Grafana's bound is 40 characters: nameLength, a dash and the first of the hash.
const nameLength, hashLength = 27, 12

// uid is the name as far as there is room, and a hash of all that makes it unique.
func uid(namespace, name string) string {
	sum := sha256.Sum256([]byte(namespace + "/" + name))
	return name[:min(len(name), nameLength)] + "-" + hex.EncodeToString(sum[:])[:hashLength]
}

// tags tell the platform's dashboards, and this stack's among them.
func (p Platform) tags() []string { return []string{"federated-risk", p.Namespace} }

func (p Platform) links() []link {
	links := []link{{
		Title: "Dashboards of this stack", Type: "dashboards", Icon: "external link", Tags: p.tags(),
		AsDropdown: true, IncludeVars: true, KeepTime: true,
	}}
	if p.RunbookURL != "" {
		links = append(links, linkTo("Runbook", p.RunbookURL))
	}
	return links
}

// linkTo leads out of Grafana.
func linkTo(title, url string) link {
	return link{Title: title, Type: "link", Icon: "doc", URL: url, Tags: []string{}, TargetBlank: true}
}
