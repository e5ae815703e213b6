package main

import (
	"fmt"
	"os"
	"runtime"
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
		return 0, fmt.Errorf("cannot start %s in %s%s: %w", shell, instance.Directory, asUser(instance.User), process.err)
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
	arguments := []string{shell, "--noprofile", "--norc", "-c", launchScript, shell, instance.Command}
	return syscall.ForkExec(shell, arguments, &syscall.ProcAttr{
		Dir:   instance.Directory,
		Env:   environment,
		Files: []uintptr{stdin.Fd(), output.stdout.Fd(), output.stderr.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true, Setctty: output.isTerminal, Credential: credential(instance.User)},
	})
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
