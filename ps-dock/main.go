// NAME
//
//	ps-dock - the first process of an app's container: starts the app and stands by it
//
// SYNOPSIS
//
//	ps-dock [--config PATH]
//	ps-dock --forward PATH
//
// DESCRIPTION
//
//	Reads the instance (PATH, by default /.dcdget/run/instance.json) and its
//	environment, starts the instance's command, and ends as the command ends.
//	Works as PID 1 of a container, and as any other process (then it adopts
//	its orphans as a subreaper).
//
//	The command runs in bash, or in /bin/sh where there is no bash, after
//	$HOME/.profile.d/*.sh and $HOME/.profile have been sourced, in a session and process group of its own, as the
//	instance's user, with no_new_privs, no capability (bounding set
//	included), no supplementary group, no inherited descriptor, umask 022,
//	/dev/null as stdin and nothing in its environment but the environment
//	file and defaults for PATH and HOME. Its stdout and stderr go, line by
//	line, into the log file; README.md has the format. The file is rotated by
//	size and by age. A slow disk holds up the command; a full one does not:
//	lines are dropped and counted.
//
//	Where the instance names a log hub, lines and changes of state are sent
//	there too, and where it names a hook, changes of state and samples of
//	memory, CPU and processes are posted there. Both are TLS, both may be away
//	or slow: the command, its log and its state file never wait for them, but
//	the end of ps-dock does, for a second at most.
//
//	The command of a one-off session has a terminal or pipes instead, and
//	somebody at the other end of the rendezvous; README.md has that protocol too.
//
//	With --forward it is no init but a unit of a router's server: it follows
//	Nginx's access log and sends the log hub one line for each request, as
//	described at PATH, until INT or TERM. Nginx knows nothing of it.
//
// SIGNALS
//
//	HUP INT QUIT USR1 USR2 ALRM TERM CONT WINCH TSTP TTIN TTOU are passed to
//	the process group of the command. PWR, by which LXC asks an init to halt,
//	is passed on as TERM. stopGraceMs after the first TERM everything that is
//	left is killed.
//
//	When the command ends, what it left behind gets TERM, and KILL at most one
//	second later. If it ends because it was told to stop, the rest of its
//	process group first has what remains of stopGraceMs, for the shell of
//	`a && b` dies at once of a TERM that b still handles.
//
// EXIT STATUS
//
//	The status of the command; 128+n when signal n ended it; 126 when it could
//	not be started; 78 when the configuration is wrong; 64 for bad arguments.
//
// FILES
//
//	Log file, state file and environment file, what the hub and the hook get:
//	README.md.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
)

const (
	exitUsage       = 64
	exitConfig      = 78
	exitNotStarted  = 126
	defaultInstance = "/.dcdget/run/instance.json"

	// There is little garbage, and one ps-dock beside every instance.
	gcPercent = 25
)

// The main goroutine keeps the main thread, so that the thread that gives up
// its privileges to start the command (process.go) is always another one.
func init() { runtime.LockOSThread() }

func main() { os.Exit(run(os.Args[1:])) }

func run(arguments []string) int {
	signals := receiveSignals()
	if len(arguments) == 2 && arguments[0] == "--forward" {
		return forward(arguments[1], signals)
	}
	path, err := instancePath(arguments)
	if err != nil {
		return refuse(exitUsage, err)
	}
	if err := settle(); err != nil {
		return refuse(exitNotStarted, err)
	}
	instance, err := readInstance(path)
	if err != nil {
		return refuse(exitConfig, err)
	}
	return newSupervisor(instance, signals).run()
}

func instancePath(arguments []string) (string, error) {
	switch {
	case len(arguments) == 0:
		return defaultInstance, nil
	case len(arguments) == 2 && arguments[0] == "--config":
		return arguments[1], nil
	}
	return "", fmt.Errorf("usage: ps-dock [--config PATH] | --forward PATH")
}

// settle makes this process a fit parent: it adopts orphans, and passes on
// neither its descriptors nor its umask.
func settle() error {
	runtime.GOMAXPROCS(2)
	debug.SetGCPercent(gcPercent)
	syscall.Umask(0o022)
	if err := becomeSubreaper(); err != nil {
		return fmt.Errorf("cannot adopt orphans: %w", err)
	}
	if err := closeInheritedOnExec(); err != nil {
		return fmt.Errorf("cannot close inherited descriptors: %w", err)
	}
	return nil
}

func refuse(status int, err error) int {
	fmt.Fprintf(os.Stderr, "ps-dock: %v\n", err)
	return status
}
