package datastores

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// operator does with the values of the release what CloudNativePG does with them, in its order: it makes the database at the
// first start, then sets the attributes and passwords of the roles, then their memberships.
type operator struct{ server *postgresServer }

// cluster is what it reads of the values.
type cluster struct {
	Initdb struct{ Database, Owner string }
	Roles  []managedRole
}

// managedRole has every field that the stack may set: one that is not here would not be tested.
type managedRole struct {
	Name, Ensure   string
	Login          bool
	InRoles        []string
	PasswordSecret struct{ Name string }
}

func managed(t *testing.T, declared stack) cluster {
	t.Helper()
	release := declared.Find(t, "Release", "postgres-cluster")
	var values cluster
	read(t, release.Get(t, "values.cluster.initdb"), &values.Initdb)
	read(t, release.Get(t, "values.cluster.roles"), &values.Roles)
	for _, role := range values.Roles {
		require.Equal(t, "present", role.Ensure, role.Name)
	}
	return values
}

// late is how long the operator takes to see why a Job waits. The Job tries again later than that.
const late = time.Second

// step is what the operator does once the Job has said why it waits.
type step struct {
	why        string
	statements []string
}

// follow does the steps while the Job runs. The channel has the outcome.
func (o operator) follow(t *testing.T, login login, steps ...step) <-chan error {
	t.Helper()
	config := o.server.superuser(t, superuser)
	outcome := make(chan error, 1)
	go func() {
		for _, step := range steps {
			err := login.waits(t.Context(), step.why)
			if err == nil {
				time.Sleep(late)
				err = run(t.Context(), config, step.statements)
			}
			if err != nil {
				outcome <- fmt.Errorf("the operator: %w", err)
				return
			}
		}
		outcome <- nil
	}()
	return outcome
}

// makeDatabase makes the database and its owner, who can log in until the roles are set.
func makeDatabase(t *testing.T, declared stack) []string {
	t.Helper()
	initdb := managed(t, declared).Initdb
	return []string{
		"CREATE ROLE " + identifier(initdb.Owner) + " LOGIN",
		"CREATE DATABASE " + identifier(initdb.Database) + " OWNER " + identifier(initdb.Owner),
	}
}

// setRoles makes the roles that are missing, and sets whether they can log in, and the passwords that their Secrets have.
func (o operator) setRoles(t *testing.T, declared stack) []string {
	t.Helper()
	values := managed(t, declared)
	there := append(column(t, o.server.superuser(t, superuser), "SELECT rolname FROM pg_roles"), values.Initdb.Owner)
	var statements []string
	for _, role := range values.Roles {
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
		statements = append(statements, fmt.Sprintf("%s ROLE %s %s", verb, identifier(role.Name), attributes))
	}
	return statements
}

// setMemberships adds the roles to those that they are to be members of.
func setMemberships(t *testing.T, declared stack) []string {
	t.Helper()
	var statements []string
	for _, role := range managed(t, declared).Roles {
		for _, group := range role.InRoles {
			statements = append(statements, fmt.Sprintf("GRANT %s TO %s", identifier(group), identifier(role.Name)))
		}
	}
	return statements
}

func run(ctx context.Context, config *pgx.ConnConfig, statements []string) error {
	return within(ctx, config, func(connection *pgx.Conn) error {
		for _, statement := range statements {
			if _, err := connection.Exec(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	})
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
