package main

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

const (
	hookTryLimit   = 10 * time.Second
	hookRetryFor   = 10 * time.Minute
	hookMostEvents = 64
	signatureName  = "Dcdget-Signature"
	statusKnown    = 409 // of this id, from an earlier try
)

// HookAddress is where changes of state are told, and the key that signs them.
type HookAddress struct {
	URL   string `json:"url"`
	Token string `json:"token"`
}

// Event is what one call tells. README.md documents it.
type Event struct {
	ID        string  `json:"id"`
	Number    int     `json:"n"`
	State     string  `json:"state"`
	At        string  `json:"at"`
	ExitCode  *int    `json:"exitCode"`
	Signal    *string `json:"signal"`
	Reason    *string `json:"reason"`
	OOM       bool    `json:"oom"`
	BoundPort *int    `json:"boundPort"`
	Samples   Sample  `json:"samples"`

	isSample bool // says nothing but its samples, and is soon followed by another
}

// Hook tells events one after the other, each until it is taken or too old.
// Nobody waits for it.
type Hook struct {
	address HookAddress
	caFile  string
	run     string
	remark  func(format string, values ...any)

	mutex   sync.Mutex
	events  []Event
	count   int
	dropped int
	isOver  bool // the other side wants no more
	added   chan struct{}

	life     Lifetime
	isAway   atomic.Bool
	sessions tls.ClientSessionCache
}

func newHook(address HookAddress, caFile, run string, remark func(string, ...any)) *Hook {
	h := &Hook{address: address, caFile: caFile, run: run, remark: remark, added: make(chan struct{}, 1), life: newLifetime(),
		sessions: tls.NewLRUClientSessionCache(1)}
	go h.tellAll()
	return h
}

// add numbers the event. A sample that still waits gives way to whatever comes,
// and of too many events the oldest is dropped.
func (h *Hook) add(event Event) {
	if h == nil {
		return
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.isOver {
		return
	}
	last := len(h.events) - 1
	if last > 0 && h.events[last].isSample {
		h.events = h.events[:last]
		h.count--
	}
	if len(h.events) == hookMostEvents {
		h.events = append(h.events[:1], h.events[2:]...)
		h.dropped++
	}
	h.count++
	event.Number, event.ID = h.count, fmt.Sprintf("%s:%d", h.run, h.count)
	h.events = append(h.events, event)
	select {
	case h.added <- struct{}{}:
	default:
	}
}

// close returns when all is told, or when the time is over.
func (h *Hook) close() {
	if h != nil {
		h.life.close(partingTime(&h.isAway))
	}
}

func (h *Hook) tellAll() {
	defer close(h.life.done)
	for {
		event, isAny := h.first()
		if !isAny {
			select {
			case <-h.added:
				continue
			case <-h.life.ending.Done():
				if _, isAny = h.first(); isAny {
					continue
				}
				return
			}
		}
		isWanted := h.tell(event)
		if h.life.over.Err() != nil {
			return
		}
		h.forgetFirst(isWanted)
	}
}

// The first of events is the one that is being told.
func (h *Hook) first() (Event, bool) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if len(h.events) == 0 {
		return Event{}, false
	}
	return h.events[0], true
}

func (h *Hook) forgetFirst(isWanted bool) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.events = h.events[1:]
	if !isWanted {
		h.events, h.isOver = nil, true
	}
}

// tell reports whether the other side wants to hear more.
func (h *Hook) tell(event Event) (isWanted bool) {
	body, err := json.Marshal(event)
	if err != nil {
		h.remark("state not reported: %v", err)
		return true
	}
	before := time.Now().Add(hookRetryFor)
	for pause := newBackOff(); ; {
		status, err := h.post(body)
		h.isAway.Store(err != nil)
		switch {
		case err == nil && (status/100 == 2 || status == statusKnown):
			return true
		case err == nil && isFinal(status):
			h.remark("state is reported no more: the API answers %d", status)
			return false
		case event.isSample && h.life.over.Err() == nil:
			return true
		case time.Now().After(before):
			h.drop(event, status, err)
			return true
		}
		if !pause.wait(h.life.ending, h.life.over) {
			return true
		}
	}
}

// isFinal: wrong token, no such instance.
func isFinal(status int) bool {
	return status == 401 || status == 403 || status == 404 || status == 410
}

func (h *Hook) drop(event Event, status int, err error) {
	h.mutex.Lock()
	h.dropped++
	dropped := h.dropped
	h.mutex.Unlock()
	reason := fmt.Sprintf("the API answers %d", status)
	if err != nil {
		reason = plain(err)
	}
	h.remark("state %s not reported within %v, %d dropped so far: %s", event.State, hookRetryFor, dropped, reason)
}

// post speaks as much HTTP as it takes to be told the status: all of net/http
// would double the memory of ps-dock.
func (h *Hook) post(body []byte) (status int, err error) {
	target, err := url.Parse(h.address.URL)
	if err != nil {
		return 0, err
	}
	limited, cancel := context.WithTimeout(h.life.over, hookTryLimit)
	defer cancel()
	connection, err := connect(limited, withPort(target), target.Hostname(), h.caFile, h.sessions)
	if err != nil {
		return 0, err
	}
	defer connection.Close()
	defer context.AfterFunc(limited, func() { connection.NetConn().Close() })()
	if _, err := connection.Write(append(requestHead(target, body, h.address.Token), body...)); err != nil {
		return 0, err
	}
	return readStatus(bufio.NewReaderSize(connection, 512))
}

func withPort(target *url.URL) string {
	if target.Port() != "" {
		return target.Host
	}
	return net.JoinHostPort(target.Hostname(), "443")
}

func requestHead(target *url.URL, body []byte, key string) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: ps-dock\r\nConnection: close\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n%s: sha256=%s\r\n\r\n",
		target.RequestURI(), target.Host, len(body), signatureName, sign(body, key))
}

// readStatus takes the first line of an answer.
func readStatus(answer *bufio.Reader) (status int, err error) {
	line, err := answer.ReadSlice('\n')
	if err != nil {
		return 0, fmt.Errorf("no answer: %w", err)
	}
	var version int
	if _, err := fmt.Sscanf(string(line), "HTTP/1.%d %d", &version, &status); err != nil {
		return 0, errors.New("the answer is not HTTP")
	}
	return status, nil
}

func sign(body []byte, key string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}
