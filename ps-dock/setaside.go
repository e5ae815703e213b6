package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// LOG.20260101T000000.000000Z: when it was rotated, so that the order of names is
// that of lines. No other file ever gets the name, which the archive goes by.
const asideLayout = "20060102T150405.000000Z"

// setAside leaves the rotated file to whoever archives it, and makes room for
// it: the oldest that nobody has come for go when all take more than the budget.
func (l *LogFile) setAside() error {
	waiting, err := l.waiting()
	if err != nil {
		return err
	}
	at := time.Now().UTC()
	if len(waiting) > 0 {
		// A clock that was set back.
		if last := waiting[len(waiting)-1].at; !at.After(last.Add(time.Microsecond)) {
			at = last.Add(time.Microsecond)
		}
	}
	if err := os.Rename(l.path, l.path+"."+at.Format(asideLayout)); err != nil {
		return err
	}
	l.makeRoom(waiting)
	return nil
}

type asideFile struct {
	path  string
	at    time.Time
	bytes int64
}

// waiting lists the files that were set aside, oldest first.
func (l *LogFile) waiting() ([]asideFile, error) {
	folder, name := filepath.Split(l.path)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var files []asideFile
	for _, entry := range entries {
		stamp, isOwn := strings.CutPrefix(entry.Name(), name+".")
		at, err := time.Parse(asideLayout, stamp)
		if !isOwn || err != nil {
			continue
		}
		// One that went meanwhile is archived.
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			files = append(files, asideFile{folder + entry.Name(), at, info.Size()})
		}
	}
	return files, nil
}

func (l *LogFile) makeRoom(waiting []asideFile) {
	takenBytes := l.sizeBytes
	for _, file := range waiting {
		takenBytes += file.bytes
	}
	removed := 0
	for _, file := range waiting {
		if takenBytes <= l.budgetBytes {
			break
		}
		err := os.Remove(file.path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			break
		}
		takenBytes -= file.bytes
		if err == nil {
			removed++
		}
	}
	if removed > 0 {
		words := fmt.Appendf(nil, "%d old log files removed before they were archived", removed)
		l.pending = appendRecord(l.pending, l.stamp, markRemark, words)
	}
}
