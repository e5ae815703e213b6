package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestExitStatusIsTheCommands(t *testing.T) {
	for _, story := range []struct {
		command string
		status  int
		state   string
		signal  string
	}{
		{"true", 0, "exited", ""},
		{"exit 3", 3, "crashed", ""},
		{"no-such-command", 127, "crashed", ""},
		{"kill -SEGV $$", 139, "crashed", "SIGSEGV"},
		{"kill -KILL $$", 137, "crashed", "SIGKILL"},
		{"kill -TERM $$", 143, "crashed", "SIGTERM"},
		{"kill -40 $$", 168, "crashed", "SIG40"},
	} {
		t.Run(story.command, func(t *testing.T) {
			inBothPlaces(t, func(t *testing.T, start func(*Dock) *Dock) {
				d := start(newDock(t, config{"command": story.command}))
				d.expectExit(story.status)
				d.expectEnd(story.state, story.status, story.signal)
			})
		})
	}
}

func TestSimpleCommandIsOneProcess(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": "sleep 60"}).start()
	pid := *d.awaitState("up").PID
	d.await("the shell became the command", func() bool {
		name, _ := os.ReadFile("/proc/" + itoa(pid) + "/comm")
		return string(name) == "sleep\n"
	})
	if got := descendants(d.process.Process.Pid); len(got) != 1 {
		t.Errorf("%d processes instead of one", len(got))
	}
}

func TestWhatCannotStartSaysWhy(t *testing.T) {
	for name, story := range map[string]struct {
		changes config
		reason  string
	}{
		"NoDirectory":   {config{"directory": "/no/such/folder"}, "cannot start the command in /no/such/folder as 21000:21001: no such file or directory"},
		"NoEnvironment": {config{"environmentFile": "/no/such/file"}, "open /no/such/file: no such file or directory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDock(t, story.changes).start()
			d.expectExit(126)
			d.expectEnd("crashed", 126, "")
			if got := *d.state().Reason; got != story.reason {
				t.Errorf("the reason is %q instead of %q", got, story.reason)
			}
			if !strings.Contains(d.remarks(), story.reason) || !strings.Contains(d.stderr.String(), story.reason) {
				t.Errorf("the reason is missing in the log %q or on stderr %q", d.remarks(), d.stderr.String())
			}
		})
	}
}

func TestWrongConfigurationIsRefusedInOneSentence(t *testing.T) {
	for name, story := range map[string]struct {
		changes  config
		sentence string
	}{
		"ForgedLine":   {config{"instance": "web.1 | x\n"}, `instance "web.1 | x\n" is not a name`},
		"NoCommand":    {config{"command": ""}, "command is missing"},
		"Port":         {config{"port": 65536}, "port 65536 is not between 0 and 65535"},
		"Negative":     {config{"stopGraceMs": -1}, "cannot be negative"},
		"RelativePath": {config{"directory": "app"}, `directory is not an absolute path: "app"`},
		"Type":         {config{"port": "5000"}, "cannot unmarshal string"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDock(t, story.changes).start()
			d.expectExit(78)
			if !strings.Contains(d.stderr.String(), story.sentence) || strings.Count(d.stderr.String(), "\n") != 1 {
				t.Errorf("it says %q", d.stderr.String())
			}
		})
	}
}

func TestWrongArgumentsAreRefused(t *testing.T) {
	t.Parallel()
	for _, arguments := range [][]string{{"--config"}, {"--conf", "x"}, {"x"}, {"--config", "x", "y"}} {
		output, err := exec.Command(binary, arguments...).CombinedOutput()
		if exit, isExit := err.(*exec.ExitError); !isExit || exit.ExitCode() != 64 || !bytes.Contains(output, []byte("usage: ps-dock")) {
			t.Errorf("%q: %v, %q", arguments, err, output)
		}
	}
}
