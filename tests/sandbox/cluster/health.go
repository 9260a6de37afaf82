package cluster

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/federated-risk/federated-risk/tests/sandbox/process"
)

const (
	healthInterval = 100 * time.Millisecond
	// probeTimeout is how long a live component may keep a health request waiting before it counts as hung.
	probeTimeout = 5 * time.Second
	logTail      = 5
)

// state is one component as it was found.
type state struct {
	component component
	process   *process.Process
	health    error
}

type states []state

func (s state) healthy() bool { return s.process != nil && s.health == nil && !s.process.Replaced() }

// problem says what is wrong with a component that is not healthy.
func (s state) problem() string {
	switch {
	case s.process == nil:
		return "it is not running"
	case s.process.Replaced():
		return "its program has been rebuilt since it started"
	default:
		return s.health.Error()
	}
}

func (s states) broken() states {
	return s.filter(func(s state) bool { return !s.healthy() })
}

// toRestart are the components that do not run as they should or, when all do, those that are not
// healthy: one that runs is often unhealthy only because another does not.
func (s states) toRestart() states {
	stopped := s.filter(func(s state) bool { return s.process == nil || s.process.Replaced() })
	if len(stopped) > 0 {
		return stopped
	}
	return s.broken()
}

func (s states) filter(keep func(state) bool) states {
	var kept states
	for _, state := range s {
		if keep(state) {
			kept = append(kept, state)
		}
	}
	return kept
}

// inspect finds every component's process and asks it for its health.
func (c *Cluster) inspect(ctx context.Context) (states, error) {
	components, err := c.components()
	if err != nil {
		return nil, err
	}
	live, err := c.componentProcesses()
	if err != nil {
		return nil, err
	}
	found := make(states, len(components))
	var probes sync.WaitGroup
	for i, component := range components {
		found[i].component = component
		for _, p := range live {
			if p.Name() == component.program() {
				found[i].process = &p
			}
		}
		if found[i].process != nil {
			probes.Go(func() { found[i].health = probe(ctx, component) })
		}
	}
	probes.Wait()
	return found, nil
}

// waitHealthy waits until every component answers. It gives up as soon as one has died.
func (c *Cluster) waitHealthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, healthyTimeout)
	defer cancel()
	for {
		found, err := c.inspect(ctx)
		if err != nil {
			return err
		}
		broken := found.broken()
		if len(broken) == 0 {
			return nil
		}
		dead := false
		for _, state := range broken {
			dead = dead || state.process == nil
		}
		if dead || ctx.Err() != nil {
			return c.unhealthy(broken)
		}
		select {
		case <-ctx.Done():
		case <-time.After(healthInterval):
		}
	}
}

func (c *Cluster) unhealthy(broken states) error {
	var errs []error
	for _, state := range broken {
		path := c.logFile(state.component.program())
		content, err := os.ReadFile(path)
		if err != nil {
			content = []byte(err.Error())
		}
		errs = append(errs, fmt.Errorf("%s: %s; last lines of %s:\n%s",
			state.component.Name, state.problem(), path, lastLines(string(content), logTail)))
	}
	return errors.Join(errs...)
}

// probe asks one component for its health on its own port.
func probe(ctx context.Context, component component) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	path := map[string]string{"etcd": "/health", "kube-apiserver": "/readyz"}[component.Name]
	if path == "" {
		path = "/healthz"
	}
	for _, port := range component.Ports {
		if port.Name != "http" && port.Name != "https" {
			continue
		}
		url := fmt.Sprintf("%s://127.0.0.1:%d%s", port.Name, port.Port, path)
		return get(ctx, url)
	}
	return nil
}

func get(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	// The health endpoints are open to everyone and the answer is trusted with nothing, while the
	// scheduler's certificate is one it makes up at each start. No proxy: this is loopback.
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see above
	}}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("it does not answer: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("it is not healthy: GET %s: %s", url, response.Status)
	}
	return nil
}

// listener finds the process that listens on a TCP port of the loopback or of every address.
func listener(port int) (process.Process, bool) {
	inodes := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		file, err := os.Open(table)
		if err != nil {
			continue
		}
		scanner := bufio.NewScanner(file)
		for scanner.Scan() {
			const local, socketState, inode = 1, 3, 9
			fields := strings.Fields(scanner.Text())
			if len(fields) <= inode || fields[socketState] != "0A" {
				continue
			}
			_, hexPort, err := net.SplitHostPort(fields[local])
			if err != nil {
				continue
			}
			if number, err := strconv.ParseInt(hexPort, 16, 32); err == nil && int(number) == port {
				inodes["socket:["+fields[inode]+"]"] = true
			}
		}
		_ = file.Close()
	}
	found, err := process.Find(func(p process.Process) bool {
		links, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(p.PID), "fd", "*"))
		if err != nil {
			return false
		}
		for _, link := range links {
			if target, err := os.Readlink(link); err == nil && inodes[target] {
				return true
			}
		}
		return false
	})
	if err != nil || len(found) == 0 {
		return process.Process{}, false
	}
	return found[0], true
}
