package datastores

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	// clientsOfAService is how many pods each service has.
	clientsOfAService = 3
	// pause of a client between two sessions.
	pause = 100 * time.Millisecond
	// settled is how many sessions a client has with its new login before the next client moves.
	settled = 2
)

// session logs in with the URL, works, and leaves. The client's name has letters, digits and underscores.
type session func(ctx context.Context, client, url string) error

// clients are the pods of the services, which have one session after the other, all the time.
type clients struct {
	all     []*client
	stop    context.CancelFunc
	running sync.WaitGroup
}

type client struct {
	name, service string

	mutex    sync.Mutex
	url      string
	sessions map[string]int // by URL
	failures []string
}

// startClients starts those of each service, with its URL. They end with the test, at the latest.
func startClients(t *testing.T, urls map[string]string, session session) *clients {
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	started := &clients{stop: cancel}
	for _, service := range slices.Sorted(maps.Keys(urls)) {
		for i := range clientsOfAService {
			c := &client{
				name: fmt.Sprintf("client_%d_%d", len(started.all)/clientsOfAService, i), service: service, url: urls[service],
				sessions: map[string]int{},
			}
			started.all = append(started.all, c)
			started.running.Go(func() { c.run(ctx, session) })
		}
	}
	t.Cleanup(started.end)
	return started
}

func (c *client) run(ctx context.Context, session session) {
	for ctx.Err() == nil {
		url := c.current()
		// What has begun is completed: a client that is told to end has not failed.
		err := session(context.WithoutCancel(ctx), c.name, url)
		c.mutex.Lock()
		if c.sessions[url]++; err != nil {
			c.failures = append(c.failures, fmt.Sprintf("%s of %s at %s: %v", c.name, c.service, time.Now().Format(time.TimeOnly), err))
		}
		c.mutex.Unlock()
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func (c *client) current() string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.url
}

// move gives the client another URL.
func (c *client) move(url string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.url = url
}

// sessionsWith counts those with a URL, failed ones too.
func (c *client) sessionsWith(url string) int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.sessions[url]
}

// moveTo moves one client after the other to its service's URL. Meanwhile the others go on with theirs: each has a session
// with the old login after the first client has moved, but for that one.
func (all *clients) moveTo(t *testing.T, urls map[string]string) {
	t.Helper()
	for i, c := range all.all {
		require.NotEqual(t, c.current(), urls[c.service], "%s has the same login in the next generation", c.service)
		before := all.counts()
		c.move(urls[c.service])
		require.Eventually(t, func() bool {
			if c.sessionsWith(urls[c.service]) < settled {
				return false
			}
			for j, other := range all.all[i+1:] {
				if other.sessionsWith(other.current()) == before[i+1+j] {
					return false
				}
			}
			return true
		}, patience, interval, "%s of %s has not moved, or another one has no sessions any more", c.name, c.service)
	}
}

// counts of the sessions of each client with what it logs in with.
func (all *clients) counts() []int {
	var counts []int
	for _, c := range all.all {
		counts = append(counts, c.sessionsWith(c.current()))
	}
	return counts
}

// end waits until the sessions that have begun are over.
func (all *clients) end() {
	all.stop()
	all.running.Wait()
}

// haveNotFailed ends the clients.
func (all *clients) haveNotFailed(t *testing.T) {
	t.Helper()
	all.end()
	sessions := 0
	var failures []string
	for _, c := range all.all {
		for _, count := range c.sessions {
			sessions += count
		}
		assert.Len(t, c.sessions, generations, "%s: the logins that it has had", c.name)
		failures = append(failures, c.failures...)
	}
	const shown = 5
	assert.Empty(t, failures[:min(shown, len(failures))], "%d of %d sessions have failed", len(failures), sessions)
	t.Logf("%d sessions of %d clients", sessions, len(all.all))
}
