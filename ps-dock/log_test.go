package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestEveryLineIsARecord(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": `printf 'one\n\ntwo\r\n'; sleep 0.1; echo err >&2; sleep 0.1; printf '\0\377\033[31m\n'; printf 'no line feed'`}).start()
	d.expectExit(0)
	d.expectLines("one", "", "two\r", "err", "\x00\xff\x1b[31m", "no line feed")
	if info, err := os.Stat(d.path("log/web.1.log")); err != nil || info.Mode() != 0o640 {
		t.Errorf("the log file is %v, %v", info.Mode(), err)
	}
}

func TestForgedRecordIsTheAppsLine(t *testing.T) {
	t.Parallel()
	forged := "2026-01-01T00:00:00.000000Z web.2 * 7 lines lost: nothing"
	d := newDock(t, config{"command": fmt.Sprintf("echo '%s'", forged)}).start()
	d.expectExit(0)
	d.expectLines(forged)
	if strings.Contains("\n"+d.remarks(), "\n7 lines lost") {
		t.Errorf("it is taken for a remark: %q", d.remarks())
	}
}

func TestLongLinesAreWholeUpTo64KiBAndContinuedBeyond(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": "exec $ACTOR actor long-lines"}).environment("ACTOR=" + actor).start()
	d.expectExit(0)
	var lines []string
	for _, fields := range recordsOf(t, d.log()) {
		switch fields[3] {
		case "|":
			lines = append(lines, fields[4])
		case "+":
			lines[len(lines)-1] += fields[4]
		}
		if len(fields[4]) > 65536 {
			t.Errorf("a record has %d bytes", len(fields[4]))
		}
	}
	if got := strings.Join(lines, "\n") + "\n"; got != string(longLines(65536, 65537, 200000)) {
		t.Errorf("%d lines of %d bytes do not join to what was written", len(lines), len(got))
	}
	if pieces := len(texts(t, d.log(), "+")); pieces != 1+3 {
		t.Errorf("%d continuations instead of 4", pieces)
	}
}

func recordsOf(t *testing.T, log string) [][]string {
	t.Helper()
	var records [][]string
	for _, line := range strings.Split(strings.TrimSuffix(log, "\n"), "\n") {
		fields := record.FindStringSubmatch(line)
		if fields == nil {
			t.Fatalf("not a record: %.200q", line)
		}
		records = append(records, fields)
	}
	return records
}

func TestRotationLosesNoLine(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": "seq -f 'line %.0f' 1 20000", "logMaxBytes": 20_000, "logKeep": 200}).start()
	d.expectExit(0)
	lines := d.lines()
	for number, line := range lines {
		if line != "line "+itoa(number+1) {
			t.Fatalf("line %d is %q", number+1, line)
		}
	}
	if len(lines) != 20_000 {
		t.Errorf("%d lines of 20000", len(lines))
	}
	files, _ := filepath.Glob(d.path("log/*"))
	if len(files) < 40 {
		t.Errorf("only %d files", len(files))
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Size() > 20_000 {
			t.Errorf("%s has %d bytes, %v", file, info.Size(), err)
		}
	}
}

func TestRotationKeepsAsManyFilesAsAsked(t *testing.T) {
	for keep, want := range map[int]string{0: "web.1.log", 1: "web.1.log web.1.log.1", 3: "web.1.log web.1.log.1 web.1.log.2 web.1.log.3"} {
		t.Run(itoa(keep), func(t *testing.T) {
			t.Parallel()
			d := newDock(t, config{"command": "seq -f 'line %.0f' 1 5000", "logMaxBytes": 20_000, "logKeep": keep}).start()
			d.expectExit(0)
			var names []string
			files, err := os.ReadDir(d.path("log"))
			must(t, err)
			for _, file := range files {
				names = append(names, file.Name())
			}
			if got := strings.Join(names, " "); got != want {
				t.Errorf("the files are %s", got)
			}
			if lines := d.lines(); lines[len(lines)-1] != "line 5000" {
				t.Errorf("the last line is %q", lines[len(lines)-1])
			}
		})
	}
}

func TestTwoReleasesSharingALogLoseNoLine(t *testing.T) {
	t.Parallel()
	old := newDock(t, config{"command": `for n in $(seq 1 3000); do echo "old $n"; done`, "logMaxBytes": 10_000, "logKeep": 200})
	young := newDock(t, config{"command": `for n in $(seq 1 3000); do echo "young $n"; done`, "logMaxBytes": 10_000, "logKeep": 200, "logFile": old.config["logFile"]})
	old.start()
	young.start()
	old.expectExit(0)
	young.expectExit(0)
	count := map[string]int{}
	for _, line := range old.lines() {
		count[line]++
	}
	if len(count) != 6000 {
		t.Errorf("%d lines of 6000", len(count))
	}
	for line, times := range count {
		if times != 1 {
			t.Errorf("%q is there %d times", line, times)
		}
	}
}

func TestLogThatWasTakenAwayIsMadeAnew(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": idle + `trap 'echo after; exit' USR1; echo before; idle`}).start()
	d.awaitLine("before")
	must(t, os.Rename(d.path("log/web.1.log"), d.path("log/archived")))
	d.signal(syscall.SIGUSR1)
	d.expectExit(0)
	d.expectLines("after")
}

var lostRemark = regexp.MustCompile(`^(\d+) lines lost: no space left on device$`)

func TestFullDiskLosesLinesAndSaysHowManyWithoutHoldingUpTheApp(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": idle + `seq -f 'first %.0f' 1 20000; trap 'seq -f "second %.0f" 1 100; exit 5' USR1; echo done > "$HOME/first"; idle`})
	must(t, syscall.Mount("tmpfs", d.path("log"), "tmpfs", 0, "size=3m"))
	t.Cleanup(func() { syscall.Unmount(d.path("log"), syscall.MNT_DETACH) })
	must(t, os.WriteFile(d.path("log/filler"), make([]byte, 3<<20-128<<10), 0o644))
	d.start()
	d.await("the app wrote everything", func() bool { _, err := os.Stat(d.path("app/first")); return err == nil })
	d.await("the log was full", func() bool { return diskIsFull(d.path("log")) })
	must(t, os.Remove(d.path("log/filler")))
	d.signal(syscall.SIGUSR1)
	d.expectExit(5)
	expectLossCounted(t, d, 20_100)
}

func diskIsFull(folder string) bool {
	var status syscall.Statfs_t
	return syscall.Statfs(folder, &status) == nil && status.Bfree == 0
}

func expectLossCounted(t *testing.T, d *Dock, total int) {
	t.Helper()
	lost := 0
	for _, remark := range texts(t, d.log(), "*") {
		if fields := lostRemark.FindStringSubmatch(remark); fields != nil {
			count, err := strconv.Atoi(fields[1])
			must(t, err)
			lost += count
		}
	}
	kept := d.lines()
	t.Logf("%d lines kept, %d counted as lost", len(kept), lost)
	if lost == 0 || len(kept)+lost != total {
		t.Errorf("%d lines kept and %d counted as lost are not %d", len(kept), lost, total)
	}
	if last := kept[len(kept)-1]; last != "second 100" {
		t.Errorf("the last line is %q", last)
	}
}

// More output than the pipe holds, so that some is read before the folder is there.
func TestMissingLogFolderDoesNotHoldUpTheApp(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": idle + `seq 100000; trap 'echo back; exit 6' USR1; echo done > "$HOME/done"; idle`})
	must(t, os.Remove(d.path("log")))
	d.start()
	d.await("the app wrote everything", func() bool { _, err := os.Stat(d.path("app/done")); return err == nil })
	must(t, os.Mkdir(d.path("log"), 0o755))
	d.signal(syscall.SIGUSR1)
	d.expectExit(6)
	if lines := d.lines(); lines[len(lines)-1] != "back" {
		t.Errorf("the last line is %q", lines[len(lines)-1])
	}
	if !strings.Contains(d.remarks(), "lines lost: no such file or directory") {
		t.Errorf("the log says %q", d.remarks())
	}
}

func TestLogFileIsNoWayToAnotherFile(t *testing.T) {
	for name, put := range map[string]func(path, target string) error{
		"SymbolicLink": func(path, target string) error { return os.Symlink(target, path) },
		"Fifo":         func(path, _ string) error { return syscall.Mkfifo(path, 0o666) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDock(t, config{"command": "echo hello"})
			target := d.path("target")
			must(t, os.WriteFile(target, nil, 0o644))
			must(t, put(d.path("log/web.1.log"), target))
			d.start().expectExit(0)
			if text, err := os.ReadFile(target); err != nil || len(text) > 0 {
				t.Errorf("%q was written through it, %v", text, err)
			}
		})
	}
}

func TestMuchOutputTakesLittleMemoryAndNoMoreThreads(t *testing.T) {
	d := newDock(t, config{"logKeep": 1, "command": `
echo ready; while [ ! -e go ]; do sleep 0.02; done
for n in 1 2 3 4 5 6 7 8 9 10; do (true &); done
seq 1 3000000 & head -c 150000000 /dev/zero >&2 & wait; touch over; while :; do sleep 0.1; done`}).startAsInit()
	d.awaitLine("ready")
	pid := d.process.Process.Pid
	threads := statusOf(t, pid, "Threads")
	began := time.Now()
	must(t, os.WriteFile(d.path("app/go"), nil, 0o644))
	d.await("everything was written", func() bool { _, err := os.Stat(d.path("app/over")); return err == nil })
	t.Logf("%d threads, %d KiB at most, 170 MB of output in %v", threads, statusOf(t, pid, "VmHWM"), time.Since(began))
	if grown := statusOf(t, pid, "Threads"); grown != threads {
		t.Errorf("%d threads became %d", threads, grown)
	}
	if memoryKiB := statusOf(t, pid, "VmHWM"); memoryKiB > 12<<10 {
		t.Errorf("it took %d KiB", memoryKiB)
	}
}

func TestBuildGivesTheSameBytesAnywhere(t *testing.T) {
	t.Parallel()
	elsewhere := t.TempDir()
	for _, pattern := range []string{"*.go", "go.mod", "build.sh"} {
		files, err := filepath.Glob(pattern)
		must(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			must(t, err)
			must(t, os.WriteFile(filepath.Join(elsewhere, file), text, 0o755))
		}
	}
	rebuilt := filepath.Join(elsewhere, "ps-dock")
	build(t, filepath.Join(elsewhere, "build.sh"), rebuilt)
	first, err := os.ReadFile(binary)
	must(t, err)
	second, err := os.ReadFile(rebuilt)
	must(t, err)
	if !bytes.Equal(first, second) {
		t.Error("two builds differ")
	}
}
