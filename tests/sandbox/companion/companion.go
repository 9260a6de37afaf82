// Package companion runs the servers that a test needs beside a cluster, or without one: Prometheus, Alertmanager, the
// metrics adapter.
package companion

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/cluster/clustertest"
	"github.com/federated-risk/federated-risk/tests/sandbox/loopback"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

const (
	// startAttempts is how often another port is tried when one was taken between choosing and listening.
	startAttempts = 3
	logTail       = 8000
)

// Program is a server that listens on one port of the loopback interface.
type Program struct {
	// Name of its file among the workspace's tools.
	Name string
	// Arguments returns those of a server that is to listen on 127.0.0.1:port.
	Arguments func(port string) []string
	// Scheme is http or https; the certificate is not looked at, since it is made at the start.
	Scheme string
	// Ready is the path that answers 200 once the server is ready. 403 will do: it answers, but not to every one.
	Ready string
	// Environment is added to the workspace's.
	Environment []string
}

// Start starts the program, waits until it is ready and returns its port. It ends with the test; when the test binary is
// killed, the guard of the workspace ends it. The end of its log goes to the log of a test that has failed.
func Start(tb testing.TB, w workspace.Workspace, program Program) string {
	tb.Helper()
	for attempt := 1; ; attempt++ {
		port := freePort(tb)
		started := launch(tb, w, program, port)
		tb.Cleanup(started.stop)
		err := started.waitReady(tb.Context(), program.Scheme+"://"+Address(port)+program.Ready)
		if err == nil {
			tb.Cleanup(func() {
				if tb.Failed() {
					tb.Logf("%s:\n%s", program.Name, started.tail())
				}
			})
			return port
		}
		if attempt == startAttempts || !bytes.Contains(started.tail(), []byte("address already in use")) {
			require.NoError(tb, err, "%s:\n%s", program.Name, started.tail())
		}
	}
}

type running struct {
	command *exec.Cmd
	log     string
	// ended is closed when the process is gone.
	ended chan struct{}
}

func launch(tb testing.TB, w workspace.Workspace, program Program, port string) *running {
	tb.Helper()
	r := &running{log: filepath.Join(Dir(tb, w), program.Name+".log"), ended: make(chan struct{})}
	log, err := os.Create(r.log)
	require.NoError(tb, err)
	defer func() { _ = log.Close() }()
	// No context: a test's ends before its cleanups, and servers are to outlive what asks them.
	r.command = exec.Command(filepath.Join(w.Bin, program.Name), program.Arguments(port)...) //nolint:noctx // see above
	r.command.Env = slices.Concat(clustertest.CompanionEnvironment(w), program.Environment)
	r.command.Stdout, r.command.Stderr = log, log
	require.NoError(tb, r.command.Start())
	go func() {
		defer close(r.ended)
		_ = r.command.Wait()
	}()
	return r
}

func (r *running) stop() {
	_ = r.command.Process.Kill()
	<-r.ended
}

func (r *running) tail() []byte {
	content, err := os.ReadFile(r.log)
	if err != nil {
		return []byte(err.Error())
	}
	return content[max(0, len(content)-logTail):]
}

func (r *running) waitReady(ctx context.Context, url string) error {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // made a moment ago, see Scheme
	}}
	err := loopback.WaitReady(ctx, client, url, r.ended, http.StatusOK, http.StatusForbidden)
	if errors.Is(err, loopback.ErrEnded) {
		err = fmt.Errorf("%w: %s", err, r.command.ProcessState)
	}
	return err
}

// Dir returns an empty directory for what a program reads and writes. It goes with the workspace, also when the test binary is
// killed, which a test's own temporary directory survives.
func Dir(tb testing.TB, w workspace.Workspace) string {
	tb.Helper()
	dir, err := os.MkdirTemp(w.Dir, "companion-")
	require.NoError(tb, err)
	return dir
}

func freePort(tb testing.TB) string {
	tb.Helper()
	address, err := loopback.FreeAddress(tb.Context())
	require.NoError(tb, err)
	_, port, err := net.SplitHostPort(address)
	require.NoError(tb, err)
	return port
}
