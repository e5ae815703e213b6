package main

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// A shell that waits without a child, which a signal to the group would end.
const idle = `
mkfifo "$HOME/never.$$"; exec 9<>"$HOME/never.$$"
idle() { while :; do read -rt 0.02 -u 9; done; }
`

func TestProxiesSignals(t *testing.T) {
	command := idle + `
for signal in HUP INT QUIT USR1 USR2 ALRM TERM CONT WINCH; do trap "echo got $signal" $signal; done
echo ready
idle`
	inBothPlaces(t, func(t *testing.T, start func(*Dock) *Dock) {
		d := start(newDock(t, config{"command": command, "stopGraceMs": 60_000}))
		d.awaitLine("ready")
		for signal, name := range map[syscall.Signal]string{
			syscall.SIGHUP: "HUP", syscall.SIGINT: "INT", syscall.SIGQUIT: "QUIT", syscall.SIGUSR1: "USR1",
			syscall.SIGUSR2: "USR2", syscall.SIGALRM: "ALRM", syscall.SIGCONT: "CONT", syscall.SIGWINCH: "WINCH", syscall.SIGTERM: "TERM",
		} {
			d.signal(signal)
			d.awaitLine("got " + name)
		}
	})
}

func TestPowerFailureIsPassedOnAsTerm(t *testing.T) {
	inBothPlaces(t, func(t *testing.T, start func(*Dock) *Dock) {
		d := start(newDock(t, config{"command": idle + `trap 'echo got TERM; exit 7' TERM; echo ready; idle`}))
		d.awaitLine("ready")
		d.signal(syscall.SIGPWR)
		d.expectExit(7)
		d.expectLines("ready", "got TERM")
		d.expectEnd("exited", 7, "")
	})
}

func TestSignalsReachTheWholeProcessGroup(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": `trap 'wait; exit 0' TERM; bash "$HOME/child" & wait`})
	d.write("app/child", idle+`trap 'echo child got TERM; exit' TERM; echo child ready; idle`)
	d.start()
	d.awaitLine("child ready")
	d.signal(syscall.SIGTERM)
	d.expectExit(0)
	d.expectLines("child ready", "child got TERM")
}

func TestSignalBeforeTheCommandRunsIsNotLost(t *testing.T) {
	t.Parallel()
	for range 20 {
		d := newDock(t, config{"command": "sleep 60"}).startAsInit()
		d.await("it was starting", func() bool { return d.state().State != "" })
		d.signal(syscall.SIGTERM)
		d.expectExit(143)
	}
}

func TestAppThatDoesNotStopIsKilledAfterItsGrace(t *testing.T) {
	inBothPlaces(t, func(t *testing.T, start func(*Dock) *Dock) {
		d := start(newDock(t, config{"command": `trap '' TERM; setsid bash -c "trap '' TERM; sleep 61" & echo ready; sleep 60; sleep 60`, "stopGraceMs": 400}))
		d.awaitLine("ready")
		left := descendants(d.process.Process.Pid)
		began := time.Now()
		d.signal(syscall.SIGTERM)
		time.Sleep(100 * time.Millisecond)
		d.signal(syscall.SIGTERM) // gives no further grace
		d.expectExit(137)
		if took := time.Since(began); took < 400*time.Millisecond || took > 1200*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		d.expectEnd("exited", 137, "SIGKILL")
		expectGone(t, left)
		if !strings.Contains(d.remarks(), "did not stop within 400 ms") {
			t.Errorf("the log does not say so: %q", d.remarks())
		}
	})
}

func TestStoppedShellLeavesItsCommandTheGrace(t *testing.T) {
	inBothPlaces(t, func(t *testing.T, start func(*Dock) *Dock) {
		d := newDock(t, config{"command": `bash "$HOME/drain" ; echo never`})
		d.write("app/drain", idle+`trap 'sleep 1.5; echo drained; exit 0' TERM; echo ready; idle`)
		start(d)
		d.awaitLine("ready")
		d.signal(syscall.SIGTERM)
		d.expectExit(143)
		d.expectLines("ready", "drained")
		d.expectEnd("exited", 143, "SIGTERM")
	})
}
