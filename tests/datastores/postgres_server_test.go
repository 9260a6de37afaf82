package datastores

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/datastores/companion"
	"github.com/federated-risk/federated-risk/tests/datastores/debian"
)

const (
	postgresHost = "127.0.0.1"
	// superuser of the server, and its password, which is nobody's but the test's.
	superuser         = "postgres"
	superuserPassword = "superuser"
)

// postgresServer is one PostgreSQL server, with what CloudNativePG has beside the declared values: TLS with a certificate of
// its own, and passwords by SCRAM for whoever comes over the network.
type postgresServer struct {
	software debian.Installation
	port     int
}

func startPostgres(t *testing.T) *postgresServer {
	t.Helper()
	software, err := debian.PostgreSQL().Provide(t.Context())
	require.NoError(t, err)
	folder := companion.Folder(t)
	software, err = software.Within(filepath.Join(folder, "software"))
	require.NoError(t, err)
	write(t, folder, "pg_hba.conf", "host all all all scram-sha-256\n")
	writeCertificate(t, folder)
	server := &postgresServer{software: software}
	server.initialize(t, folder)
	require.NoError(t, companion.OnFreePort(t.Context(), []string{postgresHost}, func(port int) error {
		server.port = port
		return server.start(t, folder)
	}))
	return server
}

// initialize makes the data directory, which PostgreSQL wants to own.
func (s *postgresServer) initialize(t *testing.T, folder string) {
	t.Helper()
	data := filepath.Join(folder, "data")
	require.NoError(t, os.Mkdir(data, 0o700))
	companion.Give(t, data)
	initdb := companion.Start(t, s.command(folder, "initdb", "--pgdata", data, "--username", superuser, "--auth", "scram-sha-256",
		"--pwfile", write(t, folder, "password", superuserPassword), "--encoding", "UTF8", "--locale", "C", "--no-sync"))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, initdb.Wait(ctx))
}

func (s *postgresServer) start(t *testing.T, folder string) error {
	t.Helper()
	var settings []string
	for _, setting := range []string{
		"listen_addresses=" + postgresHost, "port=" + strconv.Itoa(s.port), "unix_socket_directories=",
		"hba_file=" + filepath.Join(folder, "pg_hba.conf"),
		"ssl=on", "ssl_cert_file=" + filepath.Join(folder, "tls.crt"), "ssl_key_file=" + filepath.Join(folder, "tls.key"),
		// In the data directory, which goes with the test, and not where the system shows shared memory.
		"dynamic_shared_memory_type=mmap",
		"fsync=off",
	} {
		settings = append(settings, "-c", setting)
	}
	server := companion.Start(t, s.command(folder, "postgres", append([]string{"-D", filepath.Join(folder, "data")}, settings...)...))
	return server.WaitReady(t.Context(), func(ctx context.Context) error {
		connection, err := pgx.ConnectConfig(ctx, s.superuser(t, superuser))
		if err != nil {
			return err
		}
		return connection.Close(ctx)
	})
}

// command ends with SIGQUIT: a server shuts down at once then, with its children.
func (s *postgresServer) command(folder, program string, arguments ...string) companion.Command {
	return companion.Command{
		Path: s.software.Program(program), Arguments: arguments, Environment: s.software.Environment(), Folder: folder,
		Unprivileged: true, End: syscall.SIGQUIT,
	}
}

// superuser is how the operator connects to a database.
func (s *postgresServer) superuser(t *testing.T, database string) *pgx.ConnConfig {
	t.Helper()
	config, err := pgx.ParseConfig("sslmode=require user=" + superuser + " password=" + superuserPassword + " dbname=" + database +
		" host=" + postgresHost + " port=" + strconv.Itoa(s.port))
	require.NoError(t, err)
	return config
}

// connect logs in with a service's URL as it is. The name in it is the Service's of the cluster, which leads to the primary:
// here it leads to the server.
func (s *postgresServer) connect(ctx context.Context, url string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.LookupFunc = func(context.Context, string) ([]string, error) { return []string{postgresHost}, nil }
	config.DialFunc = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort(postgresHost, strconv.Itoa(s.port)))
	}
	return pgx.ConnectConfig(ctx, config)
}

// write makes a file that only the server may read, and returns its path.
func write(t *testing.T, folder, name, content string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	companion.Give(t, path)
	return path
}

// literal quotes a text for SQL.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// identifier quotes a name for SQL.
func identifier(name string) string { return pgx.Identifier{name}.Sanitize() }
