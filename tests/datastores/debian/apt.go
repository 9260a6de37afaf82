package debian

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// keyLength in hexadecimal digits.
const keyLength = 16

// apt asks Debian's package manager, with the sources that the machine has configured.
type apt struct {
	// cache is a folder for what it keeps between calls.
	cache string
	// lists is a folder with lists of packages, or empty for the system's.
	lists string
}

// key stands for the versions of the packages that are missing for this one: of their names, sizes and sums, not of where
// they are downloaded from.
func (a apt) key(ctx context.Context, name string) (string, error) {
	planned, err := a.install(ctx, name, "--print-uris")
	if err != nil {
		return "", err
	}
	var files []string
	for line := range strings.Lines(planned) {
		if _, file, found := strings.Cut(strings.TrimSpace(line), "' "); found && strings.HasPrefix(line, "'") {
			files = append(files, file)
		}
	}
	if len(files) == 0 {
		return "", fmt.Errorf("apt-get has nothing to download for %s: it says %q", name, planned)
	}
	slices.Sort(files)
	sum := sha256.Sum256([]byte(strings.Join(files, "\n")))
	return hex.EncodeToString(sum[:])[:keyLength], nil
}

// download puts the packages into a folder. apt checks their sums.
func (a apt) download(ctx context.Context, name, folder string) error {
	if err := os.MkdirAll(filepath.Join(folder, "partial"), 0o700); err != nil {
		return err
	}
	_, err := a.install(ctx, name, "--download-only", "--yes", "-o", "Dir::Cache::archives="+folder+"/")
	return err
}

// update downloads the lists of packages.
func (a apt) update(ctx context.Context) error {
	_, err := a.get(ctx, "update")
	return err
}

// install is a call that only says, or only downloads, what an installation would take.
func (a apt) install(ctx context.Context, name string, arguments ...string) (string, error) {
	return a.get(ctx, slices.Concat([]string{"install", "--no-install-recommends"}, arguments, []string{name})...)
}

func (a apt) get(ctx context.Context, arguments ...string) (string, error) {
	for _, folder := range []string{"archives/partial", "lists/partial"} {
		if err := os.MkdirAll(filepath.Join(a.cache, folder), 0o700); err != nil {
			return "", err
		}
	}
	options := []string{
		"-qq", "-o", "Dir::Cache=" + a.cache + "/",
		// The locks are for whoever installs, and root's. This package has a lock of its own.
		"-o", "Debug::NoLocking=true",
		// apt's own user, which root downloads as, may not enter root's folders.
		"-o", "APT::Sandbox::User=root",
	}
	if a.lists != "" {
		options = append(options, "-o", "Dir::State::lists="+a.lists+"/")
	}
	return run(ctx, "apt-get", append(options, arguments...)...)
}

// run returns what the program prints; what it complains of is in the error.
func run(ctx context.Context, program string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, program, arguments...)
	command.Env = append(os.Environ(), "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive")
	output, err := command.Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(failed.Stderr))
		}
		return "", fmt.Errorf("%s %s: %w", program, arguments[len(arguments)-1], err)
	}
	return string(output), nil
}
