package main

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func listening(port int, network, address string) config {
	return config{"port": port, "command": "exec $ACTOR actor listen " + network + " " + address}
}

func startListening(t *testing.T, changes config) *Dock {
	t.Helper()
	return newDock(t, changes).environment("ACTOR=" + actor).startAsInit()
}

func TestStateIsUpAsSoonAsThePortIsBound(t *testing.T) {
	for name, story := range map[string]struct{ network, address, listening string }{
		"OnEveryAddress":     {"tcp4", "0.0.0.0:5000", "0.0.0.0:5000"},
		"OnEveryIPv6Address": {"tcp", "[::]:5000", "[::]:5000"},
	} {
		t.Run(name, func(t *testing.T) {
			d := startListening(t, listening(5000, story.network, story.address))
			state := d.awaitState("up")
			if state.BoundPort == nil || *state.BoundPort != 5000 || !slices.Equal(state.Listening, []string{story.listening}) {
				t.Errorf("the state is %+v", state)
			}
			d.await("it said when", func() bool { return strings.Contains(d.log(), "| bound ") })
			boundAt, err := strconv.ParseInt(strings.TrimPrefix(d.lines()[0], "bound "), 10, 64)
			must(t, err)
			upAt, err := time.Parse(time.RFC3339Nano, state.At)
			must(t, err)
			late := upAt.Sub(time.UnixMicro(boundAt))
			t.Logf("up %v after the port was bound", late)
			if late > 250*time.Millisecond {
				t.Errorf("up %v after the port was bound", late)
			}
			d.signal(syscall.SIGTERM)
			d.expectExit(143)
			d.expectEnd("exited", 143, "SIGTERM")
		})
	}
}

func TestStateTellsWhatListensInstead(t *testing.T) {
	for name, story := range map[string]struct{ network, address string }{
		"OnlyLoopback":     {"tcp4", "127.0.0.1:5000"},
		"OnlyIPv6Loopback": {"tcp6", "[::1]:5000"},
		"WrongPort":        {"tcp4", "0.0.0.0:3000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := startListening(t, listening(5000, story.network, story.address))
			d.await("it listened", func() bool { return slices.Equal(d.state().Listening, []string{story.address}) })
			time.Sleep(100 * time.Millisecond)
			if state := d.state(); state.State != "starting" || state.BoundPort != nil {
				t.Errorf("the state is %+v", state)
			}
		})
	}
}

func TestAnyProcessOfTheContainerMayListen(t *testing.T) {
	t.Parallel()
	d := startListening(t, config{"port": 5000, "command": "(setsid $ACTOR actor listen tcp4 0.0.0.0:5000 &); sleep 60"})
	d.awaitState("up")
}

func TestWorkerIsUpAsSoonAsItRuns(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"instance": "worker.1", "command": "sleep 60", "port": nil}).start()
	state := d.awaitState("up")
	if state.BoundPort != nil || state.PID == nil || state.StartedAt == nil || state.ExitCode != nil || state.Signal != nil || state.Reason != nil {
		t.Errorf("the state is %+v", state)
	}
}

func TestStateFileIsAlwaysWhole(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": "sleep 0.2"})
	var seen []string
	d.start()
	for state := d.state().State; state != "exited"; state = d.state().State {
		if state != "" && !slices.Contains(seen, state) {
			seen = append(seen, state)
		}
	}
	d.expectExit(0)
	if !slices.Contains(seen, "up") {
		t.Errorf("it was seen as %v", seen)
	}
	if files, err := os.ReadDir(d.path("state")); err != nil || len(files) != 1 {
		t.Errorf("the state folder holds %v", files)
	}
}

func TestStateFolderThatComesLateIsFilled(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": "sleep 60"})
	must(t, os.Remove(d.path("state")))
	d.start()
	d.await("the log told", func() bool { return strings.Contains(d.log(), "* state not written: ") })
	must(t, os.Mkdir(d.path("state"), 0o755))
	d.awaitState("up")
	d.signal(syscall.SIGTERM)
	d.expectExit(143)
	d.expectEnd("exited", 143, "SIGTERM")
}
