package toolchain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// flags are the same for every tool: a static, reproducible program without debug information.
var flags = []string{"-trimpath"}

// goEnvironment is what a tool's build must not take from the user.
var goEnvironment = []string{"CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-mod=readonly -buildvcs=false"}

// platform describes the compiler and the machine that a binary is for.
func platform(ctx context.Context, dir string) (string, error) {
	command := exec.CommandContext(ctx, "go", "env", "GOVERSION", "GOOS", "GOARCH", "GOAMD64", "GOARM64", "GOEXPERIMENT")
	command.Dir = dir
	command.Env = append(os.Environ(), goEnvironment...)
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("ask the Go command for its version (is Go on PATH?): %w", err)
	}
	return string(output), nil
}

// linkerFlags returns the value of -ldflags.
func (t Tool) linkerFlags(version string) string {
	linker := []string{"-s", "-w"}
	if t.Stamps != nil {
		var stamps []string
		for variable, value := range t.Stamps(version) {
			stamps = append(stamps, "-X "+variable+"="+value)
		}
		slices.Sort(stamps)
		linker = append(linker, stamps...)
	}
	return strings.Join(linker, " ")
}

// tagFlags returns the flags that set the build tags, none where there are no tags.
func (t Tool) tagFlags() []string {
	if len(t.Tags) == 0 {
		return nil
	}
	return []string{"-tags", strings.Join(t.Tags, ",")}
}

// key returns the content key of a tool's build.
func (t Tool) key(source, version, platform string) (string, error) {
	sum := sha256.New()
	dir := filepath.Join(source, t.Dir)
	var packages []string
	for pkg, program := range t.Programs {
		packages = append(packages, pkg+"="+program)
	}
	slices.Sort(packages)
	parts := slices.Concat([]string{t.Name, version, platform, t.linkerFlags(version)}, flags, t.tagFlags(), goEnvironment, packages)
	for _, part := range parts {
		_, _ = fmt.Fprintf(sum, "%q\n", part)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		err := addFile(sum, dir, name)
		if name == "go.sum" && errors.Is(err, fs.ErrNotExist) {
			continue // a module without dependencies has none
		}
		if err != nil {
			return "", fmt.Errorf("content key of %s: %w", t.Name, err)
		}
	}
	if t.OwnSource {
		if err := addSource(sum, dir); err != nil {
			return "", fmt.Errorf("content key of %s: %w", t.Name, err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// addSource adds every file that can go into a program of the module in dir: all but tests, test data,
// other modules and hidden folders. Files other than Go's may be embedded.
func addSource(sum hash.Hash, dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if path == dir {
				return nil
			}
			if strings.HasPrefix(name, ".") || name == "testdata" {
				return fs.SkipDir
			}
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
				return fs.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() || strings.HasPrefix(name, ".") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return addFile(sum, dir, relative)
	})
}

func addFile(sum hash.Hash, dir, name string) error {
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(sum, "%q %d\n", filepath.ToSlash(name), len(content))
	_, _ = sum.Write(content)
	return nil
}

func fileSum(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
