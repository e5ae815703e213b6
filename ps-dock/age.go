package main

import (
	"os"
	"time"
)

// How often a log that nothing is written to is looked at for its age.
const (
	ageLookShortest = 100 * time.Millisecond
	ageLookLongest  = time.Minute
)

func ageLookEvery(maxAge time.Duration) time.Duration {
	return min(max(maxAge/10, ageLookShortest), ageLookLongest)
}

// rotateIfOld also has a log rotated that nothing is written to any more.
func (l *LogFile) rotateIfOld() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.follow() != nil || !l.isOld() {
		return
	}
	l.setStamp(time.Now())
	l.rotateIf(l.isOld)
	l.flush()
}

// isOld counts from the first record of the file, whoever wrote it.
func (l *LogFile) isOld() bool {
	return l.maxAge > 0 && l.sizeBytes > 0 && !l.begunAt.IsZero() && time.Since(l.begunAt) >= l.maxAge
}

// firstStamp is the time of the first record, zero where there is none.
func firstStamp(file *os.File) time.Time {
	stamp := make([]byte, len(stampLayout))
	if _, err := file.ReadAt(stamp, 0); err != nil {
		return time.Time{}
	}
	begunAt, err := time.Parse(stampLayout, string(stamp))
	if err != nil {
		return time.Time{}
	}
	return begunAt
}
