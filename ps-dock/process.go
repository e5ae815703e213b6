package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

const shell = "/bin/bash"

// launchScript gets the command as its argument and ends as it: a simple
// command leaves one process. The profile runs at the top level, since a
// `declare` in it would stay local to a function, and sees no argument.
const launchScript = `
__ps_dock_command=$1
set --
for __ps_dock_profile in "$HOME"/.profile.d/*.sh "$HOME"/.profile; do
  if [ -f "$__ps_dock_profile" ] && [ -r "$__ps_dock_profile" ]; then . "$__ps_dock_profile"; fi
done
exec /bin/bash --noprofile --norc -c "$__ps_dock_command"
`

type started struct {
	pid int
	err error
}

// startProcess starts the instance's command and returns its process id, which
// is its session and process group as well.
//
// Linux keeps no_new_privs and the capability sets per thread and a fork takes
// those of its thread, so this one gives them up and ends with its goroutine.
func startProcess(instance Instance, environment []string, output outputFiles) (int, error) {
	result := make(chan started)
	go func() {
		runtime.LockOSThread()
		pid, err := forkWithoutPrivileges(instance, environment, output)
		result <- started{pid, err}
	}()
	process := <-result
	if process.err != nil {
		return 0, fmt.Errorf("cannot start %s in %s%s: %w", instance.program()[0], instance.Directory, asUser(instance.User), process.err)
	}
	return process.pid, nil
}

func forkWithoutPrivileges(instance Instance, environment []string, output outputFiles) (int, error) {
	stdin := output.stdin
	if stdin == nil {
		null, err := os.Open(os.DevNull)
		if err != nil {
			return 0, err
		}
		defer null.Close()
		stdin = null
	}
	if err := dropThreadPrivileges(instance.User); err != nil {
		return 0, err
	}
	arguments := instance.program()
	path, err := findProgram(arguments[0], instance.Directory, environment)
	if err != nil {
		return 0, err
	}
	return syscall.ForkExec(path, arguments, &syscall.ProcAttr{
		Dir:   instance.Directory,
		Env:   environment,
		Files: []uintptr{stdin.Fd(), output.stdout.Fd(), output.stderr.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true, Setctty: output.isTerminal, Credential: credential(instance.User)},
	})
}

// program is what is run, with its arguments: that of the instance as it is, or
// the shell with the command.
func (i Instance) program() []string {
	if len(i.Program) > 0 {
		return i.Program
	}
	return []string{shell, "--noprofile", "--norc", "-c", launchScript, shell, i.Command}
}

// findProgram looks a name without a slash up in the PATH of the app, whose
// relative folders begin where the program starts.
func findProgram(name, directory string, environment []string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	for _, folder := range filepath.SplitList(lookup(environment, "PATH")) {
		path := filepath.Join(folder, name)
		if !filepath.IsAbs(path) {
			path = filepath.Join(directory, path)
		}
		if found, err := os.Stat(path); err == nil && found.Mode().IsRegular() && found.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("no folder of PATH holds it: %w", os.ErrNotExist)
}

func lookup(environment []string, name string) string {
	for _, record := range environment {
		if value, found := strings.CutPrefix(record, name+"="); found {
			return value
		}
	}
	return ""
}

func credential(user *User) *syscall.Credential {
	if user == nil {
		return nil
	}
	return &syscall.Credential{Uid: user.UID, Gid: user.GID, Groups: []uint32{}}
}

func asUser(user *User) string {
	if user == nil {
		return ""
	}
	return fmt.Sprintf(" as %d:%d", user.UID, user.GID)
}
