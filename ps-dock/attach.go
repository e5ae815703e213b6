package main

import (
	"bytes"
	wire "encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Attach says that the command is a one-off session, with somebody at its
// terminal. README.md documents the fields.
type Attach struct {
	Address         string `json:"address"`
	ServerName      string `json:"serverName"`
	Secret          string `json:"secret"`
	TTY             bool   `json:"tty"`
	Rows            uint16 `json:"rows"`
	Columns         uint16 `json:"columns"`
	Framed          bool   `json:"framed"`
	ReattachSeconds int    `json:"reattachSeconds"`
	IdleSeconds     int    `json:"idleSeconds"`
	LastsSeconds    int    `json:"lastsSeconds"`

	caFile string
}

const (
	pingEvery      = 15 * time.Second
	clientSilence  = 45 * time.Second // of a client that pings
	inputEndWait   = 300 * time.Millisecond
	afterHalfClose = 2 * time.Second
	ackEveryBytes  = 64 << 10
	rawPieceBytes  = 15 << 10 // with what is held back: one TLS record
	framedBytes    = 32 << 10
	lastWordsWait  = 30 * time.Second
	closeWait      = 3 * time.Second
	endOfInput     = 0x04
)

func (a Attach) check() error {
	switch {
	case a.Address == "" || a.Secret == "":
		return errors.New("attach needs an address and a secret")
	case a.ReattachSeconds < 0 || a.ReattachSeconds > 9999 || a.IdleSeconds < 0 || a.LastsSeconds < 0:
		return errors.New("the seconds of attach are not in their bounds")
	}
	return nil
}

// Session joins the command's terminal with whoever is at the other end of the
// rendezvous. hangUps tells the supervisor once that nobody will come any more.
type Session struct {
	attach   Attach
	terminal *Terminal
	outbox   *Outbox
	hangUps  chan string
	signals  chan syscall.Signal

	hungUp    sync.Once
	startedAt time.Time
	lastMs    atomic.Int64 // when anything was last said
	received  uint64       // bytes of the client's counted frames
	copied    sync.WaitGroup
	isOver    chan struct{}
	current   atomic.Pointer[Connection]
	beforeEnd byte // the byte before a raw end of input
}

// openSession returns when the rendezvous has taken the secret: nothing runs for nobody.
func openSession(attach Attach, caFile string, user *User) (*Session, error) {
	attach.caFile = caFile
	session := &Session{
		attach: attach, outbox: newOutbox(attach.ReattachSeconds > 0), startedAt: time.Now(),
		hangUps: make(chan string, 1), signals: make(chan syscall.Signal, 8), isOver: make(chan struct{}),
	}
	connection, err := session.attach.meet(time.Now().Add(dialFor))
	if err != nil {
		return nil, err
	}
	if session.terminal, err = openTerminal(attach, user); err != nil {
		connection.Close()
		return nil, err
	}
	session.said()
	session.current.Store(connection)
	return session, nil
}

// follow is called once the command has its copies of the terminal.
func (s *Session) follow() {
	go s.terminal.follow()
	for _, output := range s.terminal.outputs {
		s.copied.Add(1)
		go func() {
			defer s.copied.Done()
			s.copyOutput(output)
		}()
	}
	go s.serve(s.current.Load())
	go s.watchTime()
}

// serve talks to one client after the other until nobody comes any more.
func (s *Session) serve(connection *Connection) {
	alone := time.Now()
	for {
		s.current.Store(connection)
		err := s.talk(connection, &alone)
		if s.isFinished() {
			return // the last words are on their way
		}
		s.outbox.hangUp()
		connection.Close()
		patience := time.Duration(s.attach.ReattachSeconds) * time.Second
		if patience == 0 || time.Since(alone) >= patience {
			s.giveUp(fmt.Sprintf("the client has gone: %v", err))
			return
		}
		if connection, err = s.attach.meetAgain(alone.Add(patience)); err != nil {
			s.giveUp(err.Error())
			return
		}
	}
}

// giveUp tells the supervisor, for the first reason there is, that the session is
// over, and that nobody is there who would hear of it.
func (s *Session) giveUp(reason string) {
	s.outbox.abandon()
	s.hangUp(reason)
}

// hangUp is giveUp with somebody there: what is said until the end goes out.
func (s *Session) hangUp(reason string) {
	s.hungUp.Do(func() {
		s.terminal.endInput()
		s.hangUps <- reason
	})
}

// tell says something of ps-dock's own, where it is no part of what the command
// says: a client of bare bytes takes it at a terminal only. It does not wait.
func (s *Session) tell(text string) {
	isTerminal := s.terminal.master != nil
	if isTerminal {
		text = "\r\n" + text + "\r"
	}
	switch text += "\n"; {
	case s.attach.Framed:
		s.outbox.addAnyway(encodeFrame(frameError, []byte(text)))
	case isTerminal:
		s.outbox.addAnyway([]byte(text))
	}
}

func (s *Session) talk(connection *Connection, alone *time.Time) error {
	if !s.attach.Framed {
		_, number := s.outbox.resume(0)
		go s.send(connection, number, &sync.Mutex{})
		return s.readRaw(connection)
	}
	defer func() { *alone = time.Now() }()
	if s.attach.ReattachSeconds > 0 {
		connection.SetReadDeadline(alone.Add(time.Duration(s.attach.ReattachSeconds) * time.Second))
	}
	return s.readFrames(connection)
}

// send writes what there is for this connection, piece by piece.
func (s *Session) send(connection *Connection, number int, writing *sync.Mutex) {
	for {
		piece, isThere := s.outbox.take(number)
		if !isThere {
			return
		}
		writing.Lock()
		_, err := connection.Write(piece)
		writing.Unlock()
		if err != nil {
			return
		}
		s.said()
		s.outbox.wrote()
	}
}

func (s *Session) readFrames(connection *Connection) error {
	var writing sync.Mutex
	tell := func(kind byte, parts ...[]byte) {
		writing.Lock()
		defer writing.Unlock()
		_, _ = connection.Write(encodeFrame(kind, parts...))
	}
	ended := make(chan struct{})
	defer close(ended)
	isGreeted, untold := false, 0
	for {
		kind, content, err := receiveFrame(connection)
		switch {
		case err != nil:
			return err
		case !isGreeted && kind != frameHello:
			return errBadFrame
		case kind == frameHello && !isGreeted && len(content) == 8:
			isGreeted = true
			next, number := s.outbox.resume(wire.BigEndian.Uint64(content))
			tell(frameHello, number64(s.received), number64(next))
			go s.send(connection, number, &writing)
			go ping(ended, tell)
		case kind == frameAck && len(content) == 8:
			s.outbox.acknowledge(wire.BigEndian.Uint64(content))
		case kind == framePing:
		default:
			s.said()
			if err := s.takeFrame(kind, content); err != nil {
				return err
			}
			size := frameHeadBytes + len(content)
			s.received += uint64(size)
			if untold += size; untold >= ackEveryBytes {
				untold = 0
				tell(frameAck, number64(s.received))
			}
		}
		connection.SetReadDeadline(time.Now().Add(clientSilence))
	}
}

func (s *Session) takeFrame(kind byte, content []byte) error {
	switch {
	case kind == frameInput:
		return s.feed(content)
	case kind == frameEnd:
		s.endInput()
	case kind == frameWindow && len(content) == 4:
		if master := s.terminal.master; master != nil {
			resize(master, wire.BigEndian.Uint16(content), wire.BigEndian.Uint16(content[2:]))
		}
	case kind == frameSignal && len(content) == 1:
		select {
		case s.signals <- syscall.Signal(content[0]):
		default:
		}
	default:
		return errBadFrame
	}
	return nil
}

func ping(ended chan struct{}, tell func(byte, ...[]byte)) {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ended:
			return
		case <-ticker.C:
			tell(framePing)
		}
	}
}

// feed gives the command its input; what comes after its end is dropped.
func (s *Session) feed(content []byte) (err error) {
	defer func() {
		if recover() != nil {
			err = nil // the input was ended
		}
	}()
	select {
	case s.terminal.inputs <- content:
	case <-s.isOver:
		return io.EOF
	}
	return nil
}

// endInput ends the input: a terminal is told by its own character, twice when
// a line is begun, for then the first one only hands over the line.
func (s *Session) endInput() {
	if s.terminal.master == nil {
		s.terminal.endInput()
		return
	}
	_ = s.feed([]byte{endOfInput, endOfInput})
}

// readRaw reads what Heroku's clients say. There are no frames in it: the last
// byte of an input that ended is 0x04, and there is no byte after it.
func (s *Session) readRaw(connection *Connection) error {
	buffer := make([]byte, framedBytes)
	isHeld := false
	for {
		if isHeld {
			connection.SetReadDeadline(time.Now().Add(inputEndWait))
		}
		count, err := connection.Read(buffer)
		if timeout, isTimeout := err.(net.Error); isHeld && isTimeout && timeout.Timeout() {
			s.terminal.endInput()
			isHeld = false
			connection.SetReadDeadline(time.Time{})
			continue
		}
		content := bytes.Clone(buffer[:count])
		if isHeld && count > 0 {
			content = append([]byte{endOfInput}, content...)
			isHeld = false
			connection.SetReadDeadline(time.Time{})
		}
		if s.terminal.master == nil && bytes.HasSuffix(content, []byte{endOfInput}) {
			isHeld = true
			content = content[:len(content)-1]
		}
		if len(content) > 0 {
			s.said()
			if err := s.feed(s.withEnd(content)); err != nil {
				return err
			}
		}
		if err != nil {
			return s.halfClosed(err)
		}
	}
}

// halfClosed gives a command that reads pipes a moment to answer a client that
// has said all; one at a terminal has nobody any more.
func (s *Session) halfClosed(err error) error {
	if err == io.EOF && s.terminal.master == nil {
		s.terminal.endInput()
		select {
		case <-s.isOver:
		case <-time.After(afterHalfClose):
		}
	}
	return err
}

// withEnd doubles an end of input behind a line that is only begun.
func (s *Session) withEnd(content []byte) []byte {
	before := s.beforeEnd
	if len(content) > 1 {
		before = content[len(content)-2]
	}
	last := content[len(content)-1]
	s.beforeEnd = last
	if last == endOfInput && before != 0 && before != '\n' && before != '\r' && before != endOfInput && isCanonical(s.terminal.master) {
		return append(content, endOfInput)
	}
	return content
}

func (s *Session) copyOutput(output markedFile) {
	if !s.attach.Framed {
		s.copyRaw(output)
		return
	}
	buffer := make([]byte, framedBytes)
	for {
		count, err := output.file.Read(buffer)
		if count > 0 {
			s.outbox.add(encodeFrame(output.mark, buffer[:count]))
		}
		if err != nil {
			return
		}
	}
}

// Heroku's client looks for a line that begins with these bytes within one piece.
var exitMark = []byte{0xef, 0xbf, 0xbf}

func (s *Session) copyRaw(output markedFile) {
	buffer := make([]byte, rawPieceBytes)
	var held []byte
	for {
		count, err := output.file.Read(buffer)
		piece := append(held, buffer[:count]...)
		cut := len(piece)
		if err == nil {
			cut = beginOfMark(piece)
		}
		held = bytes.Clone(piece[cut:])
		if cut > 0 {
			s.outbox.add(bytes.Clone(piece[:cut]))
		}
		if err != nil {
			return
		}
	}
}

// beginOfMark is where a line that begins with the mark, or what may become one,
// is not ended yet; the length of the piece when there is none.
func beginOfMark(piece []byte) int {
	at := bytes.LastIndex(piece, exitMark)
	if at >= 0 && bytes.IndexByte(piece[at:], '\n') < 0 && len(piece)-at < 256 {
		return at
	}
	for length := 2; length > 0; length-- {
		if bytes.HasSuffix(piece, exitMark[:length]) {
			return len(piece) - length
		}
	}
	return len(piece)
}

// patience is how long the last words may wait for somebody to take them.
func (s *Session) patience() time.Duration {
	return max(lastWordsWait, time.Duration(s.attach.ReattachSeconds)*time.Second)
}

func (s *Session) said() { s.lastMs.Store(time.Now().UnixMilli()) }

func (s *Session) isFinished() bool {
	select {
	case <-s.isOver:
		return true
	default:
		return false
	}
}

// watchTime ends a session of which nothing is heard, or that lasts too long.
func (s *Session) watchTime() {
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-s.isOver:
			return
		case <-ticker.C:
			silent := time.Since(time.UnixMilli(s.lastMs.Load()))
			if idle := time.Duration(s.attach.IdleSeconds) * time.Second; idle > 0 && silent >= idle {
				s.hangUp(fmt.Sprintf("nothing was said for %v", idle))
			}
			if lasts := time.Duration(s.attach.LastsSeconds) * time.Second; lasts > 0 && time.Since(s.startedAt) >= lasts {
				s.hangUp(fmt.Sprintf("it lasted %v", lasts))
			}
		}
	}
}

// finish is called when the command has ended and everything it left behind has
// gone: what it said last goes out, then its exit code. A client that is away is
// waited for as long as its session may be taken up again.
func (s *Session) finish(exitCode int, patience time.Duration, interrupted <-chan struct{}) {
	for _, output := range s.terminal.outputs {
		output.file.SetReadDeadline(time.Now().Add(outputDeadline))
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		s.copied.Wait()
		if s.attach.Framed {
			s.outbox.add(encodeFrame(frameExit, wire.BigEndian.AppendUint32(nil, uint32(exitCode))))
		}
		s.outbox.complete()
		s.outbox.awaitEmpty()
	}()
	select {
	case <-gone:
	case <-interrupted:
	case <-time.After(patience):
	}
	close(s.isOver)
	s.outbox.abandon()
	s.hangUpPolitely()
}

// hangUpPolitely lets the other side read to the end: a connection that is
// closed with something unread takes its last words along.
func (s *Session) hangUpPolitely() {
	connection := s.current.Load()
	defer time.AfterFunc(closeWait, func() { connection.Close() }).Stop()
	connection.SetWriteDeadline(time.Now().Add(closeWait))
	if connection.CloseWrite() == nil {
		_, _ = io.Copy(io.Discard, connection.Conn)
	}
	connection.Close()
}
