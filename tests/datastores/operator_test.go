package datastores

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// operator does with the values of the release what CloudNativePG does with them, in its order: it makes the database at the
// first start, then sets the attributes and passwords of the roles, then their memberships.
type operator struct{ server *postgresServer }

// clusterValues are those that it reads.
type clusterValues struct {
	Cluster struct {
		Initdb struct{ Database, Owner string }
		Roles  []managedRole
	}
}

type managedRole struct {
	Name, Ensure   string
	Login          bool
	InRoles        []string
	PasswordSecret struct{ Name string }
}

func managed(t *testing.T, declared stack) clusterValues {
	t.Helper()
	var values clusterValues
	declared.values(t, "postgres-cluster", &values)
	for _, role := range values.Cluster.Roles {
		require.Equal(t, "present", role.Ensure, role.Name)
	}
	return values
}

// makeDatabase makes the database and its owner, who can log in until the roles are set.
func (o operator) makeDatabase(t *testing.T, declared stack) {
	t.Helper()
	initdb := managed(t, declared).Cluster.Initdb
	o.run(t,
		"CREATE ROLE "+identifier(initdb.Owner)+" LOGIN",
		"CREATE DATABASE "+identifier(initdb.Database)+" OWNER "+identifier(initdb.Owner))
}

// setRoles makes the roles that are missing, and sets whether they can log in, and the passwords that their Secrets have.
func (o operator) setRoles(t *testing.T, declared stack) {
	t.Helper()
	there := o.roles(t)
	for _, role := range managed(t, declared).Cluster.Roles {
		verb, attributes := "ALTER", "NOLOGIN"
		if !slices.Contains(there, role.Name) {
			verb = "CREATE"
		}
		if role.Login {
			attributes = "LOGIN"
		}
		if name := role.PasswordSecret.Name; name != "" {
			secret := declared.secret(t, name)
			require.Equal(t, role.Name, secret["username"], "the operator refuses a Secret of another role")
			attributes += " PASSWORD " + literal(secret["password"])
		}
		o.run(t, fmt.Sprintf("%s ROLE %s %s", verb, identifier(role.Name), attributes))
	}
}

// setMemberships adds the roles to those that they are to be members of.
func (o operator) setMemberships(t *testing.T, declared stack) {
	t.Helper()
	for _, role := range managed(t, declared).Cluster.Roles {
		for _, group := range role.InRoles {
			o.run(t, fmt.Sprintf("GRANT %s TO %s", identifier(group), identifier(role.Name)))
		}
	}
}

func (o operator) roles(t *testing.T) []string {
	t.Helper()
	return column(t, o.server.superuser(t, superuser), "SELECT rolname FROM pg_roles")
}

func (o operator) run(t *testing.T, statements ...string) {
	t.Helper()
	require.NoError(t, within(t.Context(), o.server.superuser(t, superuser), func(connection *pgx.Conn) error {
		for _, statement := range statements {
			if _, err := connection.Exec(t.Context(), statement); err != nil {
				return fmt.Errorf("%s: %w", strings.SplitN(statement, " PASSWORD", 2)[0], err)
			}
		}
		return nil
	}))
}

// column returns the only column that the query has, as text.
func column(t *testing.T, config *pgx.ConnConfig, query string) []string {
	t.Helper()
	var values []string
	require.NoError(t, within(t.Context(), config, func(connection *pgx.Conn) error {
		rows, err := connection.Query(t.Context(), query)
		if err != nil {
			return err
		}
		values, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	}))
	return values
}

// within connects for as long as work takes.
func within(ctx context.Context, config *pgx.ConnConfig, work func(*pgx.Conn) error) error {
	connection, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	return errors.Join(work(connection), connection.Close(ctx))
}
