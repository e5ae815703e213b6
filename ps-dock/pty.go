package main

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

const (
	ioctlUnlockSlave = 0x40045431 // TIOCSPTLCK
	ioctlOpenSlave   = 0x5441     // TIOCGPTPEER
)

// openPTY returns both ends of a new pseudo terminal. The slave comes by its
// master and not by a path, so that it is this one whatever is mounted on /dev/pts.
func openPTY(rows, columns uint16) (master, slave *os.File, err error) {
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	var unlock int32
	if _, err = ioctl(master, ioctlUnlockSlave, uintptr(unsafe.Pointer(&unlock))); err != nil {
		master.Close()
		return nil, nil, fmt.Errorf("cannot unlock the terminal: %w", err)
	}
	descriptor, err := ioctl(master, ioctlOpenSlave, syscall.O_RDWR|syscall.O_NOCTTY|syscall.O_CLOEXEC)
	if err != nil {
		master.Close()
		return nil, nil, fmt.Errorf("cannot open the terminal: %w", err)
	}
	resize(master, rows, columns)
	return master, os.NewFile(descriptor, "terminal"), nil
}

// resize tells the foreground process group by SIGWINCH.
func resize(master *os.File, rows, columns uint16) {
	size := [4]uint16{rows, columns}
	_, _ = ioctl(master, syscall.TIOCSWINSZ, uintptr(unsafe.Pointer(&size)))
}

// isCanonical tells whether whoever reads the terminal gets it line by line.
func isCanonical(master *os.File) bool {
	var attributes syscall.Termios
	_, err := ioctl(master, syscall.TCGETS, uintptr(unsafe.Pointer(&attributes)))
	return err == nil && attributes.Lflag&syscall.ICANON != 0
}

// ioctl leaves the file as it is; Fd would make it a blocking one.
func ioctl(file *os.File, request, argument uintptr) (result uintptr, err error) {
	connection, err := file.SyscallConn()
	if err != nil {
		return 0, err
	}
	var errno syscall.Errno
	err = connection.Control(func(descriptor uintptr) {
		result, _, errno = syscall.Syscall(syscall.SYS_IOCTL, descriptor, request, argument)
	})
	if err == nil && errno != 0 {
		err = errno
	}
	return result, err
}
