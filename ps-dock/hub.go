package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	hubAnswerLimit = 10 * time.Second
	hubWriteLimit  = 30 * time.Second // without a byte taken the connection is given up
	hubBatchBytes  = maxRecordInRing
	hubTellEvery   = time.Second // at most, in the log, of what was lost
)

// HubAddress is where lines go, and what says that they may.
type HubAddress struct {
	Address    string `json:"address"`
	ServerName string `json:"serverName"`
	Token      string `json:"token"`
}

const tooSlow = "it does not keep up"

// Sender says of itself, in the first frame, that it is the instance or the
// server of that name, in one of its runs.
type Sender struct{ kind, name, run string }

// Hub sends lines to the log hub. Nothing that adds a line ever waits for the
// network: what the hub does not take in time is dropped from a bounded ring and
// counted, and the numbers of the lines tell the hub how many are missing.
type Hub struct {
	address HubAddress
	caFile  string
	sender  Sender
	frames  Frames
	remark  func(format string, values ...any)

	mutex sync.Mutex
	ring  *Ring
	added chan struct{}

	life     Lifetime
	lostTold uint64
	isAway   atomic.Bool
}

// newHub begins to connect. remark is told, in words for the log file, what the
// hub did not get.
func newHub(address HubAddress, caFile string, sender Sender, frames Frames, remark func(string, ...any)) *Hub {
	h := &Hub{
		address: address, caFile: caFile, sender: sender, frames: frames, remark: remark,
		ring: newRing(), added: make(chan struct{}, 1), life: newLifetime(),
	}
	go h.run()
	return h
}

// add never blocks. The line is on its way with the next call of send.
func (h *Hub) add(kind byte, at time.Time, text []byte) {
	if h == nil {
		return
	}
	h.mutex.Lock()
	h.ring.add(kind, at.UnixMicro(), text)
	h.mutex.Unlock()
}

func (h *Hub) send() {
	if h == nil {
		return
	}
	select {
	case h.added <- struct{}{}:
	default:
	}
}

// close returns when the hub has everything, or when the time is over.
func (h *Hub) close() {
	if h != nil {
		h.life.close(partingTime(&h.isAway))
	}
}

func (h *Hub) run() {
	defer close(h.life.done)
	for pause := newBackOff(); ; {
		err := h.session(pause)
		if err == nil || h.life.over.Err() != nil {
			return
		}
		h.tellTrouble(err)
		if !pause.wait(h.life.ending, h.life.over) {
			return
		}
	}
}

// session returns nil when all is sent and the hub has taken it.
func (h *Hub) session(pause *BackOff) error {
	limited, cancel := context.WithTimeout(h.life.over, connectLimit)
	defer cancel()
	connection, err := connect(limited, h.address.Address, h.address.ServerName, h.caFile, nil)
	if err != nil {
		return err
	}
	defer connection.Close()
	defer context.AfterFunc(h.life.over, func() { connection.NetConn().Close() })()
	answers := bufio.NewReaderSize(connection, 512)
	has, err := h.greet(connection, answers)
	if err != nil {
		return err
	}
	pause.reset()
	h.isAway.Store(false)
	h.mutex.Lock()
	h.ring.rewind(has)
	h.mutex.Unlock()
	return h.pump(connection, answers)
}

// greet returns the number of the last line that the hub has.
func (h *Hub) greet(connection *tls.Conn, answers *bufio.Reader) (uint64, error) {
	connection.SetDeadline(time.Now().Add(hubAnswerLimit))
	defer connection.SetDeadline(time.Time{})
	if _, err := connection.Write(h.frames.hello(h.sender, h.address.Token)); err != nil {
		return 0, err
	}
	line, err := answers.ReadSlice('\n')
	if err != nil {
		return 0, fmt.Errorf("no answer: %w", err)
	}
	answer := strings.TrimSpace(string(line))
	if number, isGood := strings.CutPrefix(answer, "OK "); isGood {
		return strconv.ParseUint(number, 10, 64)
	}
	return 0, fmt.Errorf("it answers %q", answer)
}

// pump sends what comes until the connection breaks, or until all is sent and
// the hub, which was told that nothing follows, has closed its side.
func (h *Hub) pump(connection *tls.Conn, answers *bufio.Reader) error {
	closed := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, answers)
		closed <- err
	}()
	buffer, frames := make([]byte, hubBatchBytes), make([]byte, 0, 2*hubBatchBytes)
	var tellLoss <-chan time.Time
	defer h.tellLost(tooSlow)
	for {
		frames = h.takeFrames(buffer, frames[:0])
		if len(frames) > 0 {
			connection.SetWriteDeadline(time.Now().Add(hubWriteLimit))
			if _, err := connection.Write(frames); err != nil {
				return err
			}
			continue
		}
		if tellLoss == nil && h.untold() > 0 {
			tellLoss = time.After(hubTellEvery)
		}
		select {
		case <-h.added:
		case <-tellLoss:
			tellLoss = nil
			h.tellLost(tooSlow)
		case err := <-closed:
			return orClosed(err)
		case <-h.life.ending.Done():
			if h.isEmpty() {
				return sayGoodbye(connection, closed)
			}
		}
	}
}

func sayGoodbye(connection *tls.Conn, closed <-chan error) error {
	if err := connection.CloseWrite(); err != nil {
		return err
	}
	return <-closed
}

func orClosed(err error) error {
	if err == nil {
		return errors.New("it closed the connection")
	}
	return err
}

func (h *Hub) takeFrames(buffer, frames []byte) []byte {
	h.mutex.Lock()
	taken := h.ring.take(buffer)
	h.mutex.Unlock()
	eachLine(taken, func(line Line) { frames = h.frames.append(frames, line) })
	return frames
}

func (h *Hub) isEmpty() bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.ring.isAllTaken()
}

func (h *Hub) tellTrouble(err error) {
	if !h.isAway.Swap(true) {
		h.remark("log hub not reached: %v", plain(err))
	}
	h.tellLost(plain(err))
}

func (h *Hub) untold() uint64 {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.ring.lost - h.lostTold
}

// tellLost counts on from what was told last.
func (h *Hub) tellLost(reason string) {
	if lost := h.untold(); lost > 0 {
		h.lostTold += lost
		h.remark("%d lines not sent to the log hub: %s", lost, reason)
	}
}

// plain leaves out addresses and layers that the reader of a log cannot use.
func plain(err error) string {
	var number syscall.Errno
	switch {
	case errors.As(err, &number):
		return number.Error()
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	}
	return oneLine(err.Error())
}

func oneLine(text string) string {
	return strings.Map(func(character rune) rune {
		if character < ' ' || character == 0x7f {
			return ' '
		}
		return character
	}, text)
}
