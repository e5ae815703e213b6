package main

import (
	"fmt"
	"os"
	"sync"
)

// Terminal is what a session's command has instead of /dev/null and the log: a
// PTY, or three pipes.
type Terminal struct {
	child   outputFiles
	master  *os.File // nil with pipes
	input   *os.File // what is written here the command reads
	outputs []markedFile
	inputs  chan []byte // for the command; closed when there is no more
	closing sync.Once
}

type markedFile struct {
	file *os.File
	mark byte
}

const queuedInputs = 64

func openTerminal(attach Attach, user *User) (*Terminal, error) {
	terminal := &Terminal{inputs: make(chan []byte, queuedInputs)}
	var err error
	if attach.TTY {
		err = terminal.openPTY(attach)
	} else {
		err = terminal.openPipes(attach.Framed)
	}
	if err != nil {
		return nil, err
	}
	return terminal, terminal.handOver(user)
}

func (t *Terminal) openPTY(attach Attach) error {
	master, slave, err := openPTY(attach.Rows, attach.Columns)
	if err != nil {
		return err
	}
	t.master, t.input = master, master
	t.child = outputFiles{stdin: slave, stdout: slave, stderr: slave, isTerminal: true}
	t.outputs = []markedFile{{master, frameOut}}
	return nil
}

// openPipes has one for stdout and stderr together when nothing could tell them apart.
func (t *Terminal) openPipes(isFramed bool) error {
	var read *os.File
	var err error
	if t.child.stdin, t.input, err = os.Pipe(); err != nil {
		return err
	}
	if read, t.child.stdout, err = os.Pipe(); err != nil {
		return err
	}
	t.outputs = []markedFile{{read, frameOut}}
	t.child.stderr = t.child.stdout
	if !isFramed {
		return nil
	}
	if read, t.child.stderr, err = os.Pipe(); err != nil {
		return err
	}
	t.outputs = append(t.outputs, markedFile{read, frameError})
	return nil
}

func (t *Terminal) childEnds() []*os.File {
	ends := []*os.File{t.child.stdin}
	for _, file := range []*os.File{t.child.stdout, t.child.stderr} {
		if file != ends[len(ends)-1] {
			ends = append(ends, file)
		}
	}
	return ends
}

// handOver gives the command's user its ends, which it could not open by name otherwise.
func (t *Terminal) handOver(user *User) error {
	if user == nil {
		return nil
	}
	for _, file := range t.childEnds() {
		if err := file.Chown(int(user.UID), int(user.GID)); err != nil {
			return fmt.Errorf("cannot hand over the terminal: %w", err)
		}
	}
	return nil
}

// follow is called once the command has its copies of its ends; it feeds the
// command until there is no more input or nobody reads it.
func (t *Terminal) follow() {
	for _, file := range t.childEnds() {
		file.Close()
	}
	isRead := true
	for bytes := range t.inputs {
		if isRead {
			_, err := t.input.Write(bytes)
			isRead = err == nil
		}
	}
	if t.master == nil {
		t.input.Close()
	}
}

// endInput is the end of stdin. A terminal has no such thing: it stays open.
func (t *Terminal) endInput() { t.closing.Do(func() { close(t.inputs) }) }
