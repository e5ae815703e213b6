package main

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// withoutShells starts ps-dock where these programs are no files that could be run.
func (d *Dock) withoutShells(paths ...string) *Dock {
	d.t.Helper()
	script := `for path in $HIDDEN; do mount --bind /dev/null "$(readlink -f "$path")" || exit 99; done; exec "$@"`
	command := exec.Command("/bin/sh", "-c", script, "sh", binary, "--config", d.writeConfig())
	command.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HIDDEN=" + strings.Join(paths, " ")}
	command.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	d.run(command)
	return d
}

func TestImageWithoutBashRunsItsCommandInSh(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": `echo "$0 $GREETING ${BASH_VERSION:-no bash}" $#; exit 3`})
	d.write("app/.profile.d/greeting.sh", "GREETING=ahoy\nexport GREETING\n")
	d.withoutShells("/bin/bash").expectExit(3)
	d.expectLines("/bin/sh ahoy no bash 0")
}

func TestImageWithoutAShellSaysSo(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": "true"}).withoutShells("/bin/bash", "/bin/sh")
	d.expectExit(126)
	d.expectEnd("crashed", 126, "")
	if remarks := d.remarks(); !strings.Contains(remarks, "there is no shell to run it: neither /bin/bash nor /bin/sh is there") {
		t.Errorf("the log says %q", remarks)
	}
}

func TestImageWithoutAShellTellsTheClientOfASession(t *testing.T) {
	t.Parallel()
	booth := newBooth(t)
	d := newDock(t, config{"instance": "run.1234", "instanceId": "hello.run.1234.v3.7", "command": "true", "attach": booth.attach(nil), "caFile": booth.folder + "/ca.pem"})
	d.withoutShells("/bin/bash", "/bin/sh")
	client := booth.greet("")
	client.hello(0)
	out, told, exitCode := client.rest()
	if len(out) != 0 || !strings.HasPrefix(string(told), "run.1234: cannot start the command") || exitCode != 126 {
		t.Errorf("status %d after %q and %q", exitCode, out, told)
	}
	d.expectExit(126)
}
