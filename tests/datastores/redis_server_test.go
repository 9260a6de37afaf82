package datastores

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/datastores/companion"
	"github.com/federated-risk/federated-risk/tests/datastores/debian"
)

// redisServers are as many as the login's Job knows, on addresses of their own and one port, as it expects them. They do not
// replicate: clients work with each of them, as a failover may make any the master.
type redisServers struct {
	software debian.Installation
	port     int
	all      []*redisServer

	// mutex is held for reading by whoever works with the servers, and for writing to let one down.
	mutex sync.RWMutex
}

type redisServer struct {
	host, folder string
	program      *companion.Program
	// down has the Service lead elsewhere.
	down bool
}

// startRedis starts the servers with what the stack declares, for as many names as the Job of its login has.
func startRedis(t *testing.T, declared stack, job string) *redisServers {
	t.Helper()
	software, err := debian.Redis().Provide(t.Context())
	require.NoError(t, err)
	servers := &redisServers{software: software}
	_, environment := declared.job(t, job)
	for i := range strings.Fields(environment["HOSTS"]) {
		servers.all = append(servers.all, &redisServer{host: fmt.Sprintf("127.0.0.%d", i+1), folder: companion.Folder(t)})
	}
	require.Greater(t, len(servers.all), 1, "the Job has more than one server to log in to")
	require.NoError(t, companion.OnFreePort(t.Context(), servers.hosts(), func(port int) error {
		servers.port = port
		for _, server := range servers.all {
			if server.program != nil {
				server.program.Stop()
			}
			if err := servers.start(t, server, declared); err != nil {
				return err
			}
		}
		return nil
	}))
	return servers
}

func (s *redisServers) hosts() []string {
	var hosts []string
	for _, server := range s.all {
		hosts = append(hosts, server.host)
	}
	return hosts
}

// start starts a server as a pod starts: with what the Secret has by now. Its data is what it had before.
func (s *redisServers) start(t *testing.T, server *redisServer, declared stack) error {
	t.Helper()
	release := declared.Find(t, "Release", "redis")
	var auth struct {
		Enabled                                   bool
		ExistingSecret, ExistingSecretPasswordKey string

		ACL struct {
			Enabled                              bool
			ExistingSecret, ExistingSecretACLKey string
		}
	}
	read(t, release.Get(t, "values.auth"), &auth)
	require.True(t, auth.Enabled && auth.ACL.Enabled, "without the ACL file there are no logins to rotate")
	password := declared.secret(t, auth.ExistingSecret)[auth.ExistingSecretPasswordKey]
	users := declared.secret(t, auth.ACL.ExistingSecret)[auth.ACL.ExistingSecretACLKey]
	require.NotEmpty(t, password, "the user default's, in the Secret %s", auth.ExistingSecret)
	require.NotEmpty(t, users, "the ACL file, in the Secret %s", auth.ACL.ExistingSecret)
	settings := fmt.Sprintf("bind %s\nport %d\ndir %s\naclfile %s\n%s",
		server.host, s.port, server.folder, write(t, server.folder, "users.acl", users), release.Get(t, "values.extraConfig"))
	server.program = companion.Start(t, companion.Command{
		Path: s.software.Program("redis-server"), Arguments: []string{write(t, server.folder, "redis.conf", settings)},
		Environment: s.software.Environment(), Folder: server.folder, End: syscall.SIGTERM,
	})
	return server.program.WaitReady(t.Context(), func(ctx context.Context) error {
		client := redis.NewClient(&redis.Options{Addr: s.address(server), Password: password, MaxRetries: -1})
		return errors.Join(client.Ping(ctx).Err(), client.Close())
	})
}

func (s *redisServers) address(server *redisServer) string {
	return net.JoinHostPort(server.host, strconv.Itoa(s.port))
}

// letDown ends a server that no client works with any more.
func (s *redisServers) letDown(server *redisServer) {
	s.mutex.Lock()
	server.down = true
	s.mutex.Unlock()
	server.program.Stop()
}

// bringUp starts it again, and clients work with it.
func (s *redisServers) bringUp(t *testing.T, server *redisServer, declared stack) {
	t.Helper()
	require.NoError(t, s.start(t, server, declared))
	s.mutex.Lock()
	defer s.mutex.Unlock()
	server.down = false
}

// each does the work with every server that is up.
func (s *redisServers) each(work func(*redisServer) error) error {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	for _, server := range s.all {
		if server.down {
			continue
		}
		if err := work(server); err != nil {
			return fmt.Errorf("%s: %w", s.address(server), err)
		}
	}
	return nil
}

// client has a service's URL as it is. The name in it is the Service's of the cluster, which leads to the master: here it
// leads to the server. A command that fails is not tried again, and connects with the login.
func (s *redisServers) client(server *redisServer, url string) (*redis.Client, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, err
	}
	options.Dialer = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, s.address(server))
	}
	options.MaxRetries, options.DialerRetries, options.PoolSize = -1, 1, 1
	// Redis Enterprise alone has these notifications, and the client would ask DNS which sort of address it shall have them with.
	options.MaintNotificationsConfig = &maintnotifications.Config{
		Mode: maintnotifications.ModeDisabled, EndpointType: maintnotifications.EndpointTypeNone,
	}
	return redis.NewClient(options), nil
}
