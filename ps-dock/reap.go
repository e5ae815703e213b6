package main

import "syscall"

// reap collects every child that has ended. It reports how the given one ended,
// nil if it is not among them, and whether any child is left: since orphans
// become children of ps-dock, none left means no process left.
func reap(pid int) (ending *Ending, isAnyLeft bool) {
	for {
		var status syscall.WaitStatus
		reaped, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return ending, false
		case reaped == 0:
			return ending, true
		case reaped == pid:
			ending = endingOf(status)
		}
	}
}

// Ending is how the command came to its end.
type Ending struct {
	exitCode int // 128+n for signal n
	signal   string
}

func endingOf(status syscall.WaitStatus) *Ending {
	if status.Signaled() {
		return &Ending{exitCode: 128 + int(status.Signal()), signal: signalName(status.Signal())}
	}
	return &Ending{exitCode: status.ExitStatus()}
}
