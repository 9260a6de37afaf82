package toolchain

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	buildPrefix  = ".build-"
	manifestsDir = ".manifests"
	locksDir     = ".locks"
	manifestName = "manifest.json"
)

// manifest records what was built under a key. It is written last: programs without it are not installed.
type manifest struct {
	Tool    string             `json:"tool"`
	Version string             `json:"version"`
	Key     string             `json:"key"`
	Files   map[string]program `json:"files"`
}

type program struct {
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	// Modified spares reading a file that was not written since. Archives and copies round or lose it.
	Modified time.Time `json:"modified"`
}

func newManifest(job job, dir string) (manifest, error) {
	m := manifest{Tool: job.tool.Name, Version: job.version, Key: job.key, Files: map[string]program{}}
	for _, name := range job.tool.Files() {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err != nil {
			return manifest{}, err
		}
		sum, err := fileSum(path)
		if err != nil {
			return manifest{}, err
		}
		m.Files[name] = program{SHA256: sum, Size: info.Size(), Modified: info.ModTime()}
	}
	return m, nil
}

// Key returns the content key under which the tool is installed: it changes when its programs may have.
func (t *Toolchain) Key(tool Tool) (string, error) {
	m, err := readManifest(t.manifestPath(tool.Name))
	if err != nil {
		return "", fmt.Errorf("tool %s is not installed: %w", tool.Name, err)
	}
	return m.Key, nil
}

func (t *Toolchain) manifestPath(tool string) string {
	return filepath.Join(t.Bin, manifestsDir, tool+".json")
}

// installed reports whether the tool's programs in Bin are those of the job.
func (t *Toolchain) installed(job job) bool {
	m, err := readManifest(t.manifestPath(job.tool.Name))
	if err != nil || m.Key != job.key || !m.covers(job.tool) {
		return false
	}
	for name, entry := range m.Files {
		if !entry.sound(filepath.Join(t.Bin, name)) {
			return false
		}
	}
	return true
}

// sound reports whether the file is the program. One with another time of modification is read once and
// gets the right time back.
func (p program) sound(path string) bool {
	info, err := os.Stat(path)
	if err != nil || info.Size() != p.Size || info.Mode()&0o100 == 0 {
		return false
	}
	if info.ModTime().Equal(p.Modified) {
		return true
	}
	sum, err := fileSum(path)
	return err == nil && sum == p.SHA256 && os.Chtimes(path, p.Modified, p.Modified) == nil
}

// install moves the programs from dir to Bin. Removing the manifest first makes an interruption look like
// what it is: not installed.
func (t *Toolchain) install(m manifest, dir string) error {
	path := t.manifestPath(m.Tool)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("install %s: %w", m.Tool, err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("install %s: %w", m.Tool, err)
	}
	for name := range m.Files {
		if err := move(filepath.Join(dir, name), filepath.Join(t.Bin, name)); err != nil {
			return fmt.Errorf("install %s: %w", m.Tool, err)
		}
	}
	if err := writeManifest(path, m); err != nil {
		return fmt.Errorf("install %s: %w", m.Tool, err)
	}
	return nil
}

// buildDir is the pattern of the tool's build directories in Bin, for os.MkdirTemp and for globbing.
func buildDir(tool Tool) string { return buildPrefix + tool.Name + "@*" }

// removeLeftovers removes the tool's build directories of killed processes. The caller holds its lock.
func (t *Toolchain) removeLeftovers(tool Tool) error {
	leftovers, err := fs.Glob(os.DirFS(t.Bin), buildDir(tool))
	if err != nil {
		return err
	}
	for _, dir := range leftovers {
		err = errors.Join(err, os.RemoveAll(filepath.Join(t.Bin, dir)))
	}
	return err
}

// installCached installs the job from the cache. A missing entry, a damaged one or a full disk: false.
func (t *Toolchain) installCached(job job) bool {
	if !t.caches(job.tool) {
		return false
	}
	entry := filepath.Join(t.Cache, job.key)
	m, err := readManifest(filepath.Join(entry, manifestName))
	if err != nil || m.Key != job.key || !m.covers(job.tool) {
		return false
	}
	dir, err := os.MkdirTemp(t.Bin, buildDir(job.tool))
	if err != nil {
		return false
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if !m.copySound(entry, dir) {
		// Out of the way, so that the build can fill it anew.
		_ = os.RemoveAll(entry)
		return false
	}
	return t.install(m, dir) == nil
}

// caches reports whether builds of the tool are worth keeping. Those of this module's own source are not:
// each edit would leave another hundred megabytes behind.
func (t *Toolchain) caches(tool Tool) bool { return t.Cache != "" && !tool.OwnSource }

// copySound copies the programs from one directory to another and reports whether the copies are what the
// manifest says. Copies, not links: a program damaged in one place must not be damaged in the other.
func (m manifest) copySound(from, to string) bool {
	for name, entry := range m.Files {
		path := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return false
		}
		if err := copyFile(filepath.Join(from, name), path); err != nil {
			return false
		}
		if sum, err := fileSum(path); err != nil || sum != entry.SHA256 {
			return false
		}
		if err := os.Chtimes(path, entry.Modified, entry.Modified); err != nil {
			return false
		}
	}
	return true
}

// fillCache keeps a build for other checkouts. It is a favour: its failure fails nothing.
func (t *Toolchain) fillCache(tool Tool, m manifest, dir string) {
	if !t.caches(tool) || os.MkdirAll(t.Cache, 0o700) != nil {
		return
	}
	temporary, err := os.MkdirTemp(t.Cache, buildPrefix)
	if err != nil {
		return
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	if !m.copySound(dir, temporary) || writeManifest(filepath.Join(temporary, manifestName), m) != nil {
		return
	}
	entry := filepath.Join(t.Cache, m.Key)
	_ = os.RemoveAll(entry)
	_ = os.Rename(temporary, entry)
}

// covers reports whether the manifest lists exactly the tool's programs.
func (m manifest) covers(tool Tool) bool {
	names := tool.Files()
	for _, name := range names {
		if _, ok := m.Files[name]; !ok {
			return false
		}
	}
	return len(m.Files) == len(names)
}

func readManifest(path string) (manifest, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return manifest{}, err
	}
	var m manifest
	if err := json.Unmarshal(content, &m); err != nil {
		return manifest{}, fmt.Errorf("manifest %s: %w", path, err)
	}
	return m, nil
}

func writeManifest(path string, m manifest) error {
	content, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	temporary := path + ".new"
	if err := os.WriteFile(temporary, append(content, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

// move renames a file, making the directory it goes to.
func move(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return os.Rename(from, to)
}

func copyFile(from, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	_, err = io.Copy(target, source)
	return err
}
