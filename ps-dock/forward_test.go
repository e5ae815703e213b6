package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const accessLine = `198.18.0.1 [2026-01-02T03:04:05+00:00] hello hello.web.1.v12.34 "GET hello.test" 200 12 0.003 0.001 198.18.0.11:20003 abc` +
	` "/a?b=\x22c\x22" "HTTP/1.1" "1767323045.678" "0.001" "0.003" "-"`

// requestOf is of one that came to this status, with these times as Nginx writes them.
func requestOf(t *testing.T, status, connect, header, code string) string {
	t.Helper()
	line := strings.Replace(accessLine, ` 200 12 `, ` `+status+` 12 `, 1)
	line = strings.Replace(line, `"0.001" "0.003" "-"`, fmt.Sprintf("%q %q %q", connect, header, code), 1)
	request, isOne := readRequest([]byte(line))
	if !isOne {
		t.Fatalf("it is no request: %s", line)
	}
	return string(request.appendLine(nil))
}

func TestRequestBecomesALineAsHerokusRouterWritesIt(t *testing.T) {
	want := `hello at=info method=GET path="/a?b=\x22c\x22" host=hello.test request_id=abc fwd="198.18.0.1" dyno=web.1 connect=1ms service=3ms status=200 bytes=12 protocol=HTTP/1.1`
	if got := requestOf(t, "200", "0.001", "0.003", "-"); got != want {
		t.Errorf("it is %s", got)
	}
}

func TestRequestWithoutAnAnswerNamesWhy(t *testing.T) {
	for name, story := range map[string]struct{ status, connect, header, code, want string }{
		"TheAppsOwnError": {"502", "0.001", "0.003", "-", `at=info method`},
		"Late":            {"504", "0.001", "-", "-", `at=error code=H12 desc="Request timeout" method`},
		"BrokenOff":       {"502", "0.001", "-", "-", `at=error code=H13 `},
		"NoneLeftToAsk":   {"502", "0.001, -", "-, -", "-", `at=error code=H13 `},
		"Refused":         {"502", "-", "-", "-", `at=error code=H21 `},
		"Left":            {"499", "0.001", "-", "-", `at=error code=H27 `},
		"Maintenance":     {"503", "-", "-", "H80", `at=error code=H80 desc="Maintenance mode" method`},
		"NoProcess":       {"503", "-", "-", "H14", `at=error code=H14 `},
		"AnotherAnswered": {"200", "-, 0.002", "-, 0.004", "-", `at=info method=GET path="/a?b=\x22c\x22" host=hello.test request_id=abc fwd="198.18.0.1" dyno=web.1 connect=2ms`},
		"NotHerokus":      {"503", "-", "-", "H99", `at=info `},
	} {
		if got := requestOf(t, story.status, story.connect, story.header, story.code); !strings.Contains(got, story.want) {
			t.Errorf("%s is %s", name, got)
		}
	}
}

func TestLineThatIsNoRequestOfAnAppIsLeftOut(t *testing.T) {
	for _, line := range []string{"", "nonsense", strings.Replace(accessLine, "] hello ", "] - ", 1), accessLine[:80], strings.Replace(accessLine, "1767323045.678", "-", 1)} {
		if request, isOne := readRequest([]byte(line)); isOne {
			t.Errorf("%q is taken for %+v", line, request)
		}
	}
}

// startForwarder runs the real binary on an access log of the test's own.
func startForwarder(t *testing.T, hub *testHub, authority authority, accessLog string) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(config{
		"server": "server-1", "accessLog": accessLog, "caFile": authority.caFile,
		"hub": config{"address": hub.address(), "serverName": hubName, "token": "secret"},
	})
	must(t, err)
	path := filepath.Join(t.TempDir(), "forward.json")
	must(t, os.WriteFile(path, text, 0o600))
	command := exec.Command(binary, "--forward", path)
	command.Stderr = os.Stderr
	must(t, command.Start())
	t.Cleanup(func() { command.Process.Kill(); command.Wait() })
	return command
}

func addRequests(t *testing.T, accessLog string, from, to int) {
	t.Helper()
	file, err := os.OpenFile(accessLog, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
	must(t, err)
	defer file.Close()
	for number := from; number <= to; number++ {
		fmt.Fprintln(file, strings.Replace(accessLine, " abc ", fmt.Sprintf(" id%d ", number), 1))
	}
}

func TestForwarderFollowsTheAccessLogThroughItsRotation(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	hub := startHub(t, authority, "127.0.0.1:0").serve()
	accessLog := filepath.Join(t.TempDir(), "access.log")
	addRequests(t, accessLog, 1, 10) // long ago
	command := startForwarder(t, hub, authority, accessLog)
	await(t, "it said hello", func() bool { return len(hub.greetings()) == 1 })
	time.Sleep(2 * tailLookEvery)
	addRequests(t, accessLog, 11, 1000)
	await(t, "requests came", func() bool { return len(hub.received()) == 990 })
	must(t, os.Rename(accessLog, accessLog+".1"))
	addRequests(t, accessLog, 1011, 1020)
	addRequests(t, accessLog+".1", 1001, 1010) // Nginx was not told yet
	await(t, "all requests came", func() bool { return len(hub.received()) == 1010 })
	must(t, command.Process.Signal(syscall.SIGTERM))
	must(t, command.Wait())
	for at, one := range hub.received() {
		if want := fmt.Sprintf("request_id=id%d ", at+11); !strings.Contains(one.text, want) || one.host != "hello" || one.source != "dcdget" || one.process != "router" {
			t.Fatalf("frame %d is %+v", at+1, one)
		}
	}
	if hello := hub.greetings()[0]; hello.host != "-" || !strings.HasPrefix(hello.data, `[dcdget@0 server="server-1" run="`) {
		t.Errorf("it says hello with %+v", hello)
	}
}

func TestForwarderDropsAndCountsWhileTheHubIsAway(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	address := freeAddress(t)
	accessLog := filepath.Join(t.TempDir(), "access.log")
	addRequests(t, accessLog, 1, 1)
	startForwarder(t, &testHub{listener: addressOnly(address)}, authority, accessLog)
	time.Sleep(3 * tailLookEvery)
	addRequests(t, accessLog, 2, 20_001)
	time.Sleep(3 * tailLookEvery)
	hub := startHub(t, authority, address).serve()
	await(t, "the youngest came", func() bool {
		return slices.ContainsFunc(hub.received(), func(one frame) bool { return strings.Contains(one.text, "request_id=id20001 ") })
	})
	if got := len(hub.received()); got < 1000 || got+hub.missing() != 20_000 {
		t.Errorf("%d came and %d are missing of 20000", got, hub.missing())
	}
}
