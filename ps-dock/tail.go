package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"syscall"
	"time"
)

const (
	tailLookEvery  = 200 * time.Millisecond
	tailRotateWait = 2 * time.Second // Nginx still writes to a file that was renamed, until it is told
)

// Tail follows a file that somebody writes lines to and rotates by renaming.
// It begins at the end of the file that is there, and at the beginning of each
// that comes after it.
type Tail struct {
	path      string
	file      *os.File
	identity  fileIdentity
	buffer    [2 * maxLineBytes]byte
	usedBytes int
	isTooLong bool // the line that is being read
	quietFrom time.Time
}

// follow calls take for every line, without its line feed, and flush after those
// that were read together.
func (t *Tail) follow(over context.Context, take func(line []byte), flush func()) {
	t.open(io.SeekEnd)
	for pauseFor(tailLookEvery, over) {
		if t.read(take) {
			flush()
			t.quietFrom = time.Now()
			continue
		}
		if t.isRotated() && time.Since(t.quietFrom) >= tailRotateWait {
			t.open(io.SeekStart)
		}
	}
}

func (t *Tail) open(from int) {
	file, err := os.Open(t.path)
	if err != nil {
		return
	}
	var status syscall.Stat_t
	if err := syscall.Fstat(int(file.Fd()), &status); err != nil {
		file.Close()
		return
	}
	if t.file != nil {
		t.file.Close()
	}
	_, _ = file.Seek(0, from)
	t.file, t.identity, t.usedBytes, t.isTooLong = file, identityOf(&status), 0, false
}

// isRotated also of a file that was not there yet, and of one that was cut.
func (t *Tail) isRotated() bool {
	var status syscall.Stat_t
	if syscall.Stat(t.path, &status) != nil {
		return false
	}
	if t.file == nil || identityOf(&status) != t.identity {
		return true
	}
	offset, err := t.file.Seek(0, io.SeekCurrent)
	return err == nil && status.Size < offset
}

// read takes what there is, and reports whether there was anything.
func (t *Tail) read(take func(line []byte)) (isAny bool) {
	for t.file != nil {
		readBytes, _ := t.file.Read(t.buffer[t.usedBytes:])
		if readBytes == 0 {
			return isAny
		}
		isAny = true
		t.usedBytes += readBytes
		t.takeLines(take)
	}
	return isAny
}

func (t *Tail) takeLines(take func(line []byte)) {
	rest := t.buffer[:t.usedBytes]
	for {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			break
		}
		if !t.isTooLong {
			take(rest[:end])
		}
		t.isTooLong = false
		rest = rest[end+1:]
	}
	if len(rest) == len(t.buffer) {
		t.isTooLong, rest = true, nil
	}
	t.usedBytes = copy(t.buffer[:], rest)
}
