// Package calls writes down when plugins are at work, for whoever wants to know where the time of an update goes.
package calls

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Variable of a plugin's environment that names the file to write to. Several plugins may share one. Without it, nothing
// is written down.
const Variable = "SANDBOX_PLUGIN_CALLS"

// Interval is a time during which at least one call was in progress in a plugin.
type Interval struct {
	Plugin     string
	Start, End time.Time
	// Calls that ended in it.
	Calls int
	// CPU is what the plugin's process has used since it was started.
	CPU time.Duration
}

// Recorder appends the intervals of one plugin to a file. It is safe for concurrent use; a nil one records nothing.
type Recorder struct {
	plugin string
	file   *os.File

	mutex   sync.Mutex
	active  int
	current Interval
}

// FromEnvironment returns the recorder that the environment asks for, nil if it asks for none.
func FromEnvironment(plugin string) (*Recorder, error) {
	name := os.Getenv(Variable)
	if name == "" {
		return nil, nil
	}
	return New(plugin, name)
}

// New returns a recorder that appends to the file of that name, and makes it if there is none.
func New(plugin, name string) (*Recorder, error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("record the calls of plugin %s: %w", plugin, err)
	}
	return &Recorder{plugin: plugin, file: file}, nil
}

// Begin says that a call begins, and returns what to call when it ends.
func (r *Recorder) Begin() (end func()) {
	if r == nil {
		return func() {}
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.active == 0 {
		r.current = Interval{Plugin: r.plugin, Start: time.Now()}
	}
	r.active++
	return r.end
}

func (r *Recorder) end() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.active--
	r.current.Calls++
	if r.active > 0 {
		return
	}
	r.current.End, r.current.CPU = time.Now(), used()
	// The engine kills its plugins, so nothing is kept for later. What cannot be written must not fail the call.
	if line, err := json.Marshal(r.current); err == nil {
		_, _ = r.file.Write(append(line, '\n'))
	}
}

// used is the time that this process has been on a CPU.
func used() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// Read returns the intervals in a file, none if there is no file. A last line that a killed plugin left half written
// counts for nothing.
func Read(name string) ([]Interval, error) {
	content, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the calls of plugins: %w", err)
	}
	var intervals []Interval
	lines := strings.Split(string(content), "\n")
	for number, line := range lines[:len(lines)-1] {
		var interval Interval
		if err := json.Unmarshal([]byte(line), &interval); err != nil {
			return nil, fmt.Errorf("read the calls of plugins: line %d of %s: %w", number+1, name, err)
		}
		intervals = append(intervals, interval)
	}
	return intervals, nil
}

// Busy is how long at least one of the plugins was at work.
func Busy(intervals []Interval) time.Duration {
	sorted := slices.SortedFunc(slices.Values(intervals), func(a, b Interval) int { return a.Start.Compare(b.Start) })
	var busy time.Duration
	var until time.Time
	for _, interval := range sorted {
		start := interval.Start
		if start.Before(until) {
			start = until
		}
		if interval.End.After(start) {
			busy += interval.End.Sub(start)
			until = interval.End
		}
	}
	return busy
}

// CPU is what all plugins used. Each is one process, whose last interval says the most.
func CPU(intervals []Interval) time.Duration {
	most := map[string]time.Duration{}
	for _, interval := range intervals {
		most[interval.Plugin] = max(most[interval.Plugin], interval.CPU)
	}
	var total time.Duration
	for _, used := range most {
		total += used
	}
	return total
}
