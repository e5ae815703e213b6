package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func build(t *testing.T, script, out string) {
	t.Helper()
	if output, err := exec.Command(script, out).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
}

// A root file system of its own, everything where it is in production, no
// argument: the init of a container.
func TestInitOfARootFileSystem(t *testing.T) {
	t.Parallel()
	d := newDock(t, config{
		"command": "echo \"$PWD $HOME $GREETING\"; exit 3", "directory": "/app", "user": config{"uid": 1000, "gid": 1000},
		"logFile": "/.dcdget/log/web.1.log", "stateFile": "/.dcdget/state/state.json", "environmentFile": "/.dcdget/run/environment",
	})
	d.environment("GREETING=ahoy")
	root := d.path("root")
	for _, folder := range []string{"app", "proc", "dev", ".dcdget/run", ".dcdget/log", ".dcdget/state"} {
		must(t, os.MkdirAll(filepath.Join(root, folder), 0o755))
	}
	for _, folder := range []string{"usr", "bin", "lib", "lib64"} {
		bindIfThere(t, "/"+folder, filepath.Join(root, folder))
	}
	must(t, syscall.Mknod(filepath.Join(root, "dev/null"), syscall.S_IFCHR|0o666, 1<<8|3))
	must(t, exec.Command("cp", binary, filepath.Join(root, ".dcdget/ps-dock")).Run())
	must(t, os.Rename(d.writeConfig(), filepath.Join(root, ".dcdget/run/instance.json")))
	must(t, os.Rename(d.path("environment"), filepath.Join(root, ".dcdget/run/environment")))

	command := exec.Command("/.dcdget/ps-dock")
	command.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNET}
	command.Dir = "/"
	d.run(command)
	status := d.exit()
	log, _ := os.ReadFile(filepath.Join(root, ".dcdget/log/web.1.log"))
	if status != 3 || !strings.Contains(string(log), " web.1 | /app /app ahoy\n") {
		t.Errorf("status %d, stderr %q, log %q", status, d.stderr.String(), log)
	}
	if state, _ := os.ReadFile(filepath.Join(root, ".dcdget/state/state.json")); !strings.Contains(string(state), `"state":"crashed"`) {
		t.Errorf("the state is %q", state)
	}
}

func bindIfThere(t *testing.T, from, to string) {
	t.Helper()
	if _, err := os.Stat(from); err != nil {
		return
	}
	must(t, os.MkdirAll(to, 0o755))
	must(t, syscall.Mount(from, to, "", syscall.MS_BIND|syscall.MS_REC, ""))
	t.Cleanup(func() { syscall.Unmount(to, syscall.MNT_DETACH) })
}
