package companion

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// capabilityOverride is CAP_DAC_OVERRIDE of linux/capability.h: to read and write whatever the permissions of files say.
const capabilityOverride = 1

// prepareAsNobody has the program run as nobody, with the right to enter root's own folders, which it and its data may be in.
// A shell starts it, since that right holds only once a program runs.
func (c Command) prepareAsNobody() (*exec.Cmd, error) {
	uid, gid, err := User()
	if err != nil {
		return nil, err
	}
	shell := c
	shell.Path, shell.Folder, shell.Unprivileged = "/bin/sh", "/", false
	shell.Arguments = append([]string{"-c", `cd "$0" && exec "$@"`, c.Folder, c.Path}, c.Arguments...)
	prepared, err := shell.prepare()
	if err != nil {
		return nil, err
	}
	prepared.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	prepared.SysProcAttr.AmbientCaps = []uintptr{capabilityOverride}
	return prepared, nil
}

// User is whom an unprivileged command runs as, and who must own what it insists on owning: the user of the test or, if that
// is root, nobody. PostgreSQL does not run as root.
func User() (uid, gid int, err error) {
	if os.Geteuid() != 0 {
		return os.Geteuid(), os.Getegid(), nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return 0, 0, fmt.Errorf("a program that must not run as root needs the user nobody: %w", err)
	}
	if uid, err = strconv.Atoi(nobody.Uid); err != nil {
		return 0, 0, fmt.Errorf("the user nobody has the uid %q: %w", nobody.Uid, err)
	}
	if gid, err = strconv.Atoi(nobody.Gid); err != nil {
		return 0, 0, fmt.Errorf("the user nobody has the gid %q: %w", nobody.Gid, err)
	}
	return uid, gid, nil
}
