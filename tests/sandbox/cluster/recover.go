package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/federated-risk/federated-risk/tests/sandbox/process"
)

// recoverAttempts bounds how often components are started again: one that dies of another's death (the
// controller manager without an API server to renew its lease) needs a second round.
const recoverAttempts = 3

const (
	freedTimeout  = 3 * time.Second
	freedInterval = 20 * time.Millisecond
)

// recover brings a cluster that was complete before back to health without touching its data.
func (c *Cluster) recover(ctx context.Context) error {
	if err := c.checkUnmoved(); err != nil {
		return err
	}
	var last error
	for range recoverAttempts {
		states, err := c.inspect(ctx)
		if err != nil {
			return fmt.Errorf("%w: run `make down`, then `make up`", err)
		}
		restart := states.toRestart()
		if len(restart) == 0 {
			return nil
		}
		for _, state := range restart {
			c.config.Progress(fmt.Sprintf("restarting %s: %s", state.component.Name, state.problem()))
		}
		if err := c.clearAway(ctx, states, restart); err != nil {
			return err
		}
		if err := c.kwokctl(ctx, "start", "cluster"); err != nil {
			last = err
			continue
		}
		if last = c.waitHealthy(ctx); last == nil {
			return nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return fmt.Errorf("%w: see the logs in %s; `make down`, then `make up` starts afresh", last, c.logFile("*"))
}

// checkUnmoved refuses a cluster whose directory was moved or copied from elsewhere: its configuration is
// full of paths, and would start, or serve the data of, the cluster in the other place.
func (c *Cluster) checkUnmoved() error {
	components, err := c.components()
	if err != nil {
		return fmt.Errorf("%w: run `make down`, then `make up`", err)
	}
	for _, component := range components {
		if component.WorkDir != c.workDir() {
			return fmt.Errorf("it was created in %s and is now in %s, and cannot be moved or copied with its checkout: run `make down`, then `make up`",
				component.WorkDir, c.workDir())
		}
	}
	return nil
}

// clearAway kills what is left of the components to restart, makes the pid files tell the truth (kwokctl
// believes them) and checks that the ports of those components are free.
func (c *Cluster) clearAway(ctx context.Context, all, restart states) error {
	if err := os.RemoveAll(filepath.Dir(c.pidFile(""))); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(c.pidFile("")), 0o700); err != nil {
		return err
	}
	doomed := map[string]bool{}
	for _, state := range restart {
		doomed[state.component.Name] = true
	}
	var left []process.Process
	var errs []error
	for _, state := range all {
		switch {
		case state.process == nil:
		case doomed[state.component.Name]:
			left = append(left, *state.process)
		default:
			errs = append(errs, os.WriteFile(c.pidFile(state.component.program()), []byte(strconv.Itoa(state.process.PID)), 0o600))
		}
	}
	errs = append(errs, process.KillAll(ctx, left))
	for _, state := range restart {
		for _, port := range state.component.Ports {
			if !freed(ctx, port.Port) {
				errs = append(errs, takenPortError(state.component.Name, port.Port))
			}
		}
	}
	return errors.Join(errs...)
}

// freed waits a little for the port to be free: the sockets of a killed process outlive it by a moment.
func freed(ctx context.Context, port int) bool {
	deadline := time.Now().Add(freedTimeout)
	for !portFree(ctx, port) {
		if ctx.Err() != nil || time.Now().After(deadline) {
			return false
		}
		time.Sleep(freedInterval)
	}
	return true
}

func takenPortError(component string, port int) error {
	owner := "another program"
	if p, ok := listener(port); ok {
		owner = fmt.Sprintf("process %d (%s)", p.PID, strings.Join(p.Arguments, " "))
	}
	return fmt.Errorf("port %d on 127.0.0.1, which %s had, is now taken by %s: stop that program, or run `make down` and `make up` for a cluster on other ports",
		port, component, owner)
}
