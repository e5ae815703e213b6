package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func itoa(number int) string { return strconv.Itoa(number) }

func (d *Dock) write(name, text string) {
	d.t.Helper()
	must(d.t, os.MkdirAll(filepath.Dir(d.path(name)), 0o755))
	must(d.t, os.WriteFile(d.path(name), []byte(text), 0o644))
}

func expectGone(t *testing.T, pids []int) {
	t.Helper()
	if len(pids) == 0 {
		t.Fatal("nothing to be gone")
	}
	for _, pid := range pids {
		if syscall.Kill(pid, 0) == nil {
			t.Errorf("process %d is left over", pid)
		}
	}
}

func TestOrphansAreReapedWhileTheAppRuns(t *testing.T) {
	inBothPlaces(t, func(t *testing.T, start func(*Dock) *Dock) {
		d := start(newDock(t, config{"command": `for n in $(seq 100); do (sleep 0.1 & sleep 0.1 & ) ; done; echo ready; sleep 60`}))
		d.awaitLine("ready")
		d.await("the orphans were gone", func() bool { return len(descendants(d.process.Process.Pid)) == 1 })
	})
}

func TestWhatTheAppLeavesBehindEnds(t *testing.T) {
	for name, command := range map[string]string{
		"ThatStopsWhenAsked": `(setsid sleep 61 &); echo ready; sleep 0.3`,
		"ThatIgnoresTerm":    fmt.Sprintf(`(setsid %s actor deaf &); sleep 0.3; echo ready; sleep 0.2`, "$ACTOR"),
	} {
		t.Run(name, func(t *testing.T) {
			inBothPlaces(t, func(t *testing.T, start func(*Dock) *Dock) {
				d := newDock(t, config{"command": command}).environment("ACTOR=" + actor)
				start(d)
				d.awaitLine("ready")
				left := descendants(d.process.Process.Pid)
				d.awaitState("exited")
				began := time.Now()
				d.expectExit(0)
				if took := time.Since(began); took > 1800*time.Millisecond {
					t.Errorf("it took %v after the end of the command", took)
				}
				expectGone(t, left)
			})
		})
	}
}

// Someone out of reach, such as a process of another container, holds the pipe.
func TestHeldOutputDoesNotKeepPsDock(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": `echo ready; sleep 0.5; printf 'last words'`}).start()
	d.awaitLine("ready")
	held, err := os.OpenFile(fmt.Sprintf("/proc/%d/fd/1", *d.state().PID), os.O_WRONLY, 0)
	must(t, err)
	defer held.Close()
	d.awaitState("exited")
	began := time.Now()
	d.expectExit(0)
	if took := time.Since(began); took > 1500*time.Millisecond {
		t.Errorf("it took %v after the end of the command", took)
	}
	d.expectLines("ready", "last words")
}

func TestCrashIsToldWithoutWaitingForLeftovers(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": `(setsid $ACTOR actor deaf &); sleep 0.3; echo reason; exit 9`}).environment("ACTOR=" + actor).start()
	state := d.awaitState("crashed")
	if len(d.waited) > 0 {
		t.Error("ps-dock had ended already")
	}
	if !strings.Contains(d.log(), "| reason\n") {
		t.Errorf("the last line was not in the log when the state said %+v", state)
	}
	d.expectExit(9)
}
