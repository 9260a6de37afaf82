package growth

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	binary  = "program"
	riskctl = "riskctl"
	// timed runs the program and writes down when it was started and what it used.
	timed = "timed-program"
	// timesVariable names the file that timed writes to.
	timesVariable = "SANDBOX_PROGRAM_TIMES"
	// host is found before the language host proper, hostVariable names that one.
	host         = "pulumi-language-go"
	hostVariable = "SANDBOX_LANGUAGE_HOST"
)

const timedScript = `#!/bin/sh
date +%s%N > "$` + timesVariable + `"
"$(dirname "$0")/` + binary + `" "$@"
code=$?
times >> "$` + timesVariable + `"
exit $code
`

// hostScript starts the language host so that it compiles nothing. This version takes the program's name as a flag and
// ignores the option of the same meaning in Pulumi.yaml.
const hostScript = `#!/bin/sh
exec "$` + hostVariable + `" -binary ` + timed + ` "$@"
`

// Program is a copy of the program's source that may be changed.
type Program struct {
	// Dir of Pulumi.yaml.
	Dir string
	// Environment for the Go toolchain.
	Environment []string
}

// Prepare has the engine run the program as Build makes it, and not compile it at every run: to link takes as long
// whatever the program deploys, and longer than all the rest.
func (p Program) Prepare() error {
	for name, script := range map[string]string{timed: timedScript, host: hostScript} {
		if err := os.WriteFile(filepath.Join(p.Dir, name), []byte(script), 0o700); err != nil { //nolint:gosec // to be executed
			return err
		}
	}
	return nil
}

// Grow gives the program that many services, from the sources of its own, and builds it with riskctl.
func (p Program) Grow(ctx context.Context, catalogue, stack []byte, services int) error {
	grownCatalogue, err := Catalogue(catalogue, services)
	if err != nil {
		return err
	}
	grownStack, err := Stack(stack, services)
	if err != nil {
		return err
	}
	for file, content := range map[string][]byte{
		filepath.Join("internal", "catalogue", "services.go"): grownCatalogue, "Pulumi.local.yaml": grownStack,
	} {
		if err := os.WriteFile(filepath.Join(p.Dir, file), content, 0o600); err != nil {
			return err
		}
	}
	for output, what := range map[string]string{riskctl: "./cmd/riskctl", binary: "."} {
		if err := p.built(ctx, output, what, services); err != nil {
			return err
		}
	}
	return nil
}

// built builds what into output, or takes what it built of it for as many services before.
func (p Program) built(ctx context.Context, output, what string, services int) error {
	kept := fmt.Sprintf("%s-%d", output, services)
	if _, err := os.Stat(filepath.Join(p.Dir, kept)); err != nil {
		if err := p.build(ctx, kept, what); err != nil {
			return err
		}
	}
	link := filepath.Join(p.Dir, output)
	if err := os.RemoveAll(link); err != nil {
		return err
	}
	return os.Symlink(kept, link)
}

// Link links the program, whose packages are compiled, and returns how long that took.
func (p Program) Link(ctx context.Context) (time.Duration, error) {
	if err := os.Remove(filepath.Join(p.Dir, binary)); err != nil {
		return 0, err
	}
	started := time.Now()
	err := p.build(ctx, binary, ".")
	return time.Since(started), err
}

func (p Program) build(ctx context.Context, output, what string) error {
	build := exec.CommandContext(ctx, "go", "build", "-o", output, what)
	build.Dir, build.Env = p.Dir, p.Environment
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", output, err, text)
	}
	return nil
}

// Render renders the stack and returns what the program alone took for it, with nothing deployed and nobody to wait for.
func (p Program) Render(ctx context.Context, stack string) (Cost, error) {
	render := exec.CommandContext(ctx, filepath.Join(p.Dir, riskctl), "render", "--stack", stack)
	var out, stderr bytes.Buffer
	render.Dir, render.Env, render.Stdout, render.Stderr = p.Dir, p.Environment, &out, &stderr
	started := time.Now()
	if err := render.Run(); err != nil {
		return Cost{}, fmt.Errorf("render: %w\n%s", err, stderr.String())
	}
	cost := Cost{Wall: time.Since(started), ProgramCPU: used(render.ProcessState)}
	cost.Resources = strings.Count(out.String(), "---\n")
	return cost, nil
}

func used(ended *os.ProcessState) time.Duration { return ended.UserTime() + ended.SystemTime() }

// readTimes returns when the program was started and how long it was on a CPU.
func readTimes(file string) (started time.Time, cpu time.Duration, err error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return started, 0, fmt.Errorf("the program was not run: %w", err)
	}
	fields := strings.Fields(string(content))
	const wanted = 5 // the start, then user and system time of the script, then those of the program
	if len(fields) != wanted {
		return started, 0, fmt.Errorf("the program did not end: %s has %d fields instead of %d", file, len(fields), wanted)
	}
	nanoseconds, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return started, 0, fmt.Errorf("when the program was started: %w", err)
	}
	for _, field := range fields[3:] {
		part, err := time.ParseDuration(field)
		if err != nil {
			return started, 0, fmt.Errorf("what the program used: %w", err)
		}
		cpu += part
	}
	return time.Unix(0, nanoseconds), cpu, nil
}
