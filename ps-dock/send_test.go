package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func TestHubGetsEveryLineAndEveryChangeOfState(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	hub := startHub(t, authority, "127.0.0.1:0").serve()
	d := newHubDock(t, hub, authority, config{"command": `printf 'one\n\n\0\377\033[31m\n'; sleep 0.1; echo err >&2; sleep 0.1; printf 'no line feed'; exit 3`}).start()
	d.expectExit(3)
	if got, want := hub.texts("app"), []string{"one", "", "\x00\xff\x1b[31m", "err", "no line feed"}; !slices.Equal(got, want) {
		t.Errorf("the app's lines are %q instead of %q", got, want)
	}
	if got, want := hub.texts("dcdget"), []string{
		"Starting process with command `" + d.config["command"].(string) + "`",
		"State changed from starting to up", "Process exited with status 3", "State changed from up to crashed",
	}; !slices.Equal(got, want) {
		t.Errorf("the changes are %q instead of %q", got, want)
	}
	for at, one := range hub.received() {
		if one.id != itoa(at+1) || one.host != "hello" || one.process != "web.1" || one.data != "-" {
			t.Errorf("frame %d is %+v", at+1, one)
		}
	}
	hello := hub.greetings()[0]
	if hello.id != "hello" || !strings.HasPrefix(hello.data, `[dcdget@0 instance="hello.web.1.v12.34" run="`) || !strings.HasSuffix(hello.data, `" token="secret"]`) {
		t.Errorf("it says hello with %+v", hello)
	}
}

func TestHubGetsLongLinesInPieces(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	hub := startHub(t, authority, "127.0.0.1:0").serve()
	d := newHubDock(t, hub, authority, config{"command": "exec $ACTOR actor long-lines"}).environment("ACTOR=" + actor).start()
	d.expectExit(0)
	var lines []string
	isContinued := false
	for _, one := range hub.received() {
		if one.source != "app" {
			continue
		}
		if !isContinued {
			lines = append(lines, "")
		}
		lines[len(lines)-1] += one.text
		isContinued = one.data == `[dcdget@0 part="1"]`
	}
	if got := strings.Join(lines, "\n") + "\n"; got != string(longLines(65536, 65537, 200000)) {
		t.Errorf("%d lines of %d bytes do not join to what was written", len(lines), len(got))
	}
}

func TestHubThatIsAwayHoldsUpNothingAndGetsTheLinesLater(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	address := freeAddress(t)
	absent := &testHub{listener: addressOnly(address)}
	d := newHubDock(t, absent, authority, config{"command": idle + `seq -f 'line %.0f' 1 5000; echo written; trap 'echo after; exit' USR1; idle`}).start()
	d.awaitLine("written")
	d.await("the log told", func() bool { return strings.Contains(d.log(), "* log hub not reached: connection refused") })
	hub := startHub(t, authority, address).serve()
	d.await("the hub has the lines", func() bool { return slices.Contains(hub.texts("app"), "written") })
	d.signal(syscall.SIGUSR1)
	d.expectExit(0)
	if got, want := hub.texts("app"), d.lines(); !slices.Equal(got, want) || len(got) != 5002 {
		t.Errorf("the hub has %d lines, the log %d", len(got), len(want))
	}
}

func TestBrokenConnectionLosesNoLineAndRepeatsNone(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	first := startHub(t, authority, "127.0.0.1:0").serve()
	d := newHubDock(t, first, authority, config{"command": `for n in $(seq 1 400); do echo "line $n"; sleep 0.005; done`}).start()
	d.await("some lines came", func() bool { return len(first.received()) > 100 })
	first.stop()
	first.takers.Wait() // until it has read what had arrived
	has := first.received()
	second := startHub(t, authority, first.address())
	second.answer = func(frame) string { return "OK " + has[len(has)-1].id }
	second.serve()
	d.expectExit(0)
	all := append(first.texts("app"), second.texts("app")...)
	if !slices.Equal(all, d.lines()) || len(all) != 400 {
		t.Errorf("%d and %d lines are not the 400 of the log", len(has), len(second.received()))
	}
	if a, b := first.greetings()[0].data, second.greetings()[0].data; a != b {
		t.Errorf("one run says hello as %s and as %s", a, b)
	}
}

func TestSlowHubDropsAndCountsAndHoldsUpNothing(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	hub := startHub(t, authority, "127.0.0.1:0")
	var isFast atomic.Bool
	hub.pace = func() {
		if !isFast.Load() {
			time.Sleep(time.Millisecond)
		}
	}
	hub.serve()
	d := newHubDock(t, hub, authority, config{"logMaxBytes": 0, "command": idle + `
seq -f 'line %.0f with some more words to make it longer' 1 200000; touch "$HOME/written"; trap 'echo after; exit' USR1; idle`}).start()
	began := time.Now()
	d.await("the app wrote everything", func() bool { _, err := os.Stat(d.path("app/written")); return err == nil })
	t.Logf("200000 lines written in %v, %d of them at the hub", time.Since(began), len(hub.received()))
	isFast.Store(true)
	d.await("the loss was told", func() bool { return strings.Contains(d.log(), "lines not sent to the log hub: it does not keep up") })
	d.signal(syscall.SIGUSR1)
	d.expectExit(0)
	expectDropsCounted(t, d, hub, 200_001)
}

// What is missing at the hub by the numbers is what the log tells as not sent.
func expectDropsCounted(t *testing.T, d *Dock, hub *testHub, total int) {
	t.Helper()
	told := 0
	for _, remark := range texts(t, d.log(), "*") {
		var count int
		if _, err := fmt.Sscanf(remark, "%d lines not sent", &count); err == nil {
			told += count
		}
	}
	if got := len(d.lines()); got != total {
		t.Errorf("the log has %d lines of %d", got, total)
	}
	if missing := hub.missing(); missing == 0 || missing != told {
		t.Errorf("the hub misses %d lines, the log tells of %d", missing, told)
	}
	if lines := hub.texts("app"); lines[len(lines)-1] != "after" {
		t.Errorf("the last line at the hub is %q", lines[len(lines)-1])
	}
}

func TestHubOfAnotherAuthorityGetsNothing(t *testing.T) {
	for name, story := range map[string]struct {
		serverName string
		isForeign  bool
		words      string
	}{
		"Authority": {hubName, true, "certificate signed by unknown authority"},
		"Name":      {"other.test", false, "certificate is valid for hub.test, not other.test"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			authority := newAuthority(t)
			trusted := authority
			if story.isForeign {
				trusted = newAuthority(t)
			}
			hub := startHub(t, authority, "127.0.0.1:0").serve()
			d := newHubDock(t, hub, trusted, config{"command": "echo hello; sleep 0.5"})
			d.config["hub"].(config)["serverName"] = story.serverName
			d.start().expectExit(0)
			if !strings.Contains(d.remarks(), "log hub not reached: ") || !strings.Contains(d.remarks(), story.words) {
				t.Errorf("the log says %q", d.remarks())
			}
			if len(hub.greetings()) > 0 {
				t.Error("the token was sent")
			}
			d.expectLines("hello")
		})
	}
}

func TestHubThatRefusesIsAskedAgainLater(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	hub := startHub(t, authority, "127.0.0.1:0")
	var asked atomic.Int32
	hub.answer = func(frame) string {
		if asked.Add(1) < 3 {
			return "NO The token is not that of the instance."
		}
		return "OK 0"
	}
	hub.serve()
	d := newHubDock(t, hub, authority, config{"command": idle + `echo hello; trap 'exit 0' USR1; idle`}).start()
	d.await("the hub had the line", func() bool { return slices.Contains(hub.texts("app"), "hello") })
	d.signal(syscall.SIGUSR1)
	d.expectExit(0)
	if !strings.Contains(d.remarks(), `log hub not reached: it answers "NO The token is not that of the instance."`) {
		t.Errorf("the log says %q", d.remarks())
	}
}

// A hub that takes the connection and says nothing, or reads nothing, keeps
// neither the app nor the end of ps-dock.
func TestSilentHubKeepsNothing(t *testing.T) {
	for name, isGreeting := range map[string]bool{"NoAnswer": false, "NoRead": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			authority := newAuthority(t)
			hub := startHub(t, authority, "127.0.0.1:0")
			over := make(chan struct{})
			t.Cleanup(func() { close(over) })
			wait := func() { <-over }
			if isGreeting {
				hub.pace = wait
			} else {
				hub.answer = func(frame) string { wait(); return "" }
			}
			hub.serve()
			d := newHubDock(t, hub, authority, config{"logMaxBytes": 0, "command": `seq 1 200000; date +%s.%N > "$HOME/over"`}).start()
			d.awaitState("exited")
			ended := time.Now()
			d.expectExit(0)
			if took := time.Since(ended); took > 2*time.Second {
				t.Errorf("it took %v after the end of the command", took)
			}
			if got := len(d.lines()); got != 200_000 {
				t.Errorf("the log has %d lines", got)
			}
		})
	}
}

func TestHubAndHookAskForAnIDAndTokens(t *testing.T) {
	for name, story := range map[string]struct {
		changes  config
		sentence string
	}{
		"ID":        {config{"instanceId": `a" token="b`, "hub": config{"address": "127.0.0.1:1", "token": "x"}}, "is not a name of letters"},
		"Token":     {config{"instanceId": "a.web.1.v1.1", "hub": config{"address": "127.0.0.1:1", "token": `x"]`}}, "the token of hub is not one of letters"},
		"HookKey":   {config{"instanceId": "a.web.1.v1.1", "hook": config{"url": "https://127.0.0.1:1"}}, "the token of hook is missing"},
		"Authority": {config{"caFile": "ca.pem"}, `caFile is not an absolute path: "ca.pem"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDock(t, story.changes).start()
			d.expectExit(78)
			if !strings.Contains(d.stderr.String(), story.sentence) {
				t.Errorf("it says %q", d.stderr.String())
			}
		})
	}
}
