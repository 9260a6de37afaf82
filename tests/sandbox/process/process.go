// Package process finds and kills processes by what they are, as /proc shows them: a process id alone,
// remembered in a file, may long name another program.
package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// goneInterval is how often a killed process is looked for until it is gone.
const goneInterval = 20 * time.Millisecond

// Process is a live process as /proc showed it.
type Process struct {
	PID       int
	Parent    int
	Arguments []string
	// Executable is the file it runs; " (deleted)" is appended by the kernel when it was replaced since.
	Executable string
	// started is its start time in clock ticks since boot: with the pid it names one process for ever.
	started string
}

// Name is the base name of the program as it was called.
func (p Process) Name() string { return filepath.Base(p.Arguments[0]) }

// Replaced reports that the program's file has been replaced since the process started.
func (p Process) Replaced() bool { return strings.HasSuffix(p.Executable, " (deleted)") }

// Read returns false for a process that is gone, is a zombie (which a machine whose init reaps
// nothing keeps for ever) or belongs to someone whose processes may not be looked at.
func Read(pid int) (Process, bool) {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	stat, err := os.ReadFile(filepath.Join(dir, "stat"))
	if err != nil {
		return Process{}, false
	}
	// The second field, the name in parentheses, may itself hold spaces and parentheses.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	const state, parent, startTime = 0, 1, 19
	if len(fields) <= startTime || fields[state] == "Z" || fields[state] == "X" {
		return Process{}, false
	}
	parentPID, err := strconv.Atoi(fields[parent])
	if err != nil {
		return Process{}, false
	}
	commandLine, err := os.ReadFile(filepath.Join(dir, "cmdline"))
	if err != nil || len(commandLine) == 0 {
		return Process{}, false
	}
	executable, err := os.Readlink(filepath.Join(dir, "exe"))
	if err != nil {
		return Process{}, false
	}
	return Process{
		PID:        pid,
		Parent:     parentPID,
		Arguments:  strings.Split(strings.TrimSuffix(string(commandLine), "\x00"), "\x00"),
		Executable: executable,
		started:    fields[startTime],
	}, true
}

// Find returns the live processes that match.
func Find(match func(Process) bool) ([]Process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("list processes (the sandbox needs Linux): %w", err)
	}
	var found []Process
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if p, ok := Read(pid); ok && match(p) {
			found = append(found, p)
		}
	}
	return found, nil
}

// Variable returns the value the variable had in the environment the process was started with.
func (p Process) Variable(name string) string {
	content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.PID), "environ"))
	if err != nil {
		return ""
	}
	for variable := range strings.SplitSeq(string(content), "\x00") {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

// WorkingDirectory returns the directory the process is in, wherever that was moved meanwhile; empty if it
// may not be looked at.
func (p Process) WorkingDirectory() string {
	dir, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(p.PID), "cwd"))
	if err != nil {
		return ""
	}
	return dir
}

// KillAll kills the processes and waits until all of them are gone.
func KillAll(ctx context.Context, doomed []Process) error {
	var errs []error
	for _, p := range doomed {
		if err := p.kill(); err != nil {
			errs = append(errs, err)
		}
	}
	for _, p := range doomed {
		for p.Alive() {
			select {
			case <-ctx.Done():
				errs = append(errs, fmt.Errorf("process %d (%s) is still there after SIGKILL: %w", p.PID, p.Name(), ctx.Err()))
				return errors.Join(errs...)
			case <-time.After(goneInterval):
			}
		}
	}
	return errors.Join(errs...)
}

// Alive reports whether this very process still runs.
func (p Process) Alive() bool {
	now, ok := Read(p.PID)
	return ok && now.started == p.started
}

// kill kills this very process. The handle is taken before the check, so that on a kernel with pidfds no
// process which got the same id meanwhile can be hit.
func (p Process) kill() error {
	handle, err := os.FindProcess(p.PID)
	if err != nil {
		return fmt.Errorf("find process %d (%s): %w", p.PID, p.Name(), err)
	}
	defer func() { _ = handle.Release() }()
	if !p.Alive() {
		return nil
	}
	if err := handle.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill process %d (%s): %w", p.PID, p.Name(), err)
	}
	return nil
}
