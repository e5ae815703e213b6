package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"
)

func (d *Dock) aside() []string {
	d.t.Helper()
	files, err := filepath.Glob(d.path("log/web.1.log.2*Z"))
	must(d.t, err)
	sort.Strings(files)
	return files
}

func TestFilesThatWaitToBeArchivedKeepTheirNamesAndEveryLine(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": "seq -f 'line %.0f' 1 20000", "logMaxBytes": 20_000, "logKeep": 1, "logBudgetBytes": 100 << 20}).start()
	d.expectExit(0)
	var lines []string
	for _, file := range append(d.aside(), d.path("log/web.1.log")) {
		text, err := os.ReadFile(file)
		must(t, err)
		lines = append(lines, texts(t, string(text), "|")...)
	}
	for number, line := range lines {
		if line != "line "+itoa(number+1) {
			t.Fatalf("line %d is %q", number+1, line)
		}
	}
	if len(lines) != 20_000 || len(d.aside()) < 40 {
		t.Errorf("%d lines of 20000 in %d files", len(lines), len(d.aside()))
	}
}

func TestOldestFilesGoUnarchivedWhenTheBudgetIsSpentAndTheLogTells(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": "seq -f 'line %.0f' 1 5000", "logMaxBytes": 20_000, "logBudgetBytes": 100_000}).start()
	d.expectExit(0)
	var bytes int64
	for _, file := range d.aside() {
		info, err := os.Stat(file)
		must(t, err)
		bytes += info.Size()
	}
	if bytes > 100_000 || bytes < 60_000 {
		t.Errorf("%d bytes wait in %d files", bytes, len(d.aside()))
	}
	if text, _ := os.ReadFile(d.path("log/web.1.log")); !strings.Contains(string(text), "* 1 old log files removed before they were archived") {
		t.Errorf("the log does not tell: %.300q", text)
	}
}

func TestClockThatWasSetBackKeepsTheOrderOfFiles(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": "seq -f 'line %.0f' 1 700", "logMaxBytes": 20_000, "logBudgetBytes": 1 << 20})
	late := "web.1.log." + time.Now().Add(time.Hour).UTC().Format(asideLayout)
	must(t, os.WriteFile(d.path("log/"+late), nil, 0o640))
	d.start().expectExit(0)
	files := d.aside()
	if len(files) < 2 || filepath.Base(files[0]) != late {
		t.Errorf("the files are %v", files)
	}
}

// The archive takes a file once it has its name; what two releases write must
// all be in it by then.
func TestNothingIsWrittenToAFileThatWasSetAside(t *testing.T) {
	t.Parallel()
	fields := config{"logMaxBytes": 4_000, "logBudgetBytes": 1 << 30}
	with := func(command string) config {
		all := config{"command": command}
		for key, value := range fields {
			all[key] = value
		}
		return all
	}
	old := newDock(t, with(`for n in $(seq 1 4000); do echo "old $n"; done`))
	fields["logFile"] = old.config["logFile"]
	young := newDock(t, with(`for n in $(seq 1 4000); do echo "young $n"; done`))
	old.start()
	young.start()
	ended := make(chan bool)
	go func() {
		old.expectExit(0)
		young.expectExit(0)
		close(ended)
	}()
	var archived strings.Builder
	count := 0
	archive := func() {
		for _, file := range old.aside() {
			text, err := os.ReadFile(file)
			must(t, err)
			archived.Write(text)
			must(t, os.Remove(file))
			count++
		}
	}
	for isOver := false; !isOver; {
		select {
		case <-ended:
			isOver = true
		default:
		}
		archive()
	}
	text, _ := os.ReadFile(old.path("log/web.1.log"))
	archived.Write(text)
	times := map[string]int{}
	for _, line := range texts(t, archived.String(), "|") {
		times[line]++
	}
	for number := 1; number <= 4000; number++ {
		for _, who := range []string{"old", "young"} {
			if line := fmt.Sprintf("%s %d", who, number); times[line] != 1 {
				t.Fatalf("%q is there %d times", line, times[line])
			}
		}
	}
	if count < 50 {
		t.Errorf("only %d files were archived", count)
	}
}
