package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestLogIsRotatedByAgeWithoutLosingALine(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": "for n in $(seq 1 250); do echo \"line $n\"; sleep 0.01; done", "logMaxAgeSeconds": 1, "logKeep": 50}).start()
	d.expectExit(0)
	lines := d.lines()
	for at, line := range lines {
		if line != "line "+itoa(at+1) {
			t.Fatalf("line %d is %q", at+1, line)
		}
	}
	files, _ := filepath.Glob(d.path("log/*"))
	if len(lines) != 250 || len(files) < 3 || len(files) > 6 {
		t.Errorf("%d lines in %d files", len(lines), len(files))
	}
}

func TestLogOfASilentAppIsRotatedByAge(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": idle + `echo first; trap 'echo second; exit' USR1; idle`, "logMaxAgeSeconds": 1}).start()
	d.awaitLine("first")
	d.await("the file was rotated", func() bool { _, err := os.Stat(d.path("log/web.1.log.1")); return err == nil })
	if strings.Contains(d.log(), "first") {
		t.Errorf("the file was not begun anew: %q", d.log())
	}
	time.Sleep(1500 * time.Millisecond)
	if _, err := os.Stat(d.path("log/web.1.log.2")); err == nil {
		t.Error("a file that nothing was written to was rotated")
	}
	d.signal(syscall.SIGUSR1)
	d.expectExit(0)
	d.expectLines("first", "second")
}

// The age of a file is that of its first record, whoever wrote it and whenever
// ps-dock was started.
func TestOldLogOfAnEarlierStartIsRotatedAtOnce(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": "echo young", "logMaxAgeSeconds": 3600})
	old := time.Now().Add(-time.Hour).UTC().Format(stampLayout) + " web.1 | old\n"
	must(t, os.WriteFile(d.path("log/web.1.log"), []byte(old), 0o640))
	d.start().expectExit(0)
	if rotated, _ := os.ReadFile(d.path("log/web.1.log.1")); string(rotated) != old {
		t.Errorf("the rotated file holds %q", rotated)
	}
	if strings.Contains(d.log(), "| old") {
		t.Error("it was not begun anew")
	}
}
