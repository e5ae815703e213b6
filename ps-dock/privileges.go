package main

import (
	"fmt"
	"syscall"
	"unsafe"
)

const (
	prSetChildSubreaper = 36
	prSetNoNewPrivs     = 38
	prCapbsetDrop       = 24
	capabilityVersion3  = 0x20080522
)

func prctl(option, argument uintptr) error {
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, option, argument, 0, 0, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

func becomeSubreaper() error { return prctl(prSetChildSubreaper, 1) }

// dropThreadPrivileges gives up, for the calling thread and what it forks, the
// ways back to privilege: set-user-ID programs, and for a process that gets a
// user of its own the bounding and inheritable capabilities too. The permitted,
// effective and ambient ones go when the user changes.
func dropThreadPrivileges(user *User) error {
	if err := prctl(prSetNoNewPrivs, 1); err != nil {
		return fmt.Errorf("no_new_privs: %w", err)
	}
	if user == nil {
		return nil
	}
	if err := dropBoundingSet(); err != nil {
		return fmt.Errorf("bounding set: %w", err)
	}
	if err := clearInheritable(); err != nil {
		return fmt.Errorf("inheritable set: %w", err)
	}
	return nil
}

// The first number the kernel does not know ends the list.
func dropBoundingSet() error {
	for capability := uintptr(0); capability < 64; capability++ {
		err := prctl(prCapbsetDrop, capability)
		if err == syscall.EINVAL {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func clearInheritable() error {
	header := struct {
		version uint32
		pid     int32
	}{version: capabilityVersion3}
	var sets [2]struct{ effective, permitted, inheritable uint32 }
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CAPGET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&sets)), 0); errno != 0 {
		return errno
	}
	sets[0].inheritable, sets[1].inheritable = 0, 0
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&sets)), 0); errno != 0 {
		return errno
	}
	return nil
}
