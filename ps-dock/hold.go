package main

import (
	"errors"
	"syscall"
	"time"
)

// A rotation takes some renames. Whoever was stopped in the middle of one holds
// up nobody for longer than this.
const (
	holdAttempts = 50
	holdPause    = 2 * time.Millisecond
)

// hold has the file at the path open and, until release, keeps it from being
// rotated. Without locks (some file systems have none) it is open all the same.
func (l *LogFile) hold() error {
	for attempt := 1; ; attempt++ {
		if l.file == nil {
			if err := l.open(); err != nil {
				return err
			}
		}
		if errors.Is(l.lock(syscall.LOCK_SH), syscall.EWOULDBLOCK) && attempt < holdAttempts {
			time.Sleep(holdPause)
			continue
		}
		before := l.identity
		// Rotated by another one before it was locked: the next file has a lock of its own.
		if err := l.follow(); err != nil || l.identity == before || attempt >= holdAttempts {
			return err
		}
	}
}

func (l *LogFile) release() {
	if l.file != nil {
		_ = l.lock(syscall.LOCK_UN)
	}
}

func (l *LogFile) lock(how int) error {
	return syscall.Flock(int(l.file.Fd()), how|syscall.LOCK_NB)
}
