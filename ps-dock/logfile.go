package main

import (
	"bytes"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"
)

const (
	markLine      = '|' // a line of the app
	markContinued = '+' // goes on with the line before it
	markRemark    = '*' // ps-dock's own words, which no app can forge

	stampLayout   = "2006-01-02T15:04:05.000000Z"
	flushAtBytes  = 64 << 10
	logPermission = 0o640
)

// LogFile is the rotated log of one instance. It neither blocks nor fails the
// app: what cannot be written is counted, and the count is the first thing
// written once writing works again.
//
// Two instances of one name (the old and the new release of web.1, while a
// deploy lasts) may share it: every write appends whole records, and a flush
// holds a shared lock, so that nobody rotates the file under it. Who rotates
// holds the file alone: nothing is ever written to one that was rotated.
type LogFile struct {
	mutex    sync.Mutex
	path     string
	instance string
	maxBytes int64
	maxAge   time.Duration // zero: however old
	keep     int
	// Above zero, rotated files wait to be archived, and this is how much of them.
	budgetBytes int64

	file          *os.File
	identity      fileIdentity
	sizeBytes     int64
	begunAt       time.Time // when its first record was written
	rotateAtBytes int64

	stamp     []byte // time and instance, the head of each record
	pending   []byte // whole records
	lostCount int
	lostTo    error
}

type fileIdentity struct{ device, inode uint64 }

func newLogFile(instance Instance) *LogFile {
	return &LogFile{
		path: instance.LogFile, instance: instance.Name,
		maxBytes: instance.LogMaxBytes, maxAge: instance.logMaxAge(), keep: instance.LogKeep,
		budgetBytes:   instance.LogBudgetBytes,
		rotateAtBytes: instance.LogMaxBytes,
	}
}

// batch has the given function add records of one time and writes them together.
func (l *LogFile) batch(at time.Time, addRecords func()) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.setStamp(at)
	if l.maxAge > 0 && l.file == nil {
		_ = l.follow() // flush tells
	}
	l.rotateIf(l.isOld)
	addRecords()
	l.flush()
}

func (l *LogFile) setStamp(at time.Time) {
	l.stamp = at.UTC().AppendFormat(l.stamp[:0], stampLayout)
	l.stamp = append(append(append(l.stamp, ' '), l.instance...), ' ')
}

func (l *LogFile) remark(format string, values ...any) {
	l.batch(time.Now(), func() { l.add(markRemark, fmt.Appendf(nil, format, values...)) })
}

// close makes a last attempt to say what was lost.
func (l *LogFile) close() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.lostCount == 0 {
		return
	}
	defer l.release()
	if l.hold() != nil || !l.announceLoss() {
		fmt.Fprintf(os.Stderr, "ps-dock: %d lines lost: %v\n", l.lostCount, l.lostTo)
	}
}

// add takes a text without a line feed, within batch only.
func (l *LogFile) add(mark byte, text []byte) {
	recordBytes := len(l.stamp) + len(text) + 3
	if l.isFullFor(recordBytes) {
		l.flush()
		l.rotateIf(func() bool { return l.isFullFor(recordBytes) })
	} else if len(l.pending) >= flushAtBytes {
		l.flush()
	}
	l.pending = appendRecord(l.pending, l.stamp, mark, text)
}

func appendRecord(to, stamp []byte, mark byte, text []byte) []byte {
	to = append(append(to, stamp...), mark, ' ')
	return append(append(to, text...), '\n')
}

func (l *LogFile) flush() {
	if len(l.pending) == 0 {
		return
	}
	defer func() { l.pending = l.pending[:0] }()
	defer l.release()
	if err := l.hold(); err != nil {
		l.lose(l.pending, err)
		return
	}
	if l.lostCount == 0 || l.announceLoss() {
		l.write(l.pending)
	} else {
		l.lose(l.pending, l.lostTo)
	}
}

func (l *LogFile) announceLoss() bool {
	count := l.lostCount
	words := fmt.Appendf(nil, "%d lines lost: %v", count, l.lostTo)
	if !l.write(appendRecord(nil, l.stamp, markRemark, words)) {
		l.lostCount = count // the announcement itself is no line of the app
		return false
	}
	l.lostCount = 0
	return true
}

// write leaves no part of a record behind when the disk is full.
func (l *LogFile) write(records []byte) bool {
	writtenBytes, err := l.file.Write(records)
	wholeBytes := writtenBytes
	if err != nil {
		wholeBytes = bytes.LastIndexByte(records[:writtenBytes], '\n') + 1
		l.takeBack(writtenBytes - wholeBytes)
		l.lose(records[wholeBytes:], err)
	}
	l.sizeBytes += int64(wholeBytes)
	if l.begunAt.IsZero() {
		l.begunAt = time.Now()
	}
	return err == nil
}

func (l *LogFile) takeBack(tornBytes int) {
	if tornBytes == 0 {
		return
	}
	if info, err := l.file.Stat(); err == nil {
		// Failing leaves a torn record, as does a second writer in between.
		_ = l.file.Truncate(info.Size() - int64(tornBytes))
	}
}

// lose counts lines of the app: ps-dock's own words are none.
func (l *LogFile) lose(records []byte, reason error) {
	for _, record := range bytes.SplitAfter(records, []byte{'\n'}) {
		if len(record) > len(l.stamp) && record[len(l.stamp)] != markRemark {
			l.lostCount++
		}
	}
	l.lostTo = reason
	if wrapped, isPath := reason.(*os.PathError); isPath {
		l.lostTo = wrapped.Err
	}
}

// follow opens the file at the path, unless it is the one that is open already,
// and takes its size.
func (l *LogFile) follow() error {
	var status syscall.Stat_t
	err := syscall.Lstat(l.path, &status)
	if l.file == nil || err != nil || identityOf(&status) != l.identity {
		return l.open()
	}
	l.sizeBytes = status.Size
	return nil
}

// open follows no symbolic link and waits for no FIFO that someone put there.
func (l *LogFile) open() error {
	if l.file != nil {
		l.file.Close()
		l.file = nil
	}
	flags := os.O_RDWR | os.O_APPEND | os.O_CREATE | syscall.O_NOFOLLOW | syscall.O_NONBLOCK
	file, err := os.OpenFile(l.path, flags, logPermission)
	if err != nil {
		return err
	}
	var status syscall.Stat_t
	if err := syscall.Fstat(int(file.Fd()), &status); err != nil || status.Mode&syscall.S_IFMT != syscall.S_IFREG {
		file.Close()
		return fmt.Errorf("%s is not a regular file", l.path)
	}
	l.file, l.identity, l.sizeBytes, l.rotateAtBytes = file, identityOf(&status), status.Size, l.maxBytes
	l.begunAt = firstStamp(file)
	return nil
}

func identityOf(status *syscall.Stat_t) fileIdentity {
	return fileIdentity{uint64(status.Dev), status.Ino}
}
