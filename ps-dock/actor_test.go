package main

// What the stories need and no shell can do, played by the test program itself.

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
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
	case "zombies":
		zombies(50)
	case "write-lines":
		writeLines(arguments[0], arguments[1])
	case "huge-lines":
		os.Stdout.Write(longLines(hugeLines...))
	case "bytes":
		os.Stdout.Write(everyByte())
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

var hugeLines = []int{10 << 20, 10, 10<<20 + 1, 65536 * 3}

// everyByte ends with a line feed.
func everyByte() []byte {
	var all []byte
	for value := range 256 {
		all = append(all, byte(value), byte(255-value))
	}
	return append(all, "\x1b[2J\x1b]0;title\x07\x1b[31mred\x1b[0m\r50 %\r100 %\n"...)
}

// writeLines numbers the lines, as fast as one can.
func writeLines(count, text string) {
	total, err := strconv.Atoi(count)
	fail(err)
	out := bufio.NewWriterSize(os.Stdout, 64<<10)
	line := []byte("00000000 " + text + "\n")
	for range total {
		out.Write(line)
		for digit := 7; digit >= 0; digit-- {
			if line[digit]++; line[digit] <= '9' {
				break
			}
			line[digit] = '0'
		}
	}
	fail(out.Flush())
}

// zombies has children that ended and are not waited for.
func zombies(count int) {
	for range count {
		_, err := syscall.ForkExec("/bin/true", []string{"true"}, &syscall.ProcAttr{})
		fail(err)
	}
	time.Sleep(200 * time.Millisecond)
	fmt.Println(count, "zombies")
	time.Sleep(time.Minute)
}
