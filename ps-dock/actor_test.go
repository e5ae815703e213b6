package main

// What the stories need and no shell can do, played by the test program itself.

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"
	"unsafe"
)

func act(verb string, arguments []string) {
	switch verb {
	case "contain":
		contain(arguments)
	case "listen":
		listen(arguments[0], arguments[1])
	case "deaf":
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("deaf")
		time.Sleep(time.Minute)
	case "long-lines":
		os.Stdout.Write(longLines(65536, 65537, 200000))
	default:
		fail(fmt.Errorf("no actor %q", verb))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// contain makes the namespaces it was started in fit for an init, and becomes it.
func contain(command []string) {
	fail(syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""))
	fail(syscall.Mount("proc", "/proc", "proc", 0, ""))
	fail(loopbackUp())
	fail(syscall.Exec(command[0], command, os.Environ()))
}

func loopbackUp() error {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	request := struct {
		name  [16]byte
		flags uint16
		rest  [22]byte
	}{flags: syscall.IFF_UP}
	copy(request.name[:], "lo")
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(socket), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request))); errno != 0 {
		return errno
	}
	return nil
}

// listen binds the address, says when, and stays.
func listen(network, address string) {
	_, err := net.Listen(network, address)
	fail(err)
	fmt.Println("bound", time.Now().UnixMicro())
	time.Sleep(time.Minute)
}

// Lines of the given lengths, of bytes that show where a line was cut.
func longLines(lengths ...int) []byte {
	var lines bytes.Buffer
	for _, length := range lengths {
		for number := range length {
			lines.WriteByte(byte('a' + number*7%26))
		}
		lines.WriteByte('\n')
	}
	return lines.Bytes()
}
