package datastores

import (
	"context"
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

// waits until the Job has said what it waits for, and has not ended.
func (l login) waitsFor(t *testing.T, said string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(l.Output(), said) || l.hasEnded() }, patience, interval,
		"the Job has not said %q", said)
	require.False(t, l.hasEnded(), "the Job must wait where it says %q; it has ended, and said %s", said, l.Output())
}

func (l login) hasEnded() bool {
	select {
	case <-l.Ended():
		return true
	default:
		return false
	}
}

// succeeds once the login works.
func (l login) succeeds(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, l.Wait(ctx))
}
