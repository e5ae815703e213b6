package main

import (
	"bytes"
	"fmt"
	"os"
	"sync"
	"time"
)

const maxLineBytes = 64 << 10

// outputFiles are the ends of the two pipes that the command writes to. A
// session's command has a stdin too, and perhaps a terminal for all three.
type outputFiles struct {
	stdin, stdout, stderr *os.File
	isTerminal            bool
}

// Output carries what the command writes into the log until both pipes are
// closed by all who hold them, or until its deadline.
type Output struct {
	written outputFiles
	read    [2]*os.File
	ended   chan struct{}
}

// openOutput gives the pipes to the command's user, without which it could not
// open /dev/stdout or /dev/stderr.
func openOutput(user *User) (*Output, error) {
	output := &Output{ended: make(chan struct{})}
	for number, written := range []**os.File{&output.written.stdout, &output.written.stderr} {
		readEnd, writeEnd, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		output.read[number], *written = readEnd, writeEnd
		if user == nil {
			continue
		}
		if err := writeEnd.Chown(int(user.UID), int(user.GID)); err != nil {
			return nil, fmt.Errorf("cannot hand over the output pipe: %w", err)
		}
	}
	return output, nil
}

// follow is called once the command has its copies of the write ends.
func (o *Output) follow(log *LogFile, hub *Hub) {
	o.written.stdout.Close()
	o.written.stderr.Close()
	var streams sync.WaitGroup
	for _, readEnd := range o.read {
		streams.Add(1)
		go func() {
			defer streams.Done()
			newStream(readEnd, log, hub).copy()
		}()
	}
	go func() {
		streams.Wait()
		close(o.ended)
	}()
}

// finish waits until everything written is in the log, for as long as given:
// a process that outlives the command may hold a pipe open for ever.
func (o *Output) finish(deadline time.Duration) {
	for _, readEnd := range o.read {
		readEnd.SetReadDeadline(time.Now().Add(deadline))
	}
	<-o.ended
}

// Stream cuts one pipe into lines. The buffer holds the longest whole line and
// its line feed; a longer one is cut into pieces of maxLineBytes.
type Stream struct {
	source      *os.File
	log         *LogFile
	hub         *Hub
	readAt      time.Time
	buffer      [maxLineBytes + 1]byte
	usedBytes   int
	isContinued bool
}

func newStream(source *os.File, log *LogFile, hub *Hub) *Stream {
	return &Stream{source: source, log: log, hub: hub}
}

func (s *Stream) copy() {
	for {
		readBytes, err := s.source.Read(s.buffer[s.usedBytes:])
		s.usedBytes += readBytes
		s.readAt = time.Now()
		s.log.batch(s.readAt, s.addLines)
		if err != nil {
			s.log.batch(s.readAt, s.addRest)
		}
		s.hub.send()
		if err != nil {
			return
		}
	}
}

func (s *Stream) addLines() {
	rest := s.buffer[:s.usedBytes]
	for {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			break
		}
		s.add(kindLine, rest[:end])
		rest = rest[end+1:]
	}
	if len(rest) > maxLineBytes {
		s.add(kindPart, rest[:maxLineBytes])
		rest = rest[maxLineBytes:]
	}
	s.usedBytes = copy(s.buffer[:], rest)
}

func (s *Stream) addRest() {
	if s.usedBytes > 0 {
		s.add(kindLine, s.buffer[:s.usedBytes])
	}
}

// add marks in the log what goes on with the record before, and for the hub what
// the next one goes on with.
func (s *Stream) add(kind byte, text []byte) {
	mark := byte(markLine)
	if s.isContinued {
		mark = markContinued
	}
	s.isContinued = kind == kindPart
	s.log.add(mark, text)
	s.hub.add(kind, s.readAt, text)
}
