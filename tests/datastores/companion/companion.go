// Package companion runs the programs that a test needs beside it. They end with the test, however that ends, and so do the
// folders with their data.
package companion

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	readyTimeout  = 60 * time.Second
	readyInterval = 20 * time.Millisecond
	// endTimeout is how long a program may take to end before it is killed.
	endTimeout = 10 * time.Second
	// tail is how much of a program's output goes into errors, in bytes.
	tail = 4000
)

// ErrAddressInUse says that another program listens where a server was to listen.
var ErrAddressInUse = errors.New("the address is in use")

// Command is a program to run.
type Command struct {
	// Path of the program, its Arguments, and all of its Environment.
	Path                   string
	Arguments, Environment []string
	// Folder it runs in.
	Folder string
	// Unprivileged has it run as nobody where root runs the test.
	Unprivileged bool
	// End is the signal that ends it, with what it has started.
	End syscall.Signal
}

// prepare makes a process of the command. It leads a group of its own, with what it starts.
func (c Command) prepare() (*exec.Cmd, error) {
	// No context: a test's ends before its cleanups, and servers are to outlive what asks them.
	prepared := exec.Command(c.Path, c.Arguments...) //nolint:noctx // see above
	prepared.Dir, prepared.Env = c.Folder, c.Environment
	prepared.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: c.End}
	// What the program has started may hold its output open.
	prepared.WaitDelay = endTimeout
	if c.Unprivileged && os.Geteuid() == 0 {
		uid, gid, err := owner()
		if err != nil {
			return nil, err
		}
		prepared.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	return prepared, nil
}

// Program is a Command that has been started.
type Program struct {
	command *exec.Cmd
	end     syscall.Signal
	output  output
	// ended is closed when the program is gone, and err is how.
	ended chan struct{}
	err   error
}

// Start starts the command. It ends with the test; if the test is killed, the kernel sends it the signal.
func Start(tb testing.TB, command Command) *Program {
	tb.Helper()
	prepared, err := command.prepare()
	require.NoError(tb, err)
	p := &Program{command: prepared, end: command.End, ended: make(chan struct{})}
	prepared.Stdout, prepared.Stderr = &p.output, &p.output
	started := make(chan error)
	go func() {
		// The kernel's signal is for the end of the thread that has started the program.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := prepared.Start()
		started <- err
		if err == nil {
			p.err = prepared.Wait()
			close(p.ended)
		}
	}()
	require.NoError(tb, <-started)
	tb.Cleanup(func() {
		p.Stop()
		if tb.Failed() {
			tb.Logf("%s:\n%s", command.Path, p.tail())
		}
	})
	return p
}

// Stop ends the program, unless it has ended, and waits until it is gone.
func (p *Program) Stop() {
	p.signal(p.end)
	select {
	case <-p.ended:
	case <-time.After(endTimeout):
		p.signal(syscall.SIGKILL)
		<-p.ended
	}
}

// signal sends it to the program and to what it has started.
func (p *Program) signal(signal syscall.Signal) {
	select {
	case <-p.ended: // the number may be another process's by now
	default:
		_ = syscall.Kill(-p.command.Process.Pid, signal)
	}
}

// Ended is closed when the program is gone.
func (p *Program) Ended() <-chan struct{} { return p.ended }

// Output is what the program has printed so far.
func (p *Program) Output() string { return p.output.String() }

// Wait waits until the program has ended by itself. The error says how, unless it was with 0, or that it has not until ctx
// was done.
func (p *Program) Wait(ctx context.Context) error {
	select {
	case <-p.ended:
		if p.err != nil {
			return fmt.Errorf("%s: %w\n%s", p.command.Path, p.err, p.tail())
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s has not ended: %w\n%s", p.command.Path, ctx.Err(), p.tail())
	}
}

// WaitReady waits until ready returns no error, for at most a minute. The error is ErrAddressInUse if the program has ended
// because of that.
func (p *Program) WaitReady(ctx context.Context, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			if strings.Contains(p.Output(), "ddress already in use") {
				return fmt.Errorf("%s: %w", p.command.Path, ErrAddressInUse)
			}
			return fmt.Errorf("%s ended before it was ready: %s\n%s", p.command.Path, p.command.ProcessState, p.tail())
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready within %s: %w\n%s", p.command.Path, readyTimeout, err, p.tail())
		case <-time.After(readyInterval):
		}
	}
}

func (p *Program) tail() string {
	printed := p.Output()
	return printed[max(0, len(printed)-tail):]
}
