package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestGigabyteOfLinesIsInTheLogToTheLastLine(t *testing.T) {
	if testing.Short() {
		t.Skip("a gigabyte")
	}
	const lines = 10_000_000
	text := strings.Repeat("x", 91)
	d := newDock(t, config{"command": fmt.Sprintf("exec $ACTOR actor write-lines %d %s", lines, text), "logMaxBytes": 32 << 20, "logKeep": 100})
	d.environment("ACTOR=" + actor)
	began := time.Now()
	d.start()
	select {
	case <-d.waited:
	case <-time.After(3 * time.Minute):
		t.Fatal("a gigabyte was not written within three minutes")
	}
	took := time.Since(began)
	t.Logf("1 GB in %v: %.0f MB/s, %.0f lines/s", took, 1000/took.Seconds(), lines/took.Seconds())
	next := 0
	d.eachRecord(func(mark byte, got []byte) {
		if mark != '|' {
			return
		}
		if want := fmt.Appendf(nil, "%08d %s", next, text); !bytes.Equal(got, want) {
			t.Fatalf("line %d is %.100q", next, got)
		}
		next++
	})
	if next != lines {
		t.Errorf("%d lines of %d", next, lines)
	}
}

// eachRecord reads the log from its oldest file, which is fast enough for much.
func (d *Dock) eachRecord(visit func(mark byte, text []byte)) {
	d.t.Helper()
	files, err := filepath.Glob(d.config["logFile"].(string) + "*")
	must(d.t, err)
	slices.SortFunc(files, func(a, b string) int { return numberOf(b) - numberOf(a) })
	for _, name := range files {
		file, err := os.Open(name)
		must(d.t, err)
		defer file.Close()
		records := bufio.NewScanner(file)
		records.Buffer(nil, 1<<20)
		for records.Scan() {
			head, text, isRecord := bytes.Cut(records.Bytes(), []byte(" web.1 "))
			if !isRecord || len(head) != len(stampLayout) || text[1] != ' ' {
				d.t.Fatalf("not a record: %.100q", records.Bytes())
			}
			visit(text[0], text[2:])
		}
		must(d.t, records.Err())
	}
}

func numberOf(file string) (number int) {
	_, _ = fmt.Sscanf(filepath.Ext(file), ".%d", &number)
	return number
}

func TestLinesOfTenMegabytesAreWholeInPieces(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": "exec $ACTOR actor huge-lines", "logMaxBytes": 1 << 20, "logKeep": 100}).environment("ACTOR=" + actor).start()
	d.expectExit(0)
	want, got := sha256.New(), sha256.New()
	want.Write(longLines(hugeLines...))
	isFirst := true
	d.eachRecord(func(mark byte, text []byte) {
		if mark == '|' && !isFirst {
			got.Write([]byte{'\n'})
		}
		if mark != '*' {
			isFirst = false
			got.Write(text)
		}
	})
	got.Write([]byte{'\n'})
	if !bytes.Equal(want.Sum(nil), got.Sum(nil)) {
		t.Error("the pieces do not join to what was written")
	}
}

// Every byte there is, and what a terminal would act on.
func TestBinaryAndTerminalEscapesAreKeptAsTheyAre(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": `exec $ACTOR actor bytes`}).environment("ACTOR=" + actor).start()
	d.expectExit(0)
	if got := strings.Join(d.lines(), "\n") + "\n"; got != string(everyByte()) {
		t.Errorf("it is %q", got)
	}
}

func TestAppThatIsSilentStaysUpAndCostsNothing(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": idle + `trap 'echo "still here"; exit' USR1; echo ready; while :; do read -rt 5 -u 9; done`}).start()
	d.awaitLine("ready")
	pid := d.process.Process.Pid
	before := cpuTicks(t, pid)
	time.Sleep(3 * time.Second)
	if spent := cpuTicks(t, pid) - before; spent > 2 {
		t.Errorf("it took %d hundredths of a second of CPU in three seconds of silence", spent)
	}
	d.signal(syscall.SIGUSR1)
	d.expectExit(0)
	d.expectLines("ready", "still here")
}

// cpuTicks are hundredths of a second, of the process alone.
func cpuTicks(t *testing.T, pid int) int {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	must(t, err)
	var user, system int
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	_, err = fmt.Sscan(fields[11]+" "+fields[12], &user, &system)
	must(t, err)
	return user + system
}

func TestAppThatClosesItsOutputLives(t *testing.T) {
	inBothPlaces(t, func(t *testing.T, start func(*Dock) *Dock) {
		d := start(newDock(t, config{"command": `echo before; exec 1>&- 2>&-; sleep 0.5; touch "$HOME/alive"; exit 7`}))
		d.expectExit(7)
		d.expectLines("before")
		if _, err := os.Stat(d.path("app/alive")); err != nil {
			t.Error("it did not live on")
		}
		d.expectEnd("crashed", 7, "")
	})
}

// A daemon: what the command leaves in the background is its leftovers.
func TestAppThatForksTwiceAndEndsIsOver(t *testing.T) {
	inBothPlaces(t, func(t *testing.T, start func(*Dock) *Dock) {
		d := start(newDock(t, config{"command": `(setsid bash -c 'sleep 61 & echo "daemon"; wait' &) ; sleep 0.5; echo parent`}))
		d.awaitLine("daemon")
		left := descendants(d.process.Process.Pid)
		d.expectExit(0)
		d.expectLines("daemon", "parent")
		expectGone(t, left)
		d.expectEnd("exited", 0, "")
	})
}

func TestZombiesOfTheAppItselfGoWithIt(t *testing.T) {
	inBothPlaces(t, func(t *testing.T, start func(*Dock) *Dock) {
		d := newDock(t, config{"command": "exec $ACTOR actor zombies"}).environment("ACTOR=" + actor)
		start(d)
		d.awaitLine("50 zombies")
		left := descendants(d.process.Process.Pid)
		if len(left) != 51 {
			t.Errorf("%d processes instead of the app and its 50", len(left))
		}
		d.signal(syscall.SIGTERM)
		d.expectExit(143)
		expectGone(t, left)
	})
}

// ps-dock stands still, as on a disk that takes nothing: the app waits, and
// nothing is missing afterwards.
func TestStandstillHoldsUpTheAppAndLosesNoLine(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": `while [ ! -e "$HOME/go" ]; do sleep 0.02; done; seq -f 'line %.0f' 1 50000; touch "$HOME/over"; sleep 0.2`}).start()
	d.awaitState("up")
	d.signal(syscall.SIGSTOP)
	must(t, os.WriteFile(d.path("app/go"), nil, 0o644))
	time.Sleep(500 * time.Millisecond)
	if _, err := os.Stat(d.path("app/over")); err == nil {
		t.Error("the app was not held up")
	}
	d.signal(syscall.SIGCONT)
	d.expectExit(0)
	lines := d.lines()
	if len(lines) != 50_000 || lines[49_999] != "line 50000" {
		t.Errorf("%d lines of 50000", len(lines))
	}
}

func TestAllTogetherTakesLittleMemory(t *testing.T) {
	authority := newAuthority(t)
	hub := startHub(t, authority, "127.0.0.1:0")
	hub.keepsNothing = true
	hub.serve()
	hook := newTestHook(t, authority).serve()
	changes := hub.forInstance(authority)
	changes["hook"] = config{"url": hook.URL, "token": "key"}
	changes["sampleSeconds"], changes["logKeep"] = 1, 1
	changes["command"] = `seq -f 'line %.0f with some more words to make it longer' 1 3000000; head -c 50000000 /dev/zero; touch "$HOME/over"; sleep 60`
	d := newDock(t, changes).start()
	d.await("everything was written", func() bool { _, err := os.Stat(d.path("app/over")); return err == nil })
	peakKiB := statusOf(t, d.process.Process.Pid, "VmHWM")
	t.Logf("%d KiB at most, now %d, of them %d of files", peakKiB, statusOf(t, d.process.Process.Pid, "VmRSS"), statusOf(t, d.process.Process.Pid, "RssFile"))
	if peakKiB > 12<<10 {
		t.Errorf("it took %d KiB", peakKiB)
	}
	d.signal(syscall.SIGTERM)
	d.expectExit(143)
}
