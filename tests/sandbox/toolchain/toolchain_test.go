package toolchain_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/federated-risk/federated-risk/tests/sandbox/filelock"
	"github.com/federated-risk/federated-risk/tests/sandbox/toolchain"
)

// bench is a sandbox module with two tiny tools, which the real Go command builds.
type bench struct {
	*toolchain.Toolchain
	mutex sync.Mutex
	lines []string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	b := &bench{}
	b.Toolchain = &toolchain.Toolchain{
		Source: filepath.Join(dir, "source"),
		Bin:    filepath.Join(dir, "bin"),
		Cache:  filepath.Join(dir, "cache"),
		Progress: func(line string) {
			b.mutex.Lock()
			defer b.mutex.Unlock()
			b.lines = append(b.lines, line)
		},
	}
	for _, name := range []string{"hammer", "saw"} {
		b.write(t, "tools/"+name+"/go.mod", pins(name, "v1.2.3"))
		b.write(t, "tools/"+name+"/main.go", "package main\n\nvar version string\n\nfunc main() { print(\""+name+" \" + version) }\n")
	}
	return b
}

// pins is a go.mod whose requirement, satisfied by a folder, is the version of the tool.
func pins(name, version string) string {
	return fmt.Sprintf("module example.com/%s\n\ngo 1.26.0\n\nrequire example.com/pin %s\n\nreplace example.com/pin => ../../pin\n", name, version)
}

func tool(name string) toolchain.Tool {
	return toolchain.Tool{
		Name: name, Dir: "tools/" + name, Pins: "tools/" + name + "/go.mod", Module: "example.com/pin",
		Programs:  map[string]string{"example.com/" + name: program(name)},
		Stamps:    func(version string) map[string]string { return map[string]string{"main.version": version} },
		OwnSource: name == "saw",
	}
}

// program puts the saw into a folder of its own, as the plugins are.
func program(name string) string {
	if name == "saw" {
		return "folder/saw-program"
	}
	return name + "-program"
}

func (b *bench) write(t *testing.T, name, content string) {
	t.Helper()
	path := filepath.Join(b.Source, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
}

// ensure installs both tools and returns the names of those that were built.
func (b *bench) ensure(t *testing.T) []string {
	t.Helper()
	b.mutex.Lock()
	b.lines = nil
	b.mutex.Unlock()
	require.NoError(t, b.Ensure(t.Context(), tool("hammer"), tool("saw")))
	var built []string
	for _, line := range b.lines {
		if strings.Contains(line, " built in ") {
			built = append(built, strings.Fields(line)[1])
		}
	}
	return built
}

func (b *bench) run(t *testing.T, name string) string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), filepath.Join(b.Bin, program(name))).CombinedOutput()
	require.NoError(t, err)
	return string(output)
}

func TestEnsureBuildsOnceAndStampsTheVersion(t *testing.T) {
	b := newBench(t)
	b.write(t, "pin/go.mod", "module example.com/pin\n")
	require.Equal(t, []string{"hammer", "saw"}, b.ensure(t))
	require.Equal(t, "hammer v1.2.3", b.run(t, "hammer"))
	require.Empty(t, b.ensure(t))
	require.Contains(t, b.lines, "[1/2] hammer v1.2.3 (hammer-program) ready")
}

func TestAChangeRebuildsOnlyItsTool(t *testing.T) {
	changes := map[string]struct {
		change func(*testing.T, *bench)
		output string
	}{
		"pin": {func(t *testing.T, b *bench) { b.write(t, "tools/saw/go.mod", pins("saw", "v1.3.0")) }, "saw v1.3.0"},
		"source": {func(t *testing.T, b *bench) {
			b.write(t, "tools/saw/main.go", "package main\n\nfunc main() { print(\"sharper\") }\n")
		}, "sharper"},
		"embedded file": {func(t *testing.T, b *bench) { b.write(t, "tools/saw/data.txt", "x") }, "saw v1.2.3"},
	}
	for name, c := range changes {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.write(t, "pin/go.mod", "module example.com/pin\n")
			b.ensure(t)
			c.change(t, b)
			require.Equal(t, []string{"saw"}, b.ensure(t))
			require.Equal(t, c.output, b.run(t, "saw"))
		})
	}
	t.Run("a test file is no change", func(t *testing.T) {
		b := newBench(t)
		b.write(t, "pin/go.mod", "module example.com/pin\n")
		b.ensure(t)
		b.write(t, "tools/saw/saw_test.go", "package main\n")
		require.Empty(t, b.ensure(t))
	})
}

func TestCacheSparesABuild(t *testing.T) {
	b := newBench(t)
	b.write(t, "pin/go.mod", "module example.com/pin\n")
	b.ensure(t)
	b.Bin = filepath.Join(t.TempDir(), "other-checkout")
	// The saw is of the module's own source, whose builds are not kept.
	require.Equal(t, []string{"saw"}, b.ensure(t))
	require.Equal(t, "hammer v1.2.3", b.run(t, "hammer"))
}

func TestDamageIsRepaired(t *testing.T) {
	cases := map[string]struct {
		damage func(*testing.T, *bench)
		built  []string
	}{
		"program truncated in the cache": {func(t *testing.T, b *bench) {
			require.NoError(t, os.RemoveAll(b.Bin))
			damageFiles(t, b.Cache, "hammer-program")
		}, []string{"hammer", "saw"}},
		"manifest damaged in the cache": {func(t *testing.T, b *bench) {
			require.NoError(t, os.RemoveAll(b.Bin))
			damageFiles(t, b.Cache, "manifest.json")
		}, []string{"hammer", "saw"}},
		"cache gone": {func(t *testing.T, b *bench) {
			require.NoError(t, os.RemoveAll(b.Cache))
		}, nil},
		"cache and tools gone": {func(t *testing.T, b *bench) {
			require.NoError(t, os.RemoveAll(b.Cache))
			require.NoError(t, os.RemoveAll(b.Bin))
		}, []string{"hammer", "saw"}},
		"cache not writable": {func(t *testing.T, b *bench) {
			require.NoError(t, os.RemoveAll(b.Bin))
			b.Cache = "/dev/null/cache"
		}, []string{"hammer", "saw"}},
		"installed program overwritten": {func(t *testing.T, b *bench) {
			damageFiles(t, b.Bin, "hammer-program")
			require.NoError(t, os.RemoveAll(b.Cache))
		}, []string{"hammer"}},
		"times rounded by an archive": {func(t *testing.T, b *bench) {
			require.NoError(t, os.RemoveAll(b.Cache))
			now := time.Now().Truncate(time.Second)
			require.NoError(t, os.Chtimes(filepath.Join(b.Bin, program("hammer")), now, now))
		}, nil},
		"installed program changed in place": {func(t *testing.T, b *bench) {
			require.NoError(t, os.RemoveAll(b.Cache))
			path := filepath.Join(b.Bin, program("hammer"))
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			content[len(content)/2] ^= 0xff
			require.NoError(t, os.WriteFile(path, content, 0o700))
		}, []string{"hammer"}},
		"installation interrupted": {func(t *testing.T, b *bench) {
			require.NoError(t, os.RemoveAll(b.Cache))
			require.NoError(t, os.Remove(filepath.Join(b.Bin, ".manifests", "hammer.json")))
		}, []string{"hammer"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.write(t, "pin/go.mod", "module example.com/pin\n")
			b.ensure(t)
			c.damage(t, b)
			require.Equal(t, c.built, b.ensure(t))
			require.Equal(t, "hammer v1.2.3", b.run(t, "hammer"))
			require.Equal(t, "saw v1.2.3", b.run(t, "saw"))
		})
	}
}

func damageFiles(t *testing.T, dir, name string) {
	t.Helper()
	damaged := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Name() == name {
			damaged++
			return os.WriteFile(path, []byte("damaged"), 0o700)
		}
		return err
	}))
	require.NotZero(t, damaged)
}

func TestFailedBuildShowsTheCompilersWordsAndKeepsTheRest(t *testing.T) {
	b := newBench(t)
	b.write(t, "pin/go.mod", "module example.com/pin\n")
	b.write(t, "tools/saw/main.go", "package main\n\nfunc main() { blunt() }\n")
	err := b.Ensure(t.Context(), tool("hammer"), tool("saw"))
	require.ErrorContains(t, err, "build saw v1.2.3")
	require.ErrorContains(t, err, "undefined: blunt")
	require.Equal(t, "hammer v1.2.3", b.run(t, "hammer"))
	require.NoFileExists(t, filepath.Join(b.Bin, program("saw")))
	requireNoLeftovers(t, b)
}

func requireNoLeftovers(t *testing.T, b *bench) {
	t.Helper()
	leftovers, err := filepath.Glob(filepath.Join(b.Bin, ".build-*"))
	require.NoError(t, err)
	require.Empty(t, leftovers)
}

func TestInterruptedBuildLeavesNothing(t *testing.T) {
	b := newBench(t)
	b.write(t, "pin/go.mod", "module example.com/pin\n")
	ctx, cancel := context.WithCancel(t.Context())
	b.Progress = func(line string) {
		if strings.Contains(line, "saw") && strings.HasSuffix(line, "building") {
			cancel()
		}
	}
	require.ErrorIs(t, b.Ensure(ctx, tool("hammer"), tool("saw")), context.Canceled)
	require.NoFileExists(t, filepath.Join(b.Bin, program("saw")))
	require.FileExists(t, filepath.Join(b.Bin, "hammer-program"))
	requireNoLeftovers(t, b)
}

const killedVariable = "FEDERATED_RISK_TEST_SOURCE"

// A process that is killed outright cleans up nothing; the next one must.
func TestKilledBuildIsBuiltAnew(t *testing.T) {
	b := newBench(t)
	b.write(t, "pin/go.mod", "module example.com/pin\n")
	binary, err := os.Executable()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), binary, "-test.run", "^TestBuildToBeKilled$")
	command.Env = append(os.Environ(), killedVariable+"="+filepath.Dir(b.Source))
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, command.Start())
	require.Eventually(t, func() bool {
		dirs, err := filepath.Glob(filepath.Join(b.Bin, ".build-hammer@*"))
		return err == nil && len(dirs) == 1
	}, 30*time.Second, time.Millisecond)
	require.NoError(t, syscall.Kill(-command.Process.Pid, syscall.SIGKILL))
	_ = command.Wait()
	require.NoFileExists(t, filepath.Join(b.Bin, "hammer-program"))

	require.Equal(t, []string{"hammer", "saw"}, b.ensure(t))
	requireNoLeftovers(t, b)
	require.Equal(t, "hammer v1.2.3", b.run(t, "hammer"))
}

func TestBuildToBeKilled(t *testing.T) {
	dir := os.Getenv(killedVariable)
	if dir == "" {
		t.Skip("only run by TestKilledBuildIsBuiltAnew")
	}
	tools := toolchain.Toolchain{Source: filepath.Join(dir, "source"), Bin: filepath.Join(dir, "bin"), Cache: filepath.Join(dir, "cache")}
	require.NoError(t, tools.Ensure(t.Context(), tool("hammer"), tool("saw")))
}

func TestBuildsOfOneDirectoryExcludeOneAnother(t *testing.T) {
	b := newBench(t)
	b.write(t, "pin/go.mod", "module example.com/pin\n")
	lock, err := filelock.Acquire(t.Context(), filepath.Join(b.Bin, ".locks", "hammer"), nil)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- b.Ensure(t.Context(), tool("hammer")) }()
	require.Eventually(t, func() bool {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		return len(b.lines) == 1 && strings.Contains(b.lines[0], "waiting")
	}, 5*time.Second, 10*time.Millisecond)
	require.NoFileExists(t, filepath.Join(b.Bin, "hammer-program"))
	require.NoError(t, lock.Release())
	require.NoError(t, <-done)
	require.Equal(t, "hammer v1.2.3", b.run(t, "hammer"))
}

// The real tools' pins must be found, whatever becomes of the versions.
func TestEveryToolHasAPinnedVersion(t *testing.T) {
	source, err := filepath.Abs("..")
	require.NoError(t, err)
	for _, tool := range toolchain.All() {
		version, err := tool.Version(source)
		require.NoError(t, err)
		require.Regexp(t, `^v\d+\.\d+\.\d+`, version, tool.Name)
	}
	_, err = toolchain.Find("hammer")
	require.ErrorContains(t, err, "kubernetes")
}
