// Package debian provides servers as Debian has them: those that are installed, else those of its packages, unpacked into
// the user's cache directory. That needs no root and changes nothing of the system.
package debian

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Software is a server with its command-line client.
type Software struct {
	// Package is what apt knows it by.
	Package string
	// Programs are the names of its programs, which are all in one folder.
	Programs []string
	// Folder is where the package has them, as a pattern of path/filepath below the root directory.
	Folder string
}

// PostgreSQL is the server, what makes its data directory, and psql. Debian's psql on PATH is a wrapper in Perl.
func PostgreSQL() Software {
	return Software{Package: "postgresql", Programs: []string{"postgres", "initdb", "psql"}, Folder: "usr/lib/postgresql/*/bin"}
}

// Redis is the server and redis-cli.
func Redis() Software {
	return Software{Package: "redis-server", Programs: []string{"redis-server", "redis-cli"}, Folder: "usr/bin"}
}

// Installation is where the programs of a Software are.
type Installation struct {
	folder string
	// tree is the root of what has been unpacked; empty for what the system has.
	tree string
}

// Provide finds the software on this machine, in PATH or where Debian's package has it, or unpacks the packages that are
// missing. The first time it takes as long as the download. Processes that unpack the same wait for one another, and what
// one that was killed has left behind is taken away by the next.
func (s Software) Provide(ctx context.Context) (Installation, error) {
	if folder, found := s.in(append(filepath.SplitList(os.Getenv("PATH")), s.folders("/")...)); found {
		return Installation{folder: folder}, nil
	}
	tree, err := unpack(ctx, s.Package)
	if err != nil {
		return Installation{}, fmt.Errorf("%s: no folder of PATH has them, and Debian's packages cannot be had (%w): "+
			"install the package %s, or what your system has for it", strings.Join(s.Programs, ", "), err, s.Package)
	}
	folder, found := s.in(s.folders(tree))
	if !found {
		return Installation{}, fmt.Errorf("the packages of %s, in %s, do not have %s in %s: remove the folder, and install the package",
			s.Package, tree, strings.Join(s.Programs, ", "), s.Folder)
	}
	return Installation{folder: folder, tree: tree}, nil
}

// Program is the path of one of the programs.
func (i Installation) Program(name string) string { return filepath.Join(i.folder, name) }

// Environment has the variables with which the programs are found and run, and no others.
func (i Installation) Environment() []string {
	environment := []string{"PATH=" + i.folder + string(filepath.ListSeparator) + os.Getenv("PATH"), "LC_ALL=C"}
	if i.tree != "" {
		environment = append(environment, "LD_LIBRARY_PATH="+strings.Join(libraries(i.tree), string(filepath.ListSeparator)))
	}
	return environment
}

// Within returns an installation that whoever may enter the folder can use, though they may not enter the user's cache: a copy
// in the folder, which must be empty or not exist, of what has been unpacked.
func (i Installation) Within(folder string) (Installation, error) {
	if i.tree == "" {
		return i, nil
	}
	if err := os.CopyFS(folder, os.DirFS(i.tree)); err != nil {
		return Installation{}, fmt.Errorf("copy unpacked packages: %w", err)
	}
	programs, err := filepath.Rel(i.tree, i.folder)
	if err != nil {
		return Installation{}, fmt.Errorf("copy unpacked packages: %w", err)
	}
	return Installation{folder: filepath.Join(folder, programs), tree: folder}, nil
}

// folders that the package has programs in, below root, the newest version first.
func (s Software) folders(root string) []string {
	found, err := filepath.Glob(filepath.Join(root, s.Folder))
	if err != nil {
		panic(fmt.Sprintf("Software.Folder is %q: %v", s.Folder, err))
	}
	slices.Reverse(found)
	return found
}

// in returns the first of the folders that has all programs.
func (s Software) in(folders []string) (string, bool) {
	for _, folder := range folders {
		if filepath.IsAbs(folder) && !slices.ContainsFunc(s.Programs, func(name string) bool {
			info, err := os.Stat(filepath.Join(folder, name))
			return err != nil || !info.Mode().IsRegular() || info.Mode()&0o111 == 0
		}) {
			return folder, true
		}
	}
	return "", false
}

// libraries are the folders of an unpacked tree with what the programs are linked to and the system lacks.
func libraries(tree string) []string {
	var found []string
	for _, pattern := range []string{"usr/lib/*-linux-*", "lib/*-linux-*", "usr/lib", "lib"} {
		folders, _ := filepath.Glob(filepath.Join(tree, pattern)) // only a faulty pattern is an error
		found = append(found, folders...)
	}
	return found
}
