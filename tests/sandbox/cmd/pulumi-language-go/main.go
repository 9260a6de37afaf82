// Command pulumi-language-go starts Pulumi's Go language host, so that it keeps the program which it builds. The linker
// takes most of the time of an update that has little to do, and has nothing to do for a program that is up to date. The
// host has a flag for it (buildTarget of `runtime.options` in Pulumi.yaml); the sandbox's engine no longer passes it on to
// a host of this version.
package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// hostDir is where the language host itself is, beside this program but not on PATH.
const hostDir = "language-host"

func main() {
	fmt.Fprintln(os.Stderr, "pulumi-language-go:", run())
	os.Exit(1)
}

// run becomes the language host; it returns only if it cannot.
func run() error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the language host: %w", err)
	}
	host := filepath.Join(filepath.Dir(self), hostDir, filepath.Base(self))
	flags, err := keep(os.Getenv("PULUMI_HOME"))
	if err != nil {
		return err
	}
	err = syscall.Exec(host, slices.Concat([]string{host}, flags, os.Args[1:]), os.Environ())
	return fmt.Errorf("start the language host %s: %w", host, err)
}

// keep returns the flag by which the host keeps the program below Pulumi's home, apart from those of other folders.
func keep(home string) ([]string, error) {
	if home == "" {
		return nil, nil
	}
	folder, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("find the program's folder: %w", err)
	}
	programs := filepath.Join(home, "programs")
	if err := os.MkdirAll(programs, 0o700); err != nil {
		return nil, fmt.Errorf("keep the program that is built: %w", err)
	}
	return []string{fmt.Sprintf("-buildTarget=%s", filepath.Join(programs, fmt.Sprintf("%x", sha256.Sum256([]byte(folder)))))}, nil
}
