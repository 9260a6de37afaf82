package toolchain

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// progressInterval is how often a running build says that it runs.
	progressInterval = 15 * time.Second
	// interruptDelay is how long an interrupted Go command may take to clean up after itself.
	interruptDelay = 10 * time.Second
	outputTail     = 20
)

// build builds a tool's programs in a directory of their own and installs them from there.
func (t *Toolchain) build(ctx context.Context, job job) error {
	dir, err := os.MkdirTemp(t.Bin, buildDir(job.tool))
	if err != nil {
		return fmt.Errorf("build %s: %w", job.tool.Name, err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	packages := slices.Sorted(maps.Keys(job.tool.Programs))
	arguments := slices.Concat([]string{"build"}, flags, job.tool.tagFlags(),
		[]string{"-ldflags", job.tool.linkerFlags(job.version), "-o", dir + string(filepath.Separator)}, packages)
	command := t.goCommand(ctx, job.tool, arguments...)
	// Not in /tmp, which may be small, and where a kill would leave hundreds of megabytes for good.
	command.Env = append(command.Env, "GOTMPDIR="+dir)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	if err := runWithProgress(command, job.title, t.progress); err != nil {
		if ctxErr := ctx.Err(); ctxErr != nil {
			return fmt.Errorf("build %s: %w", job.tool.Name, ctxErr)
		}
		return fmt.Errorf("build %s %s in %s: %w\n%s\nRun the command again after putting that right: what is built stays built",
			job.tool.Name, job.version, command.Dir, err, tail(output.String()))
	}
	for pkg, program := range job.tool.Programs {
		if err := move(filepath.Join(dir, defaultProgram(pkg)), filepath.Join(dir, program)); err != nil {
			return fmt.Errorf("build %s: %w", job.tool.Name, err)
		}
	}
	manifest, err := newManifest(job, dir)
	if err != nil {
		return fmt.Errorf("build %s: %w", job.tool.Name, err)
	}
	t.fillCache(job.tool, manifest, dir)
	return t.install(manifest, dir)
}

// fetchAhead downloads the modules of the jobs one after the other while others compile. What it could
// not fetch is fetched, or reported, by the build itself. The channel is closed when it has ended.
func (t *Toolchain) fetchAhead(ctx context.Context, jobs []job) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if len(jobs) == 0 {
			return
		}
		for _, job := range jobs[1:] {
			// Loading the packages downloads what the build needs and no more, unlike `go mod download`.
			arguments := slices.Concat([]string{"list", "-deps", "-f", "{{.ImportPath}}"}, job.tool.tagFlags(),
				slices.Sorted(maps.Keys(job.tool.Programs)))
			if t.goCommand(ctx, job.tool, arguments...).Run() != nil && ctx.Err() != nil {
				return
			}
		}
	}()
	return done
}

func (t *Toolchain) goCommand(ctx context.Context, tool Tool, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = filepath.Join(t.Source, tool.Dir)
	command.Env = append(os.Environ(), goEnvironment...)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = interruptDelay
	return command
}

func runWithProgress(command *exec.Cmd, title string, progress func(string)) error {
	started := time.Now()
	ticker := time.NewTicker(progressInterval)
	defer ticker.Stop()
	done := make(chan error, 1)
	go func() { done <- command.Run() }()
	for {
		select {
		case err := <-done:
			return err
		case <-ticker.C:
			progress(fmt.Sprintf("%s building, %s", title, time.Since(started).Round(time.Second)))
		}
	}
}

// defaultProgram is the name that `go build -o <directory>/` gives the program of a package: the last
// element of its path that is not a major version.
func defaultProgram(pkg string) string {
	name := path.Base(pkg)
	if strings.HasPrefix(name, "v") && strings.Trim(name[1:], "0123456789") == "" {
		name = path.Base(path.Dir(pkg))
	}
	return name
}

func tail(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-outputTail):], "\n")
}
