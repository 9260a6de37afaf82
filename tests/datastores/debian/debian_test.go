package debian

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// software has programs that no system has.
var software = Software{Package: "store", Programs: []string{"federated-risk-store", "federated-risk-store-cli"}, Folder: "usr/lib/store/*/bin"}

// system is one whose apt and dpkg are scripts: the package has the version that the file version says, and apt knows it
// where its lists have a file Packages.
type system struct{ folder string }

const aptGet = `#!/bin/sh -e
lists="$SYSTEM/lists"
for argument; do
  case "$argument" in
  Dir::State::lists=*) lists="${argument#*=}" ;;
  Dir::Cache::archives=*) archives="${argument#*=}" ;;
  esac
  command="$argument"
done
case "$*" in
*" update") echo update >>"$SYSTEM/log"; touch "$lists/Packages" ;;
*) [ -e "$lists/Packages" ] || { echo "E: Unable to locate package $command" >&2; exit 100; } ;;
esac
case "$*" in
*--print-uris*)
  echo "'http://mirror.example/pool/$$/store.deb' store_$(cat "$SYSTEM/version")_all.deb 1000 SHA256:0"
  ;;
*--download-only*)
  echo download >>"$SYSTEM/log"
  [ -d "$archives/partial" ]
  cp "$SYSTEM/version" "$archives/store.deb"
  ;;
esac
`

const dpkgDeb = `#!/bin/sh -e
[ "$1" = -x ]
for version in 9 "$(cat "$2")"; do
  mkdir -p "$3/usr/lib/store/$version/bin" "$3/usr/lib/some-linux-gnu"
  for program in federated-risk-store federated-risk-store-cli; do
    printf '#!/bin/sh\n' >"$3/usr/lib/store/$version/bin/$program"
    chmod 755 "$3/usr/lib/store/$version/bin/$program"
  done
done
`

// newSystem is the test's, with an empty cache of the user.
func newSystem(t *testing.T) system {
	s := system{t.TempDir()}
	for name, script := range map[string]string{"apt-get": aptGet, "dpkg-deb": dpkgDeb} {
		require.NoError(t, os.MkdirAll(s.path("bin"), 0o700))
		require.NoError(t, os.WriteFile(s.path("bin", name), []byte(script), 0o700))
	}
	require.NoError(t, os.Mkdir(s.path("lists"), 0o700))
	s.has(t, "lists/Packages", "")
	s.has(t, "version", "9.1")
	t.Setenv("SYSTEM", s.folder)
	t.Setenv("PATH", s.path("bin")+":/usr/bin:/bin")
	t.Setenv("XDG_CACHE_HOME", s.path("cache"))
	return s
}

func (s system) path(names ...string) string {
	return filepath.Join(append([]string{s.folder}, names...)...)
}

func (s system) has(t *testing.T, name, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(s.path(name), []byte(content), 0o600))
}

// log is what apt has done, a word a line.
func (s system) log(t *testing.T) []string {
	t.Helper()
	content, err := os.ReadFile(s.path("log"))
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	return strings.Fields(string(content))
}

func provide(t *testing.T) Installation {
	t.Helper()
	installation, err := software.Provide(t.Context())
	require.NoError(t, err)
	for _, name := range software.Programs {
		assert.FileExists(t, installation.Program(name))
	}
	return installation
}

func TestWhatIsInstalledIsTaken(t *testing.T) {
	s := newSystem(t)
	for _, folder := range []string{"half", "whole"} {
		require.NoError(t, os.Mkdir(s.path(folder), 0o700))
		for _, name := range software.Programs {
			require.NoError(t, os.WriteFile(s.path(folder, name), nil, 0o700))
		}
	}
	require.NoError(t, os.Chmod(s.path("half", software.Programs[1]), 0o600))
	t.Setenv("PATH", s.path("half")+":"+s.path("whole"))
	assert.Equal(t, s.path("whole", software.Programs[0]), provide(t).Program(software.Programs[0]))
	assert.Equal(t, []string{"PATH=" + s.path("whole") + ":" + s.path("half") + ":" + s.path("whole"), "LC_ALL=C"}, provide(t).Environment())
	assert.Empty(t, s.log(t))
}

func TestPackagesAreUnpackedOnceByWhoeverIsFirst(t *testing.T) {
	s := newSystem(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			_, err := software.Provide(t.Context())
			assert.NoError(t, err)
		})
	}
	group.Wait()
	assert.Equal(t, []string{"download"}, s.log(t))
	trees, err := filepath.Glob(s.path("cache", "federated-risk", "debian", "store-*"))
	require.NoError(t, err)
	require.Len(t, trees, 1)
	assert.Equal(t, filepath.Join(trees[0], "usr/lib/store/9.1/bin/federated-risk-store"), provide(t).Program("federated-risk-store"),
		"the newest of them")
	assert.Contains(t, provide(t).Environment(),
		"LD_LIBRARY_PATH="+filepath.Join(trees[0], "usr/lib/some-linux-gnu")+":"+filepath.Join(trees[0], "usr/lib"))
}

func TestACopyIsWhole(t *testing.T) {
	s := newSystem(t)
	unpacked := provide(t)
	copied, err := unpacked.Within(s.path("copy"))
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(s.path("cache")))
	assert.Equal(t, s.path("copy", "usr/lib/store/9.1/bin/federated-risk-store"), copied.Program("federated-risk-store"))
	require.NoError(t, exec.CommandContext(t.Context(), copied.Program("federated-risk-store")).Run())
	assert.Contains(t, copied.Environment(), "LD_LIBRARY_PATH="+s.path("copy/usr/lib/some-linux-gnu")+":"+s.path("copy/usr/lib"))

	installed := Installation{folder: "/usr/bin"}
	same, err := installed.Within(s.path("another"))
	require.NoError(t, err)
	assert.Equal(t, installed, same)
	assert.NoDirExists(t, s.path("another"))
}

func TestANewVersionIsUnpackedBesideTheOne(t *testing.T) {
	s := newSystem(t)
	before := provide(t)
	s.has(t, "version", "9.2")
	assert.NotEqual(t, before, provide(t))
	assert.FileExists(t, before.Program(software.Programs[0]), "somebody may be running it")
}

func TestListsThatTheSystemLacksAreDownloadedOnce(t *testing.T) {
	s := newSystem(t)
	require.NoError(t, os.Remove(s.path("lists", "Packages")))
	provide(t)
	provide(t)
	assert.Equal(t, []string{"update", "download"}, s.log(t))
	assert.NoFileExists(t, s.path("lists", "Packages"), "the system's own lists are not touched")
}

func TestWhatAKilledProcessHasLeftIsRemoved(t *testing.T) {
	s := newSystem(t)
	leftover := s.path("cache", "federated-risk", "debian", unfinished+"1")
	require.NoError(t, os.MkdirAll(filepath.Join(leftover, "tree"), 0o700))
	provide(t)
	assert.NoDirExists(t, leftover)
}

func TestTheErrorSaysWhatToInstall(t *testing.T) {
	s := newSystem(t)
	t.Run("without apt", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		_, err := software.Provide(t.Context())
		require.ErrorContains(t, err, "apt-get")
		assert.ErrorContains(t, err, "install the package store")
	})
	t.Run("without the package", func(t *testing.T) {
		require.NoError(t, os.Remove(s.path("lists", "Packages")))
		script := strings.Replace(aptGet, `touch "$lists/Packages"`, ":", 1)
		require.NoError(t, os.WriteFile(s.path("bin", "apt-get"), []byte(script), 0o700))
		_, err := software.Provide(t.Context())
		require.ErrorContains(t, err, "Unable to locate package store")
		assert.ErrorContains(t, err, "install the package store")
	})
}
