package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

const printStatus = `
while read -r key value; do echo "${key%:}=$value"; done < <(cat /proc/self/status)
echo "stdin=$(readlink /proc/$$/fd/0)"
for file in /proc/$$/fd/*; do [ -e "$file" ] && descriptors="${descriptors:+$descriptors }${file##*/}"; done
echo "descriptors=$descriptors"
echo "umask=$(umask)"
echo "directory=$(pwd)"
read -r _ _ _ _ group session _ < /proc/$$/stat
echo "ids=$$ $group $session"`

func TestCommandHasNoPrivilege(t *testing.T) {
	inBothPlaces(t, func(t *testing.T, start func(*Dock) *Dock) {
		d := start(newDock(t, config{"command": printStatus}))
		d.expectExit(0)
		d.expectValue("Uid", "21000\t21000\t21000\t21000")
		d.expectValue("Gid", "21001\t21001\t21001\t21001")
		d.expectValue("Groups", "")
		d.expectValue("NoNewPrivs", "1")
		for _, set := range []string{"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"} {
			d.expectValue(set, "0000000000000000")
		}
		d.expectValue("stdin", "/dev/null")
		d.expectValue("umask", "0022")
		d.expectValue("directory", d.path("app"))
		ids := strings.Fields(d.value("ids"))
		if ids[0] != ids[1] || ids[0] != ids[2] {
			t.Errorf("process, group and session are %v, not the same", ids)
		}
	})
}

func TestPsDockKeepsItsOwnPrivileges(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": "sleep 60"}).start()
	d.awaitState("up")
	threads, err := os.ReadDir("/proc/" + itoa(d.process.Process.Pid) + "/task")
	must(t, err)
	for _, thread := range threads {
		text, err := os.ReadFile("/proc/" + itoa(d.process.Process.Pid) + "/task/" + thread.Name() + "/status")
		must(t, err)
		if !strings.Contains(string(text), "NoNewPrivs:\t0\n") || strings.Contains(string(text), "CapBnd:\t0000000000000000\n") {
			t.Errorf("thread %s has lost its privileges", thread.Name())
		}
	}
}

func TestSetUserIDProgramGivesNothing(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": `echo "uid=$("$HOME/whoami-set-uid" -u)"`})
	id, err := exec.LookPath("id")
	must(t, err)
	text, err := os.ReadFile(id)
	must(t, err)
	must(t, os.WriteFile(d.path("app/whoami-set-uid"), text, 0o755))
	must(t, os.Chmod(d.path("app/whoami-set-uid"), 0o755|os.ModeSetuid))
	d.start().expectExit(0)
	d.expectValue("uid", "21000")
}

func TestWithoutUserItKeepsItsOwn(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": printStatus, "user": nil}).start()
	d.expectExit(0)
	d.expectValue("Uid", "0\t0\t0\t0")
	d.expectValue("NoNewPrivs", "1")
}

func TestNothingIsInherited(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": printStatus})
	secret, err := os.Open("/etc/passwd")
	must(t, err)
	defer secret.Close()
	ignoring := exec.Command("/bin/bash", "-c", `trap '' HUP INT TERM PIPE USR1 TSTP TTIN TTOU CHLD; umask 077; cd /; exec "$@" 9</etc/hosts`, "bash", binary, "--config", d.writeConfig())
	ignoring.ExtraFiles = []*os.File{secret}
	ignoring.Env = append(os.Environ(), "LEAKED=1")
	d.run(ignoring).expectExit(0)
	d.expectValue("SigIgn", "0000000000000000")
	d.expectValue("SigBlk", "0000000000000000")
	d.expectValue("umask", "0022")
	d.expectValue("descriptors", "0 1 2")
}

func TestAppCanOpenItsOwnOutput(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{"command": `echo out > /dev/stdout; sleep 0.1; echo err > /dev/stderr`}).start()
	d.expectExit(0)
	d.expectLines("out", "err")
}
