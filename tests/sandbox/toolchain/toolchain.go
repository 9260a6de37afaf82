package toolchain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/federated-risk/federated-risk/tests/sandbox/filelock"
	"github.com/federated-risk/federated-risk/tests/sandbox/workspace"
)

// Toolchain installs tools into one directory.
type Toolchain struct {
	// Source is the sandbox module's directory.
	Source string
	// Bin is where the programs go.
	Bin string
	// Cache is the directory outside the checkout where builds are kept by their key; empty for none.
	Cache string
	// Progress is told what happens, a line at a time. It may be nil.
	Progress func(line string)
}

// New returns the toolchain of a workspace, with the cache in the user's cache directory.
func New(w workspace.Workspace, progress func(line string)) *Toolchain {
	t := &Toolchain{Source: w.Source(), Bin: w.Bin, Progress: progress}
	// No cache directory (no HOME) means no cache, which costs time only.
	if dir, err := os.UserCacheDir(); err == nil {
		t.Cache = filepath.Join(dir, "federated-risk", "tools")
	}
	return t
}

// job is a tool that Ensure works on.
type job struct {
	tool    Tool
	version string
	key     string
	title   string
}

// Ensure installs the tools that are not installed with their present key: from the cache where it holds
// them, else by building them. Processes that want to build the same tool wait for one another. After an
// error or an interruption every program in Bin with a manifest is whole, and the next Ensure goes on.
func (t *Toolchain) Ensure(ctx context.Context, tools ...Tool) error {
	if err := os.MkdirAll(filepath.Join(t.Bin, locksDir), 0o700); err != nil {
		return fmt.Errorf("tools: %w", err)
	}
	jobs, err := t.plan(ctx, tools)
	if err != nil {
		return err
	}
	var missing []job
	for _, job := range jobs {
		if t.installed(job) {
			t.progress(job.title + " ready")
			continue
		}
		missing = append(missing, job)
	}
	fetchCtx, stopFetching := context.WithCancel(ctx)
	fetched := t.fetchAhead(fetchCtx, missing)
	defer func() { stopFetching(); <-fetched }()
	for _, job := range missing {
		if err := t.provide(ctx, job); err != nil {
			return err
		}
	}
	return nil
}

// provide installs one tool under its lock.
func (t *Toolchain) provide(ctx context.Context, job job) error {
	lock, err := filelock.Acquire(ctx, filepath.Join(t.Bin, locksDir, job.tool.Name), func() {
		t.progress(job.title + " waiting: another process is building it")
	})
	if err != nil {
		return fmt.Errorf("build %s: %w", job.tool.Name, err)
	}
	defer func() { _ = lock.Release() }()
	if err := t.removeLeftovers(job.tool); err != nil {
		return fmt.Errorf("build %s: %w", job.tool.Name, err)
	}
	if t.installed(job) || t.installCached(job) {
		t.progress(job.title + " ready")
		return nil
	}
	started := time.Now()
	t.progress(job.title + " building")
	if err := t.build(ctx, job); err != nil {
		return err
	}
	t.progress(fmt.Sprintf("%s built in %s", job.title, time.Since(started).Round(time.Second)))
	return nil
}

func (t *Toolchain) progress(line string) {
	if t.Progress != nil {
		t.Progress(line)
	}
}

func (t *Toolchain) plan(ctx context.Context, tools []Tool) ([]job, error) {
	platform, err := platform(ctx, t.Source)
	if err != nil {
		return nil, err
	}
	var jobs []job
	var errs []error
	for i, tool := range tools {
		version, err := tool.Version(t.Source)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		key, err := tool.key(t.Source, version, platform)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		title := fmt.Sprintf("[%d/%d] %s %s", i+1, len(tools), tool.Name, version)
		if files := tool.Files(); len(files) > 1 || path.Base(files[0]) != tool.Name {
			title += " (" + strings.Join(files, ", ") + ")"
		}
		jobs = append(jobs, job{tool: tool, version: version, key: key, title: title})
	}
	return jobs, errors.Join(errs...)
}
