package main

import (
	"os"
	"testing"
)

func TestProgramIsRunAsItIs(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"program": []string{"printf", `%s\n`, "a  b", "$HOME;id"}, "command": "never run"})
	d.environment("PATH=/nowhere:/usr/bin:/bin").start().expectExit(0)
	d.expectLines("a  b", "$HOME;id")
}

func TestProgramWithASlashIsOfItsFolder(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"program": []string{"./greet"}})
	d.write("app/greet", "#!/bin/sh\necho hello\n")
	must(t, os.Chmod(d.path("app/greet"), 0o755))
	d.environment("PATH=").start().expectExit(0)
	d.expectLines("hello")
}

func TestProgramThatIsNotThereSaysSo(t *testing.T) {
	t.Parallel()
	for _, words := range [][]string{{"no-such-program"}, {"/no/such/program", "x"}} {
		d := newDock(t, config{"program": words}).start()
		d.expectExit(126)
		d.expectEnd("crashed", 126, "")
	}
}
