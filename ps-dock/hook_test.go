package main

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// testHook takes events as the API does.
type testHook struct {
	*httptest.Server
	answer func(event Event) int

	mutex   sync.Mutex
	tried   []string // ids
	resumed int      // connections that went on with the keys of another one
	events  []Event  // that were taken
}

func newTestHook(t *testing.T, authority authority) *testHook {
	t.Helper()
	h := &testHook{answer: func(Event) int { return http.StatusNoContent }}
	h.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var event Event
		if err := json.Unmarshal(body, &event); err != nil || r.Header.Get("Dcdget-Signature") != "sha256="+sign(body, "key") || r.Method != http.MethodPost {
			t.Errorf("%s %q, signed %q: %v", r.Method, body, r.Header.Get("Dcdget-Signature"), err)
		}
		status := h.answer(event)
		h.mutex.Lock()
		defer h.mutex.Unlock()
		h.tried = append(h.tried, event.ID)
		if r.TLS.DidResume {
			h.resumed++
		}
		if status/100 == 2 {
			h.events = append(h.events, event)
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	h.TLS = &tls.Config{Certificates: []tls.Certificate{authority.certificate}}
	t.Cleanup(h.Close)
	return h
}

func (h *testHook) serve() *testHook {
	h.StartTLS()
	return h
}

func (h *testHook) states() (states []string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for _, event := range h.events {
		states = append(states, event.State)
	}
	return states
}

func (h *testHook) tries() []string {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return slices.Clone(h.tried)
}

func newHookDock(t *testing.T, url string, authority authority, changes config) *Dock {
	t.Helper()
	given := config{"instanceId": "hello.web.1.v12.34", "caFile": authority.caFile, "hook": config{"url": url + "/hooks/instances/hello.web.1.v12.34", "token": "key"}}
	for name, value := range changes {
		given[name] = value
	}
	return newDock(t, given)
}

func TestHookIsToldEveryStateInOrder(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	hook := newTestHook(t, authority).serve()
	d := newHookDock(t, hook.URL, authority, config{"command": "sleep 0.2; kill -SEGV $$"}).start()
	d.expectExit(139)
	if got := hook.states(); !slices.Equal(got, []string{"starting", "up", "crashed"}) {
		t.Fatalf("the states are %q", got)
	}
	last := hook.events[2]
	if *last.ExitCode != 139 || *last.Signal != "SIGSEGV" || last.OOM || last.At != d.state().At {
		t.Errorf("the last is %+v", last)
	}
	run, _, _ := strings.Cut(last.ID, ":")
	for at, event := range hook.events {
		if event.Number != at+1 || event.ID != run+":"+itoa(at+1) || len(run) < 16 {
			t.Errorf("event %d is %d, %q", at+1, event.Number, event.ID)
		}
	}
}

func TestHookIsConnectedToWithTheKeysOfTheFirstConnection(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	hook := newTestHook(t, authority).serve()
	newHookDock(t, hook.URL, authority, config{"command": "sleep 0.2; exit 3"}).start().expectExit(3)
	hook.mutex.Lock()
	defer hook.mutex.Unlock()
	if len(hook.events) < 3 || hook.resumed != len(hook.events)-1 {
		t.Errorf("%d of %d connections went on with earlier keys", hook.resumed, len(hook.events))
	}
}

func TestHookIsToldWhatCouldNotStart(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	hook := newTestHook(t, authority).serve()
	newHookDock(t, hook.URL, authority, config{"directory": "/no/such/folder"}).start().expectExit(126)
	if got := hook.states(); !slices.Equal(got, []string{"starting", "crashed"}) || !strings.Contains(*hook.events[1].Reason, "no such file") {
		t.Errorf("the states are %q", got)
	}
}

func TestHookIsTriedAgainWithTheSameIdUntilItAnswersWell(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	hook := newTestHook(t, authority)
	var asked atomic.Int32
	answers := []int{500, 302, 429, 409, 200}
	hook.answer = func(Event) int { return answers[min(int(asked.Add(1)), len(answers))-1] }
	hook.serve()
	d := newHookDock(t, hook.URL, authority, config{"command": "sleep 60"}).start()
	d.await("it was told", func() bool { return len(hook.states()) == 1 })
	if got := hook.tries(); len(got) != 5 || got[0] != got[1] || got[0] != got[2] || got[0] != got[3] || got[0] == got[4] {
		t.Errorf("it was tried with %q", got)
	}
	if got := hook.states(); !slices.Equal(got, []string{"up"}) {
		t.Errorf("what was known is told again, or something left out: %q", got)
	}
	d.signal(syscall.SIGTERM)
	d.expectExit(143)
}

func TestHookThatWantsNoMoreIsLeftAlone(t *testing.T) {
	for _, status := range []int{401, 403, 404, 410} {
		t.Run(itoa(status), func(t *testing.T) {
			t.Parallel()
			authority := newAuthority(t)
			hook := newTestHook(t, authority)
			hook.answer = func(Event) int { return status }
			hook.serve()
			d := newHookDock(t, hook.URL, authority, config{"command": "sleep 0.5"}).start()
			d.expectExit(0)
			if got := hook.tries(); len(got) != 1 {
				t.Errorf("it was tried with %q", got)
			}
			if !strings.Contains(d.remarks(), "state is reported no more: the API answers "+itoa(status)) {
				t.Errorf("the log says %q", d.remarks())
			}
		})
	}
}

func TestHookGetsSamples(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	hook := newTestHook(t, authority).serve()
	d := newHookDock(t, hook.URL, authority, config{"command": "sleep 60", "sampleSeconds": 1}).start()
	d.await("samples came", func() bool { return len(hook.states()) >= 4 })
	hook.mutex.Lock()
	last := hook.events[3]
	hook.mutex.Unlock()
	if last.State != "up" || last.Samples.MemoryBytes == nil || *last.Samples.MemoryBytes < 1<<20 || last.Samples.CPUSeconds == nil {
		t.Errorf("it is %+v", last)
	}
	d.signal(syscall.SIGTERM)
	d.expectExit(143)
}

func TestHookThatIsAwayKeepsNothing(t *testing.T) {
	for name, address := range map[string]func(t *testing.T) string{
		"Refused": func(t *testing.T) string { return "https://" + freeAddress(t) },
		"Silent": func(t *testing.T) string {
			hook := newTestHook(t, newAuthority(t))
			return "https://" + hook.Listener.Addr().String() // accepts and says nothing
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newHookDock(t, address(t), newAuthority(t), config{"command": "echo hello; sleep 0.3; exit 4"}).start()
			d.awaitState("crashed")
			ended := time.Now()
			d.expectExit(4)
			if took := time.Since(ended); took > 2*time.Second {
				t.Errorf("it took %v after the end of the command", took)
			}
			d.expectLines("hello")
		})
	}
}

func TestHookHasEachEventOnceOfManyWhileItIsAway(t *testing.T) {
	h := &Hook{run: "run", added: make(chan struct{}, 1)}
	h.add(Event{State: "starting"})
	for range 5 {
		h.add(Event{State: "up", isSample: true})
	}
	h.add(Event{State: "crashed"})
	var ids, states []string
	for _, event := range h.events {
		ids, states = append(ids, event.ID), append(states, event.State)
	}
	if !slices.Equal(ids, []string{"run:1", "run:2"}) || !slices.Equal(states, []string{"starting", "crashed"}) {
		t.Errorf("%q %q wait", ids, states)
	}
	for range 100 {
		h.add(Event{State: "up"})
	}
	if len(h.events) != hookMostEvents || h.dropped != 102-hookMostEvents || h.events[0].ID != "run:1" {
		t.Errorf("%d wait, %d are dropped, the first is %s", len(h.events), h.dropped, h.events[0].ID)
	}
}
