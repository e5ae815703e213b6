package main

import (
	"os"
	"strconv"
	"syscall"
)

const (
	sysCloseRange     = 436 // the same number on every architecture
	closeRangeCloexec = 4
	firstInherited    = 3
)

// closeInheritedOnExec keeps what this process was started with, stdin, stdout
// and stderr apart, from the command.
func closeInheritedOnExec() error {
	_, _, errno := syscall.RawSyscall(sysCloseRange, firstInherited, uintptr(^uint32(0)), closeRangeCloexec)
	if errno == 0 {
		return nil
	}
	return closeListedOnExec() // a kernel before 5.11
}

func closeListedOnExec() error {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if descriptor, err := strconv.Atoi(entry.Name()); err == nil && descriptor >= firstInherited {
			syscall.CloseOnExec(descriptor)
		}
	}
	return nil
}
