package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// Shell is a program that runs commands, and what it is told beside -c to run
// nothing else first.
type Shell struct {
	path    string
	options []string
}

// Images that are no base image of the platform's may have the second one only, or none.
var shells = []Shell{{"/bin/bash", []string{"--noprofile", "--norc"}}, {"/bin/sh", nil}}

var errNoShell = errors.New("there is no shell to run it: neither /bin/bash nor /bin/sh is there")

// launchScript gets the command as its argument and ends as it: a simple
// command leaves one process. The profile runs at the top level, since a
// `declare` in it would stay local to a function, and sees no argument.
const launchScript = `
__ps_dock_command=$1
set --
for __ps_dock_profile in "$HOME"/.profile.d/*.sh "$HOME"/.profile; do
  if [ -f "$__ps_dock_profile" ] && [ -r "$__ps_dock_profile" ]; then . "$__ps_dock_profile"; fi
done
exec %s -c "$__ps_dock_command"
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
		return 0, fmt.Errorf("cannot start %s in %s%s: %w", instance.what(), instance.Directory, asUser(instance.User), process.err)
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
	arguments, err := instance.program()
	if err != nil {
		return 0, err
	}
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
// a shell with the command.
func (i Instance) program() ([]string, error) {
	if len(i.Program) > 0 {
		return i.Program, nil
	}
	for _, shell := range shells {
		if isProgram(shell.path) {
			return shell.launch(i.Command), nil
		}
	}
	return nil, errNoShell
}

// what names it in a sentence.
func (i Instance) what() string {
	if len(i.Program) > 0 {
		return i.Program[0]
	}
	return "the command"
}

func (s Shell) launch(command string) []string {
	words := append([]string{s.path}, s.options...)
	script := fmt.Sprintf(launchScript, strings.Join(words, " "))
	return append(words, "-c", script, s.path, command)
}

func isProgram(path string) bool {
	found, err := os.Stat(path)
	return err == nil && found.Mode().IsRegular() && found.Mode()&0o111 != 0
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
		if isProgram(path) {
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
