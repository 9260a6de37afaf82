package datastores

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/datastores/companion"
	"github.com/federated-risk/federated-risk/tests/datastores/debian"
)

const (
	// patience with what takes a few seconds: the login Jobs try again every two.
	patience = 60 * time.Second
	interval = 5 * time.Millisecond
)

// login is a login Job that runs: its command with its environment, and the client of Debian's package.
type login struct{ *companion.Program }

// startLogin runs the Job. The servers are found by their variables in at, which stand for DNS: each replaces one of the Job.
func startLogin(t *testing.T, declared stack, job string, software debian.Installation, at map[string]string) login {
	t.Helper()
	command, environment := declared.job(t, job)
	for name, value := range at {
		require.Contains(t, environment, name, "%s: a client would not look for its server there", job)
		environment[name] = value
	}
	folder := companion.Folder(t)
	variables := append(software.Environment(), "HOME="+folder)
	for name, value := range environment {
		variables = append(variables, name+"="+value)
	}
	return login{companion.Start(t, companion.Command{
		Path: command[0], Arguments: command[1:], Environment: variables, Folder: folder, End: syscall.SIGKILL,
	})}
}

// waits returns once the Job has said why it waits. It is an error if it ends instead, or says nothing of it.
func (l login) waits(ctx context.Context, why string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for !strings.Contains(l.Output(), why) {
		select {
		case <-l.Ended():
			return fmt.Errorf("the Job must wait and say %q; it has ended, and said %q", why, l.Output())
		case <-ctx.Done():
			return fmt.Errorf("the Job must wait and say %q; it has said %q: %w", why, l.Output(), ctx.Err())
		case <-time.After(interval):
		}
	}
	return nil
}

// succeeds once the login works.
func (l login) succeeds(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, l.Wait(ctx))
}
