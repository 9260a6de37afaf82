package datastores

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	redisURL = "REDIS_URL"
	// restartedIn is the generation in which a server is down when the Job starts.
	restartedIn = 3
)

// TestRedisLoginsRotateWithoutAFailedLogin: the servers read their ACL file when they start, and the Job brings it to those
// that run; then the clients move.
func TestRedisLoginsRotateWithoutAFailedLogin(t *testing.T) {
	t.Parallel()
	declared := declare(t, "redis", 1)
	servers := startRedis(t, declared, redisJob(1))
	servers.startLogin(t, declared, 1).succeeds(t)
	urls := []map[string]string{nil, declared.urls(t, redisURL)}
	clients := startClients(t, urls[1], servers.work)
	for generation := 2; generation <= generations; generation++ {
		declared = declare(t, "redis", generation)
		if generation == restartedIn {
			servers.startLoginWithOneDown(t, declared, generation).succeeds(t)
		} else {
			servers.startLogin(t, declared, generation).succeeds(t)
		}
		urls = append(urls, declared.urls(t, redisURL))
		clients.moveTo(t, urls[generation])
	}
	clients.haveNotFailed(t)

	for service := range urls[generations] {
		for _, server := range servers.all {
			for _, url := range []string{urls[generations][service], urls[generations-1][service]} {
				require.NoError(t, servers.do(t, server, url, "PING"), "the login in use and the one before")
				for _, forbidden := range []string{"CONFIG GET dir", "CONFIG SET dir /", "ACL LIST", "ACL SETUSER default on nopass", "SHUTDOWN"} {
					require.ErrorContains(t, servers.do(t, server, url, forbidden), "NOPERM", forbidden)
				}
			}
			assert.ErrorContains(t, servers.do(t, server, urls[generations-2][service], "PING"), "WRONGPASS", "the login before that is over")
		}
	}
}

// startLoginWithOneDown has one of the servers down when the Job starts. It comes back with the new ACL file, and with the data
// that it had.
func (s *redisServers) startLoginWithOneDown(t *testing.T, declared stack, generation int) login {
	t.Helper()
	server := s.all[1]
	s.letDown(server)
	login := s.startLogin(t, declared, generation)
	require.NoError(t, login.waits(t.Context(), "waiting for "+server.host))
	s.bringUp(t, server, declared)
	return login
}

func redisJob(generation int) string { return fmt.Sprintf("redis-login-g%d", generation) }

func (s *redisServers) startLogin(t *testing.T, declared stack, generation int) login {
	t.Helper()
	return startLogin(t, declared, redisJob(generation), s.software, map[string]string{
		"HOSTS": strings.Join(s.hosts(), " "), "PORT": strconv.Itoa(s.port),
	})
}

// do sends one command with a login of its own.
func (s *redisServers) do(t *testing.T, server *redisServer, url, command string) error {
	t.Helper()
	client, err := s.client(server, url)
	require.NoError(t, err)
	defer func() { _ = client.Close() }()
	var words []any
	for _, word := range strings.Fields(command) {
		words = append(words, word)
	}
	return client.Do(t.Context(), words...).Err()
}

// work is a session of a client with each server: it counts, and finds what it has counted.
func (s *redisServers) work(ctx context.Context, name, address string) error {
	ctx, cancel := context.WithTimeout(ctx, sessionTimeout)
	defer cancel()
	parsed, err := url.Parse(address)
	if err != nil {
		return err
	}
	return s.each(func(server *redisServer) (err error) {
		client, err := s.client(server, address)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, client.Close()) }()
		user, err := client.Do(ctx, "ACL", "WHOAMI").Text()
		if err != nil {
			return err
		}
		if user != parsed.User.Username() {
			return fmt.Errorf("logged in as %s, expected %s", user, parsed.User.Username())
		}
		return count(ctx, client, name)
	})
}

// count sets the client's key to one more, and reads it.
func count(ctx context.Context, client *redis.Client, key string) error {
	before, err := client.Get(ctx, key).Int()
	if err != nil && !errors.Is(err, redis.Nil) {
		return err
	}
	if err := client.Set(ctx, key, before+1, 0).Err(); err != nil {
		return err
	}
	after, err := client.Get(ctx, key).Int()
	if err != nil {
		return err
	}
	if after != before+1 {
		return fmt.Errorf("%s is %d, expected %d", key, after, before+1)
	}
	return nil
}
