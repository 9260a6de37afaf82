package datastores

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	databaseURL = "DATABASE_URL"
	// sessionTimeout is what a client takes for a failure.
	sessionTimeout = 20 * time.Second
	// invalidPassword is PostgreSQL's code.
	invalidPassword = "28P01"
)

// TestDatabaseLoginsRotateWithoutAFailedLogin: the operator sets a password later than its Secret changes, which the Job waits
// for; then the clients move.
func TestDatabaseLoginsRotateWithoutAFailedLogin(t *testing.T) {
	t.Parallel()
	server := startPostgres(t)
	operator := operator{server}
	first := declare(t, "database", 1)
	login := server.startLogin(t, first, 1)
	operated := operator.follow(t, login,
		step{"password authentication failed", slices.Concat(makeDatabase(t, first), operator.setRoles(t, first))},
		step{"permission denied to set role", setMemberships(t, first)})
	login.succeeds(t)
	require.NoError(t, <-operated)

	initdb := managed(t, first).Initdb
	urls := []map[string]string{nil, first.urls(t, databaseURL)}
	clients := startClients(t, urls[1], func(ctx context.Context, client, url string) error {
		return server.work(ctx, client, url, initdb.Owner)
	})
	for generation := 2; generation <= generations; generation++ {
		declared := declare(t, "database", generation)
		login := server.startLogin(t, declared, generation)
		operated := operator.follow(t, login,
			step{"password authentication failed", slices.Concat(operator.setRoles(t, declared), setMemberships(t, declared))})
		login.succeeds(t)
		urls = append(urls, declared.urls(t, databaseURL))
		clients.moveTo(t, urls[generation])
		require.NoError(t, <-operated)
	}
	clients.haveNotFailed(t)

	for service := range urls[generations] {
		require.NoError(t, server.logIn(t, urls[generations-1][service]), "the login before goes on")
		var refused *pgconn.PgError
		require.ErrorAs(t, server.logIn(t, urls[generations-2][service]), &refused, "the one before that is over")
		assert.Equal(t, invalidPassword, refused.Code)
	}
	database := server.superuser(t, initdb.Database)
	assert.Len(t, column(t, database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"),
		2*len(clients.all), "each client has made one with each login")
	assert.Equal(t, []string{initdb.Owner}, column(t, database, "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"))
	assert.NotContains(t, column(t, database, "SELECT rolname FROM pg_roles WHERE rolcanlogin"), initdb.Owner)
}

// startLogin runs the Job of a generation.
func (s *postgresServer) startLogin(t *testing.T, declared stack, generation int) login {
	t.Helper()
	return startLogin(t, declared, fmt.Sprintf("postgres-login-g%d", generation), s.software, map[string]string{
		"PGHOST": postgresHost, "PGPORT": strconv.Itoa(s.port),
	})
}

func (s *postgresServer) logIn(t *testing.T, url string) error {
	t.Helper()
	connection, err := s.connect(t.Context(), url)
	if err != nil {
		return err
	}
	return connection.Close(t.Context())
}

// work is a session of a client: it makes a table for its login, unless it has one, and writes to all tables that it has.
func (s *postgresServer) work(ctx context.Context, client, address, owner string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, sessionTimeout)
	defer cancel()
	connection, err := s.connect(ctx, address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, connection.Close(ctx)) }()
	login, err := actsAs(ctx, connection, address, owner)
	if err != nil {
		return err
	}
	if _, err := connection.Exec(ctx, "CREATE TABLE IF NOT EXISTS "+identifier(client+"_by_"+login)+" (made_by name)"); err != nil {
		return err
	}
	rows, err := connection.Query(ctx, "SELECT tablename FROM pg_tables WHERE starts_with(tablename, $1)", client+"_by_")
	if err != nil {
		return err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, table := range tables {
		if _, err := connection.Exec(ctx, "INSERT INTO "+identifier(table)+" VALUES (session_user)"); err != nil {
			return err
		}
	}
	return nil
}

// actsAs returns the role that has logged in, which must be the URL's, encrypted, and act as the owner.
func actsAs(ctx context.Context, connection *pgx.Conn, address, owner string) (login string, err error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	var role string
	if err := connection.QueryRow(ctx, "SELECT session_user, current_user").Scan(&login, &role); err != nil {
		return "", err
	}
	// What pg_stat_ssl says of a session is for its login role, which the session does not act as.
	_, encrypted := connection.PgConn().Conn().(*tls.Conn)
	if login != parsed.User.Username() || role != owner || !encrypted {
		return "", fmt.Errorf("logged in as %s, acting as %s, encrypted: %t; expected %s, %s, true",
			login, role, encrypted, parsed.User.Username(), owner)
	}
	return login, nil
}
