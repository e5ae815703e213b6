package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// A record larger than the limit has a file for itself.
func (l *LogFile) isFullFor(recordBytes int) bool {
	heldBytes := l.sizeBytes + int64(len(l.pending))
	return l.maxBytes > 0 && heldBytes > 0 && heldBytes+int64(recordBytes) > l.rotateAtBytes
}

// rotateIf asks again, for the flush before it saw the true size of the file, or
// another file if someone else has rotated.
func (l *LogFile) rotateIf(isDue func() bool) {
	if l.file == nil || !isDue() {
		return
	}
	descriptor := int(l.file.Fd())
	if syscall.Flock(descriptor, syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return // someone else is rotating this very file
	}
	defer syscall.Flock(descriptor, syscall.LOCK_UN)
	if before := l.identity; l.follow() != nil || l.identity != before {
		return
	}
	if err := l.rotate(); err != nil {
		l.rotateAtBytes, l.begunAt = l.sizeBytes+l.maxBytes, time.Now()
		l.pending = appendRecord(l.pending, l.stamp, markRemark, fmt.Appendf(nil, "log not rotated: %v", err))
	}
}

// rotate makes LOG into LOG.1, LOG.1 into LOG.2 and so on; the oldest goes.
// Files that wait to be archived have names that stay theirs instead.
func (l *LogFile) rotate() error {
	if l.budgetBytes > 0 {
		return l.startAnew(l.setAside())
	}
	if l.keep == 0 {
		return l.startAnew(os.Remove(l.path))
	}
	for number := l.keep - 1; number >= 1; number-- {
		err := os.Rename(l.numbered(number), l.numbered(number+1))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return l.startAnew(os.Rename(l.path, l.numbered(1)))
}

func (l *LogFile) startAnew(err error) error {
	if err == nil {
		l.sizeBytes, l.begunAt = 0, time.Time{}
	}
	return err
}

func (l *LogFile) numbered(number int) string { return fmt.Sprintf("%s.%d", l.path, number) }
