package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// What bash adds to any environment.
var shellsOwn = []string{"PWD", "SHLVL", "_", "OLDPWD"}

func (d *Dock) printedEnvironment() []string {
	d.t.Helper()
	text, err := os.ReadFile(d.path("app/printed"))
	must(d.t, err)
	records := strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
	records = slices.DeleteFunc(records, func(record string) bool {
		key, _, _ := strings.Cut(record, "=")
		return slices.Contains(shellsOwn, key)
	})
	slices.Sort(records)
	return records
}

func TestEnvironmentIsExactlyTheFile(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": `env -0 > "$HOME/printed"`})
	given := []string{
		"HOME=" + d.path("app"), "PATH=/bin:/usr/bin", "PLAIN=1", "EMPTY=", "EQUALS=a=b=c",
		"NEWLINES=one\ntwo\n\nthree\n", `QUOTES='"` + "`\\", "SHELL_WORDS=$(touch /tmp/no) `id` $HOME ; & | > *",
		"SPACES=  two  ", "UNICODE=żółć 🚢", "BINARY=\xff\xfe\x01\x7f", "LARGE=" + strings.Repeat("x", 100_000),
		"GODEBUG=gctrace=1", "GOMAXPROCS=1",
	}
	d.environment(given...).start().expectExit(0)
	slices.Sort(given)
	if got := d.printedEnvironment(); !slices.Equal(got, given) {
		t.Errorf("the environment is %.3000q instead of %.3000q", got, given)
	}
}

func TestAbsentPathAndHomeHaveDefaults(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": `env -0 > printed`})
	must(t, os.WriteFile(d.path("environment"), nil, 0o600))
	d.start().expectExit(0)
	want := []string{"HOME=/app", "PATH=/usr/local/bin:/usr/bin:/bin"}
	if got := d.printedEnvironment(); !slices.Equal(got, want) {
		t.Errorf("the environment is %q instead of %q", got, want)
	}
}

func TestUnfitEnvironmentIsRefusedWithoutItsValues(t *testing.T) {
	for name, story := range map[string]struct{ record, reason string }{
		"TooLong":  {"HUGE=hunter2" + strings.Repeat("x", 131072), "HUGE takes 131084 bytes, more than the 131071 a process can be given"},
		"NoEquals": {"hunter2", "record 2 is not KEY=VALUE"},
		"NoKey":    {"=hunter2", "record 2 is not KEY=VALUE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDock(t, nil).environment("A=1", story.record).start()
			d.expectExit(126)
			if got := *d.state().Reason; !strings.HasSuffix(got, story.reason) {
				t.Errorf("the reason is %q", got)
			}
			if strings.Contains(d.log()+d.stderr.String()+*d.state().Reason, "hunter2") {
				t.Error("the value is told")
			}
		})
	}
}

func TestNoSecretIsOnACommandLine(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": `sleep 60; true`})
	d.environment("SECRET=hunter2", "HOME="+d.path("app")).start()
	d.awaitState("up")
	for _, pid := range append(descendants(d.process.Process.Pid), d.process.Process.Pid) {
		if line, _ := os.ReadFile("/proc/" + itoa(pid) + "/cmdline"); strings.Contains(string(line), "hunter2") {
			t.Errorf("process %d shows it: %q", pid, line)
		}
	}
}

func TestCommandIsNotInterpolated(t *testing.T) {
	t.Parallel()
	command := `printf '%s\n' "it's \$HOME" '$(id)' "a
b" 'back\slash' "$#"; exit 4`
	d := newDock(t, config{"command": command}).start()
	d.expectExit(4)
	d.expectLines("it's $HOME", "$(id)", "a", "b", `back\slash`, "0")
}

func TestProfilesAreSourcedInOrderBeforeTheCommand(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": `echo "$ORDER $DECLARED"; echo "not exported:$LOCAL"`})
	d.write("app/.profile.d/10-first.sh", `export ORDER="$ORDER 10($#)"; cat`)
	d.write("app/.profile.d/20-second.sh", "export ORDER=\"$ORDER 20\"; declare -x DECLARED=yes; LOCAL=1; set -- other arguments; false")
	d.write("app/.profile.d/not-a-script.txt", `export ORDER="$ORDER never"`)
	d.write("app/.profile.d/30-folder.sh/x", "")
	d.write("app/.profile", `export ORDER="$ORDER .profile"`)
	d.start().expectExit(0)
	d.expectLines(" 10(0) 20 .profile yes", "not exported:")
}

func TestProfilesSetWhatTheCommandIsFoundBy(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": "greet"})
	d.write("app/.profile.d/path.sh", `export PATH="$HOME/vendor/bin:$PATH"`)
	d.write("app/vendor/bin/greet", "#!/bin/sh\necho hello")
	must(t, os.Chmod(d.path("app/vendor/bin/greet"), 0o755))
	d.start().expectExit(0)
	d.expectLines("hello")
}
