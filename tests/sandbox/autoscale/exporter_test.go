package autoscale_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// load is what the pods of one version in one namespace report.
type load struct {
	// queue of each pod; below 0, the series is missing.
	queue float64
	// latency says whether there is a histogram at all: a service that has answered nothing yet has none.
	latency bool
	// fast and slow requests per second and pod: below 0.1 s, and between 0.5 s and 1 s.
	fast, slow float64
}

// exporter plays the /metrics of every pod, which kwok's pods cannot serve. Prometheus finds the pods itself and asks for
// /<namespace>/<pod>, so that there are series of exactly the pods that exist.
type exporter struct {
	address string

	mutex  sync.Mutex
	groups map[string]*group
}

// group is the pods of one version in one namespace, with its counters so far.
type group struct {
	load
	since      time.Time
	fast, slow float64
}

func newExporter(t *testing.T) *exporter {
	t.Helper()
	e := &exporter{groups: map[string]*group{}}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	e.address = strings.TrimPrefix(server.URL, "http://")
	return e
}

// set changes the load of the version's pods in the namespace.
func (e *exporter) set(namespace, version string, now load) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	g := e.group(namespace + "/" + version)
	g.count()
	g.load = now
}

func (e *exporter) group(key string) *group {
	if e.groups[key] == nil {
		e.groups[key] = &group{load: load{queue: -1}, since: time.Now()}
	}
	return e.groups[key]
}

// count brings the counters up to date. Counters only grow.
func (g *group) count() {
	now := time.Now()
	seconds := now.Sub(g.since).Seconds()
	g.since = now
	g.fast += g.load.fast * seconds
	g.slow += g.load.slow * seconds
}

func (e *exporter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	namespace, pod, found := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if !found {
		http.NotFound(w, r)
		return
	}
	version := stable
	if strings.HasPrefix(pod, deployment+"-"+canary+"-") {
		version = canary
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	g := e.group(namespace + "/" + version)
	g.count()
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	// A fifth of the request in each case: no reason to scale.
	_, _ = fmt.Fprintf(w, "test_cpu_cores{container=%q} 0.05\ntest_memory_bytes{container=%q} 1e8\n", deployment, deployment)
	if g.queue >= 0 {
		_, _ = fmt.Fprintf(w, "request_queue_length %g\n", g.queue)
	}
	if g.latency {
		for _, bucket := range []struct {
			bound string
			count float64
		}{{"0.1", g.fast}, {"0.5", g.fast}, {"1", g.fast + g.slow}, {"+Inf", g.fast + g.slow}} {
			_, _ = fmt.Fprintf(w, "http_request_duration_seconds_bucket{le=%q} %g\n", bucket.bound, bucket.count)
		}
	}
}
