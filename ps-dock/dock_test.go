package main

// Stories told against the real binary, as root. The rig: a folder with the
// files of one instance, the running ps-dock, and what can be read of it.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	appUID       = 21000
	appGID       = 21001
	storyWait    = 20 * time.Second
	pollInterval = 2 * time.Millisecond
)

var (
	binary string // ps-dock, built as it is released
	actor  string // this test program, where the app's user can run it
)

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "actor" {
		act(os.Args[2], os.Args[3:])
		return
	}
	os.Exit(tellStories(m))
}

func tellStories(m *testing.M) int {
	if os.Geteuid() != 0 {
		fmt.Fprintln(os.Stderr, "these stories need root: they change user, mount and make namespaces")
		return 1
	}
	folder, err := os.MkdirTemp("", "ps-dock-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	binary, actor = filepath.Join(folder, "ps-dock"), filepath.Join(folder, "actor")
	if err := prepareStories(folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func prepareStories(folder string) error {
	if err := os.Chmod(folder, 0o755); err != nil {
		return err
	}
	if output, err := exec.Command("./build.sh", binary).CombinedOutput(); err != nil {
		return fmt.Errorf("build.sh: %w\n%s", err, output)
	}
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		return err
	}
	return os.WriteFile(actor, self, 0o755)
}

type config map[string]any

// Dock is one ps-dock and the folder of its instance. The app's user may write
// in app only.
type Dock struct {
	t       *testing.T
	folder  string
	process *exec.Cmd
	stderr  bytes.Buffer
	waited  chan error
	config  config
}

// newDock prepares an instance, changed by what is given, without starting it.
func newDock(t *testing.T, changes config) *Dock {
	t.Helper()
	folder, err := os.MkdirTemp(filepath.Dir(binary), "dock-")
	must(t, err)
	d := &Dock{t: t, folder: folder, waited: make(chan error, 1)}
	for name, mode := range map[string]os.FileMode{".": 0o755, "app": 0o777, "log": 0o755, "state": 0o755} {
		must(t, os.MkdirAll(d.path(name), 0o755))
		must(t, os.Chmod(d.path(name), mode))
	}
	d.config = config{
		"instance": "web.1", "app": "hello", "release": 12, "command": "true", "directory": d.path("app"),
		"user": config{"uid": appUID, "gid": appGID}, "logFile": d.path("log/web.1.log"),
		"stateFile": d.path("state/state.json"), "environmentFile": d.path("environment"), "stopGraceMs": 5000,
	}
	maps.Copy(d.config, changes)
	d.environment("HOME=" + d.path("app"))
	return d
}

func (d *Dock) path(name string) string { return filepath.Join(d.folder, name) }

func (d *Dock) environment(records ...string) *Dock {
	d.t.Helper()
	must(d.t, os.WriteFile(d.path("environment"), []byte(strings.Join(records, "\x00")+"\x00"), 0o600))
	return d
}

func (d *Dock) writeConfig() string {
	d.t.Helper()
	text, err := json.Marshal(d.config)
	must(d.t, err)
	path := d.path("instance.json")
	must(d.t, os.WriteFile(path, text, 0o600))
	return path
}

func (d *Dock) start() *Dock {
	d.t.Helper()
	return d.run(exec.Command(binary, "--config", d.writeConfig()))
}

// startAsInit makes ps-dock PID 1 of process, mount and network namespaces of its own.
func (d *Dock) startAsInit() *Dock {
	d.t.Helper()
	command := exec.Command(actor, "actor", "contain", binary, "--config", d.writeConfig())
	command.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET}
	return d.run(command)
}

func (d *Dock) run(command *exec.Cmd) *Dock {
	d.t.Helper()
	d.process = command
	command.Stderr = &d.stderr
	command.WaitDelay = time.Second
	must(d.t, command.Start())
	go func() { d.waited <- command.Wait() }()
	d.t.Cleanup(d.end)
	return d
}

// end kills what a failed story left running.
func (d *Dock) end() {
	for _, pid := range append(descendants(d.process.Process.Pid), d.process.Process.Pid) {
		if d.process.ProcessState == nil {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

func (d *Dock) signal(signal syscall.Signal) {
	d.t.Helper()
	must(d.t, d.process.Process.Signal(signal))
}

// exit waits for the end of ps-dock and returns its status.
func (d *Dock) exit() int {
	d.t.Helper()
	select {
	case <-d.waited:
		return d.process.ProcessState.ExitCode()
	case <-time.After(storyWait):
		d.t.Fatalf("ps-dock did not end within %v; its log:\n%s", storyWait, d.log())
		return -1
	}
}

func (d *Dock) expectExit(status int) {
	d.t.Helper()
	if got := d.exit(); got != status {
		d.t.Fatalf("ps-dock ended with %d instead of %d; stderr %q, log:\n%s", got, status, d.stderr.String(), d.log())
	}
}

func (d *Dock) log() string {
	text, _ := os.ReadFile(d.config["logFile"].(string))
	return string(text)
}

// logs is the whole log in the order it was written, rotated files included.
func (d *Dock) logs() string {
	var text string
	for number := 1; ; number++ {
		part, err := os.ReadFile(fmt.Sprintf("%s.%d", d.config["logFile"], number))
		if err != nil {
			return text + d.log()
		}
		text = string(part) + text
	}
}

var record = regexp.MustCompile(`(?s)^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([^ ]+) ([|+*]) (.*)$`)

// texts returns the texts of the records with the given mark; every record must
// have the documented form.
func texts(t *testing.T, log string, mark string) []string {
	t.Helper()
	var found []string
	for _, line := range strings.SplitAfter(log, "\n") {
		if line == "" {
			continue
		}
		fields := record.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if fields == nil || !strings.HasSuffix(line, "\n") {
			t.Fatalf("not a record: %.200q", line)
		}
		if fields[3] == mark {
			found = append(found, fields[4])
		}
	}
	return found
}

func (d *Dock) lines() []string {
	d.t.Helper()
	return texts(d.t, d.logs(), "|")
}

func (d *Dock) remarks() string {
	d.t.Helper()
	return strings.Join(texts(d.t, d.logs(), "*"), "\n")
}

func (d *Dock) expectLines(want ...string) {
	d.t.Helper()
	got := d.lines()
	if strings.Join(got, "\n") != strings.Join(want, "\n") || len(got) != len(want) {
		d.t.Fatalf("the app's lines are %q instead of %q", got, want)
	}
}

// value reads what the app printed as KEY=VALUE.
func (d *Dock) value(key string) string {
	d.t.Helper()
	for _, line := range d.lines() {
		if value, isIt := strings.CutPrefix(line, key+"="); isIt {
			return value
		}
	}
	d.t.Fatalf("the app printed no %s: %q", key, d.lines())
	return ""
}

func (d *Dock) expectValue(key, want string) {
	d.t.Helper()
	if got := d.value(key); got != want {
		d.t.Errorf("%s is %q instead of %q", key, got, want)
	}
}

func (d *Dock) state() State {
	d.t.Helper()
	var state State
	text, err := os.ReadFile(d.config["stateFile"].(string))
	if err != nil {
		return state
	}
	if err := json.Unmarshal(text, &state); err != nil {
		d.t.Fatalf("the state file is not whole: %q", text)
	}
	return state
}

func (d *Dock) expectEnd(state string, exitCode int, signal string) {
	d.t.Helper()
	got := d.state()
	var gotSignal string
	if got.Signal != nil {
		gotSignal = *got.Signal
	}
	if got.State != state || got.ExitCode == nil || *got.ExitCode != exitCode || gotSignal != signal {
		d.t.Errorf("the state file says %+v instead of %s %d %q", got, state, exitCode, signal)
	}
}

func (d *Dock) await(what string, isSo func() bool) {
	d.t.Helper()
	await(d.t, what, func() bool {
		if d.process != nil && len(d.waited) > 0 && !isSo() {
			d.t.Fatalf("ps-dock ended before %s; stderr %q, log:\n%s", what, d.stderr.String(), d.log())
		}
		return isSo()
	})
}

func (d *Dock) awaitLine(line string) {
	d.t.Helper()
	d.await("the app printed "+line, func() bool { return strings.Contains(d.log(), "| "+line+"\n") })
}

func (d *Dock) awaitState(state string) State {
	d.t.Helper()
	d.await("the state was "+state, func() bool { return d.state().State == state })
	return d.state()
}

func await(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	for deadline := time.Now().Add(storyWait); !isSo(); time.Sleep(pollInterval) {
		if time.Now().After(deadline) {
			t.Fatalf("%v went by before %s", storyWait, what)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// statusOf reads one number of /proc/PID/status.
func statusOf(t *testing.T, pid int, field string) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	must(t, err)
	for _, line := range strings.Split(string(text), "\n") {
		if value, isIt := strings.CutPrefix(line, field+":"); isIt {
			number, err := strconv.Atoi(strings.Fields(value)[0])
			must(t, err)
			return number
		}
	}
	t.Fatalf("no %s in the status of %d", field, pid)
	return 0
}

// inBothPlaces tells a story of ps-dock as PID 1 and as any other process.
func inBothPlaces(t *testing.T, story func(t *testing.T, start func(*Dock) *Dock)) {
	t.Run("AsInit", func(t *testing.T) { t.Parallel(); story(t, (*Dock).startAsInit) })
	t.Run("AsSubreaper", func(t *testing.T) { t.Parallel(); story(t, (*Dock).start) })
}
